"""What `ecrctl plan` shows: text, JSON, Markdown, SARIF, and annotations of a pull request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from ops.output.annotations import annotation
from ops.output.sarif import sarif_log
from ops.plan.pull_request import Told
from ops.plan.run import Planned
from ops.report.facts import PlanRow
from ops.terminal import Colour, count, markdown, print_ci_command, say
from registry.plan.change import Change, Risk

_COLOURS: Final[dict[Risk, Colour]] = {Risk.DESTROYS: "red", Risk.OPENS: "red", Risk.BREAKS: "yellow"}
#: https://docs.oasis-open.org/sarif/sarif/v2.1.0/: level
_LEVELS: Final = {Risk.DESTROYS: "error", Risk.OPENS: "error", Risk.BREAKS: "warning", Risk.COSTS: "note"}
_ANNOTATED: Final = {Risk.DESTROYS: "error", Risk.OPENS: "error", Risk.BREAKS: "warning"}
_HEADER: Final = ("risk", "where", "about", "change", "before", "after", "bill", "concerns", "rule")


def print_plan(found: Planned) -> None:
    """Show the changes, the worst first, and a closing line that counts them."""
    for it in found.changes:
        where = f"{_where(it, found)}: " if it.where else ""
        say(f"{where}{it.risk}: {it.about}: {it.message} [{it.kind.id}]", colour=_COLOURS.get(it.risk))
        for label, text in _labelled(it):
            if text:
                say(f"    {label + ':':<10}{text}")
    say(summary(found))
    if found.changes:
        say("`ecrctl rule ID` says why; the ID is the word in [brackets]")


def summary(found: Planned) -> str:
    """How many changes there are, by their risk."""
    numbers = [(sum(it.risk is risk for it in found.changes), risk) for risk in Risk]
    said = ", ".join(f"{number:,} {risk}" for number, risk in numbers if number)
    said = f"{count(len(found.changes), 'change')}: {said}" if found.changes else "nothing changes"
    return f"from {found.old} to {found.new}: {said}"


def _where(change: Change, found: Planned) -> str:
    return f"{change.where}{f' in {found.old}' if change.gone else ''}" if change.where else ""


def report(found: Planned) -> dict[str, Any]:
    """The same for programs."""
    return {
        "old": found.old,
        "new": found.new,
        "counts": {str(risk): sum(it.risk is risk for it in found.changes) for risk in Risk},
        "changes": [it.as_dict() for it in found.changes],
    }


def table(found: Planned) -> tuple[Sequence[str], list[list[Any]]]:
    """The same as columns and rows."""
    rows = [
        [
            str(it.risk),
            _where(it, found),
            it.about,
            it.message,
            it.before,
            it.after,
            [*map(str, it.bill)],
            it.concerns,
            it.kind.id,
        ]
        for it in found.changes
    ]
    return _HEADER, rows


def markdown_text(found: Planned) -> str:
    """The table with a heading, for a comment or a summary."""
    heading = f"### {summary(found).partition(': ')[2].capitalize()}"
    return f"{heading}\n\n{markdown(*table(found))}\n" if found.changes else f"{heading}\n"


def page_rows(found: Planned) -> list[PlanRow]:
    """The same for the page of `ecrctl report`."""
    return [
        PlanRow(
            risk=str(it.risk),
            title=it.message,
            subject=it.about,
            line=_where(it, found),
            before=it.before,
            after="; ".join(filter(None, (it.after, *map(str, it.bill)))),
        )
        for it in found.changes
    ]


def told(found: Planned, file: str) -> Told:
    """What a pull request is told: what is destroyed has to be approved as it is, to the letter."""
    return Told(
        file=file,
        risks={str(it.risk) for it in found.changes},
        destroying=[
            "\n".join((it.kind.id, *it.subjects, it.message, it.before, it.after))
            for it in found.changes
            if it.risk is Risk.DESTROYS
        ],
        text=markdown_text(found),
    )


def sarif(found: Planned) -> dict[str, Any]:
    """The same in SARIF; what a deploy does safely is no finding there."""
    told = [it for it in found.changes if it.risk in _LEVELS]
    kinds = {it.kind.id: it.kind for it in told}
    rules = [
        {
            "id": it.id,
            "shortDescription": {"text": it.title},
            "fullDescription": {"text": it.why},
            "properties": {"tags": [str(it.risk)]},
        }
        | ({"helpUri": it.link} if it.link.startswith("https:") else {})
        for it in kinds.values()
    ]
    return sarif_log(rules, [_result(it) for it in told])


def _result(it: Change) -> dict[str, Any]:
    same = "\0".join((it.kind.id, *it.subjects, it.message, it.before, it.after))
    said: dict[str, Any] = {
        "ruleId": it.kind.id,
        "level": _LEVELS[it.risk],
        "message": {"text": "\n".join(_lines(it))},
        "partialFingerprints": {"change/v1": hashlib.sha256(same.encode(errors="replace")).hexdigest()},
    }
    if it.where:
        region = {"startLine": it.where.line, "startColumn": it.where.column}
        place = {"artifactLocation": {"uri": quote(it.where.file)}, "region": region}
        said["locations"] = [{"physicalLocation": place}]
    return said


def _lines(it: Change) -> list[str]:
    lines = [f"{it.risk}: {it.about}: {it.message}"]
    return lines + [f"{label}: {text}" for label, text in _labelled(it) if text]


def _labelled(it: Change) -> tuple[tuple[str, str], ...]:
    bill = "; ".join(map(str, it.bill))
    return ("before", it.before), ("after", it.after), ("bill", bill), ("concerns", ", ".join(it.concerns))


def print_annotations(found: Planned) -> None:
    """A line for each change, which GitHub Actions shows beside the line of the file."""
    for it in found.changes:
        print_ci_command(annotation(_ANNOTATED.get(it.risk, "notice"), it.where, it.kind.id, _lines(it)))
