"""Signatures and what a lifecycle may do to them (docs/decisions/0045-lifecycles-read-again.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from registry.findings import Severity, listed
from registry.limits import IMAGES
from registry.model import LifecyclePolicy
from registry.patterns import covers
from registry.rules.rule import Problem, RuleContext, rule


@rule(
    "signing-lifecycle",
    "Check that no lifecycle takes the signature of an image that stays",
    "https://github.com/aws/containers-roadmap/issues/2613",
    Severity.WARNING,
)
def signing_lifecycle(declared: RuleContext) -> Iterator[Problem]:
    """Signatures are untagged images. If a rule takes them, images that still run cannot be verified any more."""
    # AWS says that a signature is deleted with its subject, and does not say that it is kept with it.
    taken: dict[str, list[str]] = {}
    for repository in declared.registry.repositories if declared.root.signing else ():
        if repository.lifecycle and _signed(declared, repository.name) and _takes_untagged(repository.lifecycle):
            taken.setdefault(repository.lifecycle.name, []).append(repository.name)
    if taken:
        first = next(iter(taken.values()))[0]
        yield Problem(
            at=("signing",),
            message="signatures are untagged images, and a lifecycle here removes untagged images: AWS does not say "
            "that it keeps the signature of an image that stays",
            given="; ".join(f"{name} of {listed(names, 3)}" for name, names in taken.items()),
            allowed="lifecycles that leave untagged images, or a preview by AWS that removes no signature",
            way_out=f"look at `ecrctl lifecycle preview {first}`, then accept this warning with its result, "
            "or remove the sentence about untagged images",
            key=True,
        )


def _signed(declared: RuleContext, name: str) -> bool:
    """Whether images of a repository are signed."""
    return any(
        signing.repository_filters is None or any(covers(wide, name) for wide in signing.repository_filters)
        for signing in declared.root.signing
    )


def _takes_untagged(policy: LifecyclePolicy) -> bool:
    """Whether a rule of a policy may act on images without a tag that can be pulled."""
    for each in json.loads(policy.text)["rules"]:
        selection = each["selection"]
        harmless = selection["countType"] == "imageCountMoreThan" and selection["countNumber"] >= IMAGES
        if (
            selection["tagStatus"] != "tagged"
            and selection.get("storageClass", "standard") == "standard"
            and not harmless
        ):
            return True
    return False
