"""What a registry has once per prefix: repository creation templates and pull-through cache rules.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import AccountRegionScopedDict, get_account_id
from ministack.services import secretsmanager

from sandbox.emulator.answers import Answer, Json, answer, body_of, refusal


@dataclass(frozen=True, kw_only=True)
class Table:
    """The entries of the registry that the current request is for, by prefix, and the calls that change them."""

    key: str
    noun: str
    exception: str
    plural: str
    asked: str
    """The member of the Describe call that names prefixes."""
    wrapped: str | None
    """The member an answer has its entry in; None where the answer is the entry."""
    refuses_missing: bool
    """Whether the Describe call refuses a prefix that is not there."""
    live: Any = field(default_factory=AccountRegionScopedDict)

    def create(self, data: Json) -> Answer:
        """A second entry of a prefix is refused."""
        prefix = data[self.key]
        if prefix in self.live:
            return refusal(
                f"{self.exception}AlreadyExistsException",
                f"A {self.noun} with the prefix '{prefix}' already exists in the registry with id '{get_account_id()}'",
            )
        now = int(time.time())
        self.live[prefix] = {**data, "createdAt": now, "updatedAt": now}
        return self._answer(prefix)

    def describe(self, data: Json) -> Answer:
        """The entries asked for, or all; in one page, whatever `maxResults` says."""
        wanted = data.get(self.asked) or self.live.keys()
        missing = [prefix for prefix in wanted if prefix not in self.live]
        if missing and self.refuses_missing:
            return self._not_found(missing[0])
        found = [self._shape(prefix) for prefix in wanted if prefix in self.live]
        return answer({self.plural: found, **({"registryId": get_account_id()} if self.wrapped else {})})

    def update(self, data: Json) -> Answer:
        """Change the members that are given, and leave the others."""
        prefix = data[self.key]
        if prefix not in self.live:
            return self._not_found(prefix)
        self.live[prefix] = {**self.live[prefix], **data, "updatedAt": int(time.time())}
        return self._answer(prefix)

    def delete(self, data: Json) -> Answer:
        """The answer is the entry that was there."""
        prefix = data[self.key]
        if prefix not in self.live:
            return self._not_found(prefix)
        deleted = self._answer(prefix)
        del self.live[prefix]
        return deleted

    def _shape(self, prefix: str) -> Json:
        entry: Json = self.live[prefix]
        return entry if self.wrapped else {**entry, "registryId": get_account_id()}

    def _answer(self, prefix: str) -> Answer:
        entry = self._shape(prefix)
        return answer({"registryId": get_account_id(), self.wrapped: entry} if self.wrapped else entry)

    def _not_found(self, prefix: str) -> Answer:
        return refusal(
            f"{self.exception}NotFoundException",
            f"The {self.noun} with the prefix '{prefix}' does not exist in the registry with id '{get_account_id()}'",
        )


# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepositoryCreationTemplate.html
# DescribeRepositoryCreationTemplates has no TemplateNotFoundException among its errors.
TEMPLATES = Table(
    key="prefix",
    noun="repository creation template",
    exception="Template",
    plural="repositoryCreationTemplates",
    asked="prefixes",
    wrapped="repositoryCreationTemplate",
    refuses_missing=False,
)
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
# Nothing is cached, and the secret of a rule is not looked for: a secret made in the emulator gets an ARN that no
# file can know beforehand.
CACHE_RULES = Table(
    key="ecrRepositoryPrefix",
    noun="pull through cache rule",
    exception="PullThroughCacheRule",
    plural="pullThroughCacheRules",
    asked="ecrRepositoryPrefixes",
    wrapped=None,
    refuses_missing=True,
)
ALL = (TEMPLATES, CACHE_RULES)
#: The user of a secret that registry.yaml has made, until somebody stores another one.
NOT_STORED = "not-stored-yet"


def validate_pull_through_cache_rule(data: Json) -> Answer:
    """Whether the secret of a rule has both keys and a user; nobody is asked upstream.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ValidatePullThroughCacheRule.html
    """
    found = CACHE_RULES.describe({"ecrRepositoryPrefixes": [data["ecrRepositoryPrefix"]]})
    if found[0] != 200:
        return found
    (rule,) = body_of(found)["pullThroughCacheRules"]
    said = {key: value for key, value in rule.items() if key not in ("createdAt", "updatedAt", "upstreamRegistry")}
    failure = _failure(rule.get("credentialArn"))
    return answer({**said, "isValid": not failure, **({"failure": failure} if failure else {})})


def _failure(secret: str | None) -> str:
    if secret is None:
        return ""
    text = secretsmanager.resolve_secret_string(secret)
    try:
        stored = json.loads(text or "{}")
    except ValueError:
        stored = None
    if not isinstance(stored, dict) or not {"username", "accessToken"} <= stored.keys():
        return "The secret does not have the keys username and accessToken."
    return "" if stored["username"] != NOT_STORED else "The authentication to the upstream registry failed."
