"""What neither a file nor ECR knows, and somebody has to assume: how often, how much, in a month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from registry.errors import ExitCode, RegistryError
from registry.findings import listed, shown

#: No registry has more of anything in a month.
_MOST: Final = Decimal(10**15)


class WrongAssumption(RegistryError):
    """It is no assumption: NAME=NUMBER."""

    exit_code = ExitCode.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """Numbers of a month; None where nobody says.

    `rescans` of each image that is scanned continuously; `kms_requests` of each location with KMS; `endpoint_gb`
    through the interface endpoints of each network; `restored_gb` of each location; `pushed_gb` and `pushed_images` of
    the whole registry, where they are not counted from images; `pipeline_minutes` of CodePipeline's actions and
    `build_minutes` of CodeBuild, of each pipeline.
    """

    rescans: Decimal | None = None
    kms_requests: Decimal | None = None
    endpoint_gb: Decimal | None = None
    restored_gb: Decimal | None = None
    pushed_gb: Decimal | None = None
    pushed_images: Decimal | None = None
    pipeline_minutes: Decimal | None = None
    build_minutes: Decimal | None = None


def _word(name: str) -> str:
    return name.replace("_", "-")


#: The names that people write.
NAMES: Final = {_word(field.name): field.name for field in fields(Assumed)}


def assumed(written: Iterable[str]) -> Assumed:
    """What somebody writes as NAME=NUMBER, several times.

    :raises WrongAssumption: for an unknown name, and for what is no number from 0 on.
    """
    found = Assumed()
    for text in written:
        name, _, value = text.partition("=")
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if name not in NAMES:
            raise WrongAssumption(
                f"--assume {shown(text)}: there are {listed(NAMES)}\n    way out: --assume rescans=10"
            )
        if not (number.is_finite() and 0 <= number <= _MOST):
            raise WrongAssumption(
                f"--assume {shown(text)}: this is no number from 0 to {_MOST:,}\n    way out: --assume {name}=10"
            )
        found = replace(found, **{NAMES[name]: number})
    return found
