"""What is published to the world."""

from __future__ import annotations

from dataclasses import dataclass

from registry.findings import YamlPath
from registry.model.access import Principal
from registry.shape import PublicRepositoryShape


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRepository:
    """A repository of ECR Public. `shape` has its texts; `tags` are those of the shape and its owner.

    `pushers` may push, each with the place that says so. `policy` is what lets in those of other accounts (JSON).
    """

    name: str
    shape: PublicRepositoryShape
    tags: tuple[tuple[str, str], ...]
    pushers: tuple[tuple[Principal, YamlPath], ...]
    policy: str | None
