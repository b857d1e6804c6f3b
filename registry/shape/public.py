"""Public repositories: what everybody in the world can see and pull, and who may push it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field, StrictStr

from registry.findings import shown
from registry.limits import (
    PUBLIC_API,
    PUBLIC_BADGE_LENGTH,
    PUBLIC_BADGES,
    PUBLIC_DESCRIPTION_LENGTH,
    PUBLIC_NAME,
    PUBLIC_NAME_LENGTH,
    PUBLIC_TEXT_LENGTH,
    TAGS,
)
from registry.shape.base import NotNull, Shape, optional
from registry.shape.forms import Form, Limit, Refusal, text
from registry.shape.settings import Owner, TagKey, TagValue, tag_count

_SUBJECT: Final = "Public repositories"
_CATALOG: Final = f"{PUBLIC_API}/API_RepositoryCatalogDataInput.html"

PublicName = Annotated[
    StrictStr,
    text(
        Limit(
            "public-name",
            f"{PUBLIC_API}/API_CreateRepository.html",
            "Name a public repository in lower case, in at most 205 characters",
            "ECR Public takes shorter names than ECR, and no __ or -- in them. CloudFormation finds out in a deploy.",
            subject=_SUBJECT,
        ),
        PUBLIC_NAME,
        "ECR Public does not accept this repository name",
        f"{PUBLIC_NAME_LENGTH[0]} to {PUBLIC_NAME_LENGTH[1]} characters: lower-case words joined by single . _ or -, "
        "with / between them",
        "choose another name",
        lengths=PUBLIC_NAME_LENGTH,
    ),
]
_LENGTH: Final = Limit(
    "public-text",
    _CATALOG,
    f"Describe a public repository in {PUBLIC_DESCRIPTION_LENGTH:,} characters, and in texts of {PUBLIC_TEXT_LENGTH:,}",
    "CloudFormation refuses a longer text, also where ECR Public's own API would take it.",
    subject=_SUBJECT,
)


def _at_most(longest: int) -> Form:
    def refuse(words: str) -> Refusal | None:
        if len(words) <= longest:
            return None
        given, allowed = f"{len(words):,} characters", f"at most {longest:,}"
        return Refusal("this text is too long for the gallery", given, allowed, "shorten it, and link to the rest")

    return Form(_LENGTH, refuse, {"maxLength": longest})


def _refuse_badges(words: Sequence[str]) -> Refusal | None:
    shortest, longest = PUBLIC_BADGE_LENGTH
    wrong = [word for word in words if not shortest <= len(word) <= longest]
    if not wrong and len(words) <= PUBLIC_BADGES and len(words) == len(set(words)):
        return None
    return Refusal(
        "ECR Public does not accept this list",
        shown(wrong[0]) if wrong else f"{len(words)} entries",
        f"at most {PUBLIC_BADGES}, each once, of {shortest} to {longest} characters",
        "remove what is repeated or too long",
    )


Badges = Annotated[
    tuple[StrictStr, ...],
    Form(
        Limit(
            "public-badges",
            _CATALOG,
            "List architectures and operating systems once each, in 1 to 50 characters",
            "CloudFormation refuses a longer list, an empty word, and a word that stands there twice.",
            subject=_SUBJECT,
        ),
        _refuse_badges,
        {"maxItems": PUBLIC_BADGES, "uniqueItems": True},
        key=True,
    ),
]


class PublicRepositoryShape(Shape):
    """A repository of ECR Public: everybody may pull it, without an account, for as long as it exists."""

    repository_description: Annotated[StrictStr | None, _at_most(PUBLIC_DESCRIPTION_LENGTH), NotNull] = optional(
        "What it is, in a line: beside its name in the gallery.", examples=["The base image of our services."]
    )
    about_text: Annotated[StrictStr | None, _at_most(PUBLIC_TEXT_LENGTH), NotNull] = optional(
        "What is in it, licences included; Markdown.", examples=["Alpine with our certificates."]
    )
    usage_text: Annotated[StrictStr | None, _at_most(PUBLIC_TEXT_LENGTH), NotNull] = optional(
        "How to use it; Markdown.", examples=["`docker pull public.ecr.aws/acme/base`"]
    )
    operating_systems: Annotated[Badges, NotNull] = optional(
        "Badges by which the gallery is searched: Linux, Windows.", (), examples=[["Linux"]]
    )
    architectures: Annotated[Badges, NotNull] = optional(
        "Badges by which the gallery is searched: ARM, ARM 64, x86, x86-64.", (), examples=[["x86-64", "ARM 64"]]
    )
    owner: Annotated[Owner | None, NotNull] = optional(
        "The team that is responsible: the resource tag `owner`.", examples=["team-web"]
    )
    tags: Annotated[dict[TagKey, TagValue], tag_count(TAGS - 1), NotNull] = optional(
        "Resource tags.", {}, examples=[{"cost-center": "42"}]
    )
    push: Annotated[tuple[StrictStr, ...], NotNull] = Field(
        default=(),
        description="Principals that may push, each one role. Everybody may pull.",
        examples=[["web-main"]],
    )
