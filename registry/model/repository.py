"""What a repository is: tags, encryption, lifecycle, policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from registry import naming
from registry.findings import YamlPath
from registry.locations import Location, value_at
from registry.model.access import Grant
from registry.patterns import covers

TagMutability = Literal["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Encryption at rest. `keys` maps `ACCOUNT/REGION` or a region to a key, `*` to the key of all others."""

    encryption_type: Literal["AES256", "KMS", "KMS_DSSE"]
    keys: Mapping[str, str]

    def key_in(self, location: Location) -> str | None:
        """Alias, id or ARN of the key in a location; None is AES256 or the key AWS manages."""
        return value_at(self.keys, location)

    def key_arn_in(self, location: Location) -> str | None:
        """ARN of the key in a location, which a creation template needs; None where only its alias is known."""
        key = self.key_in(location)
        if key is None or "alias/" in key:
            return None
        return key if key.startswith("arn:") else naming.key_arn(location, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """A lifecycle by its name in the file, and the policy text ECR gets (JSON, rules by priority)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository, the same in each of its locations.

    `tags_must_match` are patterns of the tags that are allowed; without one, every tag is.
    `scan_on_push` is ECR's flag, beside which the registry's scanning rules decide. `policies` maps `ACCOUNT/REGION` to
    its policy document (JSON), `*` to that of all others. Their first statements are those that are written, at
    `written_at`; `opened_because` is why they may let in everybody, where that is accepted.
    """

    name: str
    image_tag_mutability: TagMutability
    exclusion_filters: tuple[str, ...]
    tags_must_match: tuple[str, ...]
    encryption: Encryption
    lifecycle: LifecyclePolicy | None
    scan_on_push: bool
    empty_on_delete: bool
    tags: tuple[tuple[str, str], ...]
    policies: Mapping[str, str]
    written_at: tuple[YamlPath, ...]
    opened_because: str | None
    grants: tuple[Grant, ...]

    def policy_in(self, location: Location) -> str | None:
        """Its policy document in a location (JSON); None where nothing is allowed beyond IAM."""
        return self.policies.get(str(location), self.policies.get("*"))

    def allows(self, tag: str) -> bool:
        """Whether an image may have a tag. ECR does not ask: whoever pushes, promotes or watches does."""
        return not self.tags_must_match or any(covers(pattern, tag) for pattern in self.tags_must_match)

    def may_move(self, tag: str) -> bool:
        """Whether a tag of that name may move from one image to another."""
        return may_move(self.image_tag_mutability, self.exclusion_filters, tag)

    @property
    def owner(self) -> str | None:
        """The team it belongs to, which is a resource tag; None where the file names none."""
        return dict(self.tags).get(naming.OWNER_TAG)

    @property
    def namespace(self) -> str:
        """The part of the name before the first `/`, or `_`."""
        return naming.namespace_of(self.name)


def may_move(mutability: str, exclusion_filters: Iterable[str], tag: str) -> bool:
    """Whether ECR lets a tag of that name move from one image to another; an exclusion filter turns it round.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    """
    excluded = mutability.endswith("_WITH_EXCLUSION") and any(covers(pattern, tag) for pattern in exclusion_filters)
    return mutability.startswith("IMMUTABLE") == excluded
