"""What somebody has read and accepts for a time: warnings of this project, and vulnerabilities that scans find."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import StrictStr

from registry.findings import shown
from registry.limits import ACCEPTED_IN, FINDING_REASON_LENGTH, INSPECTOR_API, NAME_OR_BELOW, VULNERABILITY_ID
from registry.shape.base import NotNull, Shape, optional, required
from registry.shape.forms import Form, Limit, Refusal, count, text


def _date(value: str) -> date | None:
    """Python reads weeks and days without `-` besides, which reviewers do not."""
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if found.isoformat() == value else None


def _refuse_date(value: str) -> Refusal | None:
    if _date(value):
        return None
    allowed = "year, month and day, as in 2027-06-30"
    return Refusal("this is not a date", shown(value), allowed, "write the last day on which the warning is accepted")


LastDay = Annotated[
    StrictStr,
    Form(
        Limit(
            "acceptance-until",
            "docs/rules.md",
            "Write the last day of an acceptance as year-month-day",
            "After that day (UTC) the warning is back. Another way of writing a day means different days to different "
            "readers.",
            subject="Accepted warnings",
        ),
        _refuse_date,
        {"format": "date"},
    ),
]


class AcceptanceShape(Shape):
    """A warning that somebody has read and accepts."""

    rule: StrictStr = required("Id of the rule, as the warning prints it in brackets.")
    reason: StrictStr = required("Why you accept it; reviewers read this.")
    until: Annotated[LastDay | None, NotNull] = optional(
        "The last day (UTC) on which the warning is accepted; then it is back. Without the key, for ever.",
        examples=["2027-06-30"],
    )

    @property
    def last_day(self) -> date | None:
        """`until` as a date; None where it is not written, or is none."""
        return _date(self.until) if self.until is not None else None


_INSPECTOR: Final = f"{INSPECTOR_API}/API_CreateFilter.html"
_SUBJECT: Final = "Accepted findings"
VulnerabilityId = Annotated[
    StrictStr,
    text(
        Limit(
            "accepted-finding-id",
            _INSPECTOR,
            "Name a vulnerability by its id, such as CVE-2026-12345",
            "Scans are compared with this text letter by letter, so another spelling accepts nothing.",
            subject=_SUBJECT,
        ),
        VULNERABILITY_ID,
        "this is no id of a vulnerability",
        "capitals, digits, and single - . _ or : between them, such as CVE-2026-12345",
        "copy it from `ecrctl findings`",
    ),
]
_AcceptedIn = Annotated[
    StrictStr,
    text(
        Limit(
            "accepted-finding-names",
            _INSPECTOR,
            "Accept a finding in repositories by their names, or below a namespace",
            "Amazon Inspector compares whole names and their beginnings, and knows no other wildcard.",
            subject=_SUBJECT,
        ),
        NAME_OR_BELOW,
        "this is neither a repository nor a namespace",
        "a repository's name, or web/* for all names that begin with web/",
        "write the name of the repository that has the finding",
    ),
]
_COUNT: Final = count(
    Limit(
        "accepted-finding-count",
        _INSPECTOR,
        f"Accept a finding in 1 to {ACCEPTED_IN} repositories or namespaces",
        "Amazon Inspector takes no more in a filter, and an acceptance for nothing accepts nothing.",
        subject=_SUBJECT,
    ),
    (1, ACCEPTED_IN),
    "repositories",
    too_few=("this acceptance is for no repository", "name one, or remove the acceptance"),
    too_many=("there are too many repositories in this acceptance", "name a namespace, as in web/*"),
    allowed=f"1 to {ACCEPTED_IN} repositories or namespaces",
)


def _refuse_reason(value: str) -> Refusal | None:
    if value.strip() and len(value) <= FINDING_REASON_LENGTH:
        return None
    allowed = f"words a reviewer can judge, at most {FINDING_REASON_LENGTH} characters"
    return Refusal("an accepted finding needs a reason", shown(value), allowed, "say why it does no harm here")


_Reason = Annotated[
    StrictStr,
    Form(
        Limit(
            "accepted-finding-reason",
            _INSPECTOR,
            "Say why a finding is accepted",
            "The reason is what a reviewer judges, and what Amazon Inspector shows beside the filter.",
            subject=_SUBJECT,
        ),
        _refuse_reason,
        {"minLength": 1, "maxLength": FINDING_REASON_LENGTH},
    ),
]


class AcceptedFindingShape(Shape):
    """A vulnerability that is accepted in some repositories until a day."""

    repositories: Annotated[tuple[_AcceptedIn, ...], _COUNT] = required(
        "Repositories by their names, or all below a namespace, as in `web/*`.",
        examples=[["web/api", "data/*"]],
    )
    reason: _Reason = required("Why it does no harm here; reviewers read this.")
    until: LastDay = required("The last day (UTC) on which it is accepted.", examples=["2027-06-30"])

    @property
    def last_day(self) -> date | None:
        """`until` as a date; None where it is none."""
        return _date(self.until)
