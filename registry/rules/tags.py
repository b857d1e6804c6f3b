"""Rules about resource tags."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import ECR_API, TAGS
from registry.naming import OWNER_TAG, STACK_TAG
from registry.rules.rule import Problem, RuleContext, rule

TAG_PAGE = f"{ECR_API}/API_Tag.html"


@rule("tag-count", "Write at most 49 resource tags for a repository", f"{ECR_API}/API_TagResource.html")
def tag_count(declared: RuleContext) -> Iterator[Problem]:
    """ECR takes 50, and CloudFormation adds one to each resource of a stack."""
    own = TAGS - 1  # CloudFormation adds the stack's
    for repository in declared.registry.repositories:
        if len(repository.tags) > own:
            yield Problem(
                at=declared.written.entries[repository.name].place,
                message=f"{repository.name} has too many resource tags",
                given=f"{len(repository.tags)} tags, those of its namespace and of the defaults included",
                allowed=f"at most {own}, and {STACK_TAG}, which every stack adds",
                way_out="remove some from the layer that has most",
                key=True,
            )


@rule("tag-required", "Give every repository the tags that the registry requires", TAG_PAGE)
def tag_required(declared: RuleContext) -> Iterator[Problem]:
    """Without them nobody can say who answers for a repository or pays for it."""
    required = dict.fromkeys(declared.root.required_tags)
    for repository in declared.registry.repositories if required else ():
        has = dict(repository.tags)
        missing = [key for key in required if key not in has]
        if missing:
            wanted = missing[0]
            yield Problem(
                at=declared.written.entries[repository.name].place,
                message=f"{repository.name} lacks resource tags that every repository must have",
                given=", ".join(has) or "no tags",
                allowed=f"repositories with the tags {', '.join(required)}",
                way_out=f"write {f'{OWNER_TAG}: team-name' if wanted == OWNER_TAG else f'tags: {{{wanted}: …}}'} "
                "here, in its namespace or in the defaults",
                key=True,
            )


@rule("owner-tag", "Write the owner with the key owner, not as a tag", TAG_PAGE)
def owner_tag(declared: RuleContext) -> Iterator[Problem]:
    """With two places for one fact they can disagree, and the reviewer sees only one of them."""
    for at, settings in declared.written.every_layer():
        if settings.tags and OWNER_TAG in settings.tags:
            yield Problem(
                at=(*at, "tags", OWNER_TAG),
                message="the resource tag owner has a key of its own",
                given=f"tags: {{{OWNER_TAG}: …}}",
                allowed="owner, beside tags",
                way_out=f"write owner: {shown(settings.tags[OWNER_TAG])} beside tags, and remove it here",
                key=True,
            )
