"""What `ecrctl access --prove` shows: what AWS says of every policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ops.terminal import print_table, say, warn
from registry.findings import listed
from registry.plan.access_proof import Answer, Check, summary

_SHOWN: Final = 3
#: What it means that AWS says no.
_MEANS: Final = {
    Check.VALID: "is not as IAM wants it, or lets in more than it seems",
    Check.ADMINISTERS: "lets somebody write policies or delete repositories",
    Check.SHOWN: "allows more than `ecrctl access` shows: report it",
    Check.PUBLIC: "lets anybody in the world take the role",
}


def print_proof(answers: Sequence[Answer]) -> None:
    """Everything that is not as it should be, then what AWS advises, then how many policies are fine."""
    rows = [
        [listed(each.question.about, _SHOWN), _MEANS[each.question.check], "; ".join(each.said)]
        for each in answers
        if not each.fine
    ]
    if rows:
        print_table(["policy", "AWS says that it", "where"], rows)
    for each in answers:
        if each.fine and each.said:
            warn(f"{listed(each.question.about, _SHOWN)}: {'; '.join(each.said)}")
    say(f"AWS proves of every policy, {', '.join(f'{word} {number:,}' for word, number in summary(answers).items())}")


def proof_as_dict(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "check": str(each.question.check),
            "policies": list(each.question.about),
            "fine": each.fine,
            "said": list(each.said),
        }
        for each in answers
    ]
