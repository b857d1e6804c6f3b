"""Rules about public repositories: that somebody means to publish, where one can, and what the gallery shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from registry import naming
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import PUBLIC_API, PUBLIC_ARCHITECTURES, PUBLIC_GUIDE, PUBLIC_OPERATING_SYSTEMS, PUBLIC_REGION
from registry.model import PublicRepository
from registry.rules.rule import Problem, RuleContext, rule
from registry.rules.size import BYTES_IN_A_STACK, LIMITS_PAGE, RESOURCES_IN_A_STACK

PUBLIC: Final = "public_repositories"
PAGE: Final = "docs/public.md"
_ENDPOINTS: Final = "https://docs.aws.amazon.com/general/latest/gr/ecr-public.html"
#: By key of the file what the gallery has a badge for.
_BADGES: Final = {"operating_systems": PUBLIC_OPERATING_SYSTEMS, "architectures": PUBLIC_ARCHITECTURES}


@rule("public-repository", "Say why a repository is published to the whole world", PAGE, Severity.WARNING)
def public_repository(declared: RuleContext) -> Iterator[Problem]:
    """Everybody sees it in the gallery and may pull it, without an account; no policy takes that away. What somebody
    has pulled they keep, whatever is deleted here.
    """
    for name in declared.root.public_repositories:
        yield Problem(
            at=(PUBLIC, name),
            message=f"everybody in the world may see {name} and pull its images, and keeps what was pulled",
            given=shown(name),
            allowed="repositories of which somebody has said that they are to be public",
            way_out="declare it under repositories, or accept this with a reason",
            key=True,
        )


@rule("public-partition", "Publish from an account of AWS's own partition", _ENDPOINTS)
def public_partition(declared: RuleContext) -> Iterator[Problem]:
    """ECR Public is in us-east-1 alone, which accounts of China, GovCloud and the isolated partitions do not reach."""
    region = declared.registry.region
    if declared.root.public_repositories and naming.partition(region) != naming.partition(PUBLIC_REGION):
        yield Problem(
            at=(PUBLIC,),
            message="there is no ECR Public in the partition of this registry",
            given=f"region: {region}, of {naming.partition(region)}",
            allowed=f"registries of the partition {naming.partition(PUBLIC_REGION)}",
            way_out="declare them in the file of an account that can reach us-east-1",
            key=True,
        )


@rule("public-badge", "Name architectures and operating systems as the gallery does", f"{PUBLIC_API}/"
      "API_RepositoryCatalogDataInput.html", Severity.WARNING)  # fmt: skip
def public_badge(declared: RuleContext) -> Iterator[Problem]:
    """The gallery shows and finds no other words; ECR Public keeps them and says nothing."""
    for name, shape in declared.root.public_repositories.items():
        for key, known in _BADGES.items():
            for index, word in enumerate(getattr(shape, key)):
                if word not in known:
                    near = next((it for it in known if _bare(it) == _bare(word)), None)
                    yield Problem(
                        at=(PUBLIC, name, key, index),
                        message=f"the gallery has no badge {word}",
                        given=shown(word),
                        allowed=listed(known),
                        way_out=f"write {near}" if near else "write one of them, or remove it",
                    )


def _bare(word: str) -> str:
    return "".join(it for it in word.lower() if it.isalnum())


@rule("public-tag-required", "Give every public repository the tags that the registry requires", f"{PUBLIC_GUIDE}/"
      "public-repository-tags.html")  # fmt: skip
def public_tag_required(declared: RuleContext) -> Iterator[Problem]:
    """Without them nobody can say who answers for what the world sees."""
    for repository in declared.registry.public_repositories:
        has = dict(repository.tags)
        missing = [key for key in dict.fromkeys(declared.root.required_tags) if key not in has]
        if missing:
            key = missing[0]
            yield Problem(
                at=(PUBLIC, repository.name),
                message=f"{repository.name} lacks resource tags that every repository must have",
                given=", ".join(has) or "no tags",
                allowed=f"repositories with the tags {', '.join(declared.root.required_tags)}",
                way_out="write owner: team-name here" if key == naming.OWNER_TAG else f"write tags: {{{key}: …}} here",
                key=True,
            )


@rule("public-owner-tag", "Write the owner of a public repository with the key owner", f"{PUBLIC_GUIDE}/"
      "public-repository-tags.html")  # fmt: skip
def public_owner_tag(declared: RuleContext) -> Iterator[Problem]:
    """With two places for one fact they can disagree, and the reviewer sees only one of them."""
    for name, shape in declared.root.public_repositories.items():
        if naming.OWNER_TAG in shape.tags:
            yield Problem(
                at=(PUBLIC, name, "tags", naming.OWNER_TAG),
                message="the resource tag owner has a key of its own",
                given=f"tags: {{{naming.OWNER_TAG}: …}}",
                allowed="owner: beside the other keys",
                way_out="write owner: team-name, and remove it from tags",
                key=True,
            )


@rule("public-stack-size", "Keep the public repositories within 500 resources and 1 MB", LIMITS_PAGE)
def public_stack_size(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation refuses a larger stack, and all of them are in one."""
    found = declared.registry.public_repositories
    size = sum(map(public_bytes, found))
    if len(found) > RESOURCES_IN_A_STACK or size > BYTES_IN_A_STACK:
        at: YamlPath = (PUBLIC,)
        yield Problem(
            at=at,
            message="the public repositories do not fit into their stack",
            given=f"{len(found)} repositories, whose texts come to about {size / 1e6:.1f} MB",
            allowed=f"at most {RESOURCES_IN_A_STACK}, in a template of at most 1 MB",
            way_out="shorten their texts, or publish from a second account with a file of its own",
            key=True,
        )


def public_bytes(repository: PublicRepository) -> int:
    """A public repository in a template, never fewer bytes than it is: keys with their indentation, and its texts."""
    shape = repository.shape
    texts = [shape.repository_description or "", shape.about_text or "", shape.usage_text or ""]
    texts += [*shape.operating_systems, *shape.architectures, *(word for tag in repository.tags for word in tag)]
    badges = len(shape.operating_systems) + len(shape.architectures)
    # A policy is an object, of which each value stands on a line of its own.
    policy = 3 * len(repository.policy or "")
    return (
        400
        + 4 * len(repository.name)
        + sum(len(json.dumps(word)) for word in texts)
        + 20 * badges
        + 60 * len(repository.tags)
        + policy
    )
