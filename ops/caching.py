"""Whether pull-through cache rules work: ECR reads the secret, and logs in upstream.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-working-validating.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from registry.access.cache_role import role_of_cache, upstream_of
from registry.locations import Location, value_at
from registry.model import Registry
from registry.shape import PullThroughCacheRuleShape

COLUMNS: Final = ("prefix", "where", "upstream", "works", "why not")
#: How ECR says that there is nothing to validate; its page speaks of upstreams with a login only.
_NOTHING_TO_ASK: Final = frozenset({"InvalidParameterException", "ValidationException"})
_NOT_THERE: Final = "PullThroughCacheRuleNotFoundException"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """A rule at a location, and what ECR says of it; `works` is None where ECR validates no such rule."""

    prefix: str
    at: Location
    upstream: str
    works: bool | None
    reason: str = ""
    way_out: str = ""

    def as_dict(self, home: Location) -> dict[str, Any]:
        """The same for programs."""
        return {
            "prefix": self.prefix,
            "location": self.at.beside(home),
            "upstream": self.upstream,
            "works": self.works,
            "reason": self.reason or None,
            "wayOut": self.way_out or None,
        }

    def row(self, home: Location) -> list[str]:
        """The same as cells of COLUMNS."""
        word = {True: "yes", False: "no", None: "not validated"}[self.works]
        return [self.prefix, self.at.beside(home), self.upstream, word, self.reason]


def validated(registry: Registry) -> list[Validated]:
    """Every rule of the account of the credentials, asked at each of its locations."""
    asked = [
        (at, prefix, rule) for at in cloud.own_locations(registry) for prefix, rule in registry.caches_in(at).items()
    ]
    clients = {at: cloud.ecr(at.region) for at, _, _ in asked}
    return map_parallel(asked, lambda it: _validated(registry, clients[it[0]], *it), "asking ECR")


def _validated(
    registry: Registry, client: Any, at: Location, prefix: str, rule: PullThroughCacheRuleShape
) -> Validated:
    def said(works: bool | None, reason: str = "", way_out: str = "") -> Validated:
        return Validated(prefix=prefix, at=at, upstream=rule.host, works=works, reason=reason, way_out=way_out)

    login = bool(rule.secret or value_at(rule.credential_arn, at) or role_of_cache(registry, rule, at))
    try:
        answer = client.validate_pull_through_cache_rule(ecrRepositoryPrefix=prefix)
    except ClientError as problem:
        code = problem.response.get("Error", {}).get("Code", "")
        if code == _NOT_THERE:
            return said(False, "the rule is not deployed", "deploy the file, with `make deploy`")
        if code in _NOTHING_TO_ASK and not login:
            return said(None, "ECR validates rules with a login")
        raise
    if answer["isValid"]:
        return said(True)
    return said(False, answer.get("failure") or "ECR gives no reason", _way_out(registry, rule, at))


def _way_out(registry: Registry, rule: PullThroughCacheRuleShape, at: Location) -> str:
    """What to do where a rule that is deployed does not work.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
    """
    upstream = upstream_of(rule)
    if upstream is not None:
        return (
            f"`ecrctl access --for-account {upstream.account}` prints what that account has to allow"
            if upstream.account != at.account
            else f"look whether {upstream} has the repositories"
        )
    secret = rule.secret or value_at(rule.credential_arn, at)
    if secret is None:
        return f"look whether {rule.host} can be reached"
    return (
        'write {"username": "NAME", "accessToken": "TOKEN"} into credential.json, and store it with '
        f"`aws secretsmanager put-secret-value --region {at.region} --secret-id {secret} "
        "--secret-string file://credential.json`; delete that file, and run this again. "
        + ("" if rule.secret else "The secret must be encrypted with aws/secretsmanager. ")
        + "No deploy is needed"
    )
