"""Creation templates: which repositories ECR creates by itself, and what else of them is not that of repositories."""

from __future__ import annotations

from collections.abc import Iterator

from registry.limits import ECR_GUIDE
from registry.model import CreationTemplate
from registry.patterns import names_below
from registry.plan.change import Change, Risk, comparison, kinds_about
from registry.plan.sides import Sides

_LINK = f"{ECR_GUIDE}/repository-creation-templates.html"
_ON_PUSH = "CREATE_ON_PUSH"
kind = kinds_about("Creation templates")
ON_PUSH = kind(
    "template-on-push",
    Risk.OPENS,
    "A push to a name that no file declares creates a repository",
    "Users report that any caller can then create empty repositories, of other accounts, too.",
    "https://github.com/aws/containers-roadmap/issues/853",
)
ADDED = kind(
    "template-added",
    Risk.SAFE,
    "Repositories to come get settings of a template",
    "It touches none that exists. Whom it lets in is told apart.",
    _LINK,
)
REMOVED = kind(
    "template-removed",
    Risk.BREAKS,
    "Repositories to come no longer get the settings of a template",
    "ECR creates them with its own defaults, mutable and without lifecycle; what a push created is refused.",
    _LINK,
)
ROLE = kind(
    "template-role",
    Risk.BREAKS,
    "ECR creates repositories in another role",
    "A role that may not create, tag or encrypt what the template says makes the first pull or push fail.",
    _LINK,
)
TEXT = kind("template-text", Risk.SAFE, "The description of a template changes", "People read it, ECR does not.")


@comparison
def templates(sides: Sides) -> Iterator[Change]:
    """Those that the file declares; the ones of replicas follow from their namespaces."""
    old, new = ({it.prefix: it for it in side.registry.creation_templates if side.registry.manages_registry}
                for side in sides.both)  # fmt: skip
    for prefix in sorted({*old, *new}):
        was, becomes = old.get(prefix), new.get(prefix)
        if was != becomes:
            yield from _changed(sides, prefix, was, becomes)


def _changed(
    sides: Sides, prefix: str, was: CreationTemplate | None, becomes: CreationTemplate | None
) -> Iterator[Change]:
    before, after = (set(it.applied_for) if it else set() for it in (was, becomes))
    place = ("creation_templates", prefix)
    found = []
    if _ON_PUSH in after - before:
        found.append((ON_PUSH, "a push creates repositories here", "applied_for"))
    if after - before - {_ON_PUSH}:
        found.append((ADDED, "repositories to come get its settings", "applied_for"))
    if before - after:
        found.append((REMOVED, "repositories to come no longer get its settings", "applied_for"))
    if was and becomes and was.custom_role_arn != becomes.custom_role_arn:
        found.append((ROLE, "are created in another role", "custom_role_arn"))
    if was and becomes and was.description != becomes.description:
        found.append((TEXT, "its description changes", "description"))
    parts = frozenset(part for side in sides.both for part in side.parts_of_template(prefix))
    for of, message, key in found:
        where, gone = sides.at((*place, key), place)
        values = {
            "applied_for": tuple(", ".join(sorted(it)) or "none" for it in (before, after)),
            "custom_role_arn": tuple((it.custom_role_arn if it else None) or "none" for it in (was, becomes)),
            "description": tuple((it.description if it else None) or "none" for it in (was, becomes)),
        }[key]
        yield Change(
            kind=of,
            subjects=(f"{names_below(prefix)} (creation template)",),
            message=message,
            before=values[0],
            after=values[1],
            where=where,
            gone=gone,
            concerns=sides.people(names_below(prefix)),
            explains=parts,
        )
