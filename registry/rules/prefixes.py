"""What prefixes of creation templates and of pull-through cache rules have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.findings import shown
from registry.limits import REPOSITORY_PREFIX, ROOT_PREFIX
from registry.rules.rule import Problem


def prefix_problems(key: str, prefixes: Iterable[str], lengths: tuple[int, int]) -> Iterator[Problem]:
    """The prefixes under a key of the root file that ECR does not accept, or not in this way of writing."""
    shortest, longest = lengths
    for prefix in prefixes:
        if prefix == ROOT_PREFIX or (REPOSITORY_PREFIX.fullmatch(prefix) and shortest <= len(prefix) <= longest):
            continue
        bare = prefix.strip("/").lower()
        legal = REPOSITORY_PREFIX.fullmatch(bare) and shortest <= len(bare) <= longest and bare != prefix
        if prefix.upper() == ROOT_PREFIX:
            bare, legal = ROOT_PREFIX, True
        yield Problem(
            at=(key, prefix),
            message="ECR adds the / after a prefix itself"
            if legal and bare == prefix.removesuffix("/")
            else "ECR does not accept this prefix of repository names",
            given=shown(prefix),
            allowed=f"{shortest} to {longest} characters: lower-case words joined by . _ __ or hyphens, with / between "
            f"them; or {ROOT_PREFIX}, for every name",
            way_out=f"write {bare}" if legal else "choose another prefix",
            key=True,
        )
