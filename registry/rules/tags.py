"""Rules about resource tags."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import ECR_API, TAG_CHARACTERS, TAG_KEY_LENGTH, TAG_VALUE_LENGTH, TAGS
from registry.naming import OWNER_TAG, STACK_TAG
from registry.rules.rule import Problem, RuleContext, rule

TAG_PAGE = f"{ECR_API}/API_Tag.html"


@rule("tag", "Write resource tags that AWS accepts", TAG_PAGE)
def tag(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses the repository otherwise, and keys that begin with aws: belong to AWS."""
    shortest, longest = TAG_VALUE_LENGTH
    for at, settings in declared.written.with_settings():
        for key, value in (settings.tags or {}).items():
            place = (*at, "tags", key)
            if key.lower().startswith("aws:") or key == STACK_TAG:
                yield Problem(
                    at=place,
                    message=f"the tag key {key} is reserved",
                    given=shown(key),
                    allowed=f"keys other than aws:… and {STACK_TAG}",
                    way_out="choose another key",
                    key=True,
                )
            elif not 1 <= len(key) <= TAG_KEY_LENGTH or not TAG_CHARACTERS.fullmatch(key):
                yield Problem(
                    at=place,
                    message="AWS does not accept this tag key",
                    given=shown(key),
                    allowed=f"1 to {TAG_KEY_LENGTH} letters, digits, spaces and . : / = + - @ _",
                    way_out="shorten it, or replace the other characters",
                    key=True,
                )
            elif not shortest <= len(value) <= longest or not TAG_CHARACTERS.fullmatch(value):
                yield Problem(
                    at=place,
                    message=f"AWS does not accept this value of the tag {key}",
                    given=shown(value),
                    allowed=f"{shortest} to {longest} letters, digits, spaces and . : / = + - @ _",
                    way_out="shorten it, or replace the other characters",
                )


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
    for template in declared.registry.creation_templates:
        if len(template.tags) > TAGS:
            yield Problem(
                at=("creation_templates", template.prefix, "tags"),
                message="a creation template has too many resource tags",
                given=f"{len(template.tags)} tags",
                allowed=f"at most {TAGS}",
                way_out="remove some",
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
        if settings.owner is not None and not (
            TAG_VALUE_LENGTH[0] <= len(settings.owner) <= TAG_VALUE_LENGTH[1]
            and TAG_CHARACTERS.fullmatch(settings.owner)
        ):
            yield Problem(
                at=(*at, "owner"),
                message="AWS does not accept this value of the tag owner",
                given=shown(settings.owner),
                allowed=f"{TAG_VALUE_LENGTH[0]} to {TAG_VALUE_LENGTH[1]} letters, digits, spaces and . : / = + - @ _",
                way_out="write a team's name or address",
            )
