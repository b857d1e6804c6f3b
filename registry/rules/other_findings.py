"""What is found before rules run, or after them: explained as rules are."""

from __future__ import annotations

from typing import Final

from registry.findings import Severity
from registry.reading.deprecated import DEPRECATED_KEY
from registry.rules import acceptances, accepted_findings
from registry.rules.rule import Explanation, subject_of
from registry.shape.forms import FORMS

_TEXTS: Final = {
    "alias": (
        "Define an anchor before its alias, and do not nest aliases without bound",
        "YAML cannot say what an alias without an anchor is. A few nested ones can grow to gigabytes.",
    ),
    "duplicate-key": (
        "Write a key once in a map",
        "Most YAML readers silently take the last of two: a repository or a setting would be lost.",
    ),
    "empty-file": ("Declare something", "An empty file is nearly always one that was cut or not saved."),
    "empty-value": ("Give a key a value, or remove it", "Nobody can tell whether the value was forgotten."),
    "encoding": (
        "Save the file as UTF-8 text",
        "Other bytes cannot be read, and control characters can hide text from a reviewer.",
    ),
    "file-size": ("Keep a file within 16 MB", "A larger file is no registry, and it would take long to read."),
    "include": (
        "Let `include` name team files below the root file's folder",
        "A pattern that matches nothing would leave out a team and all its repositories.",
    ),
    "key-type": ("Write keys as text", "YAML reads a key such as 1.10 as a number, and its name would change."),
    "merge-key": (
        "Write settings in `defaults` or in a namespace instead of merge keys (`<<`)",
        "Merge keys are not part of YAML 1.2, and readers disagree on them.",
    ),
    "missing-key": ("Write every required key", "The registry cannot be deployed without it."),
    "nesting": ("Nest values at most 40 levels deep", "No key of the file is that deep, and readers fail at it."),
    "not-allowed": ("Write one of the values that the key knows", "AWS would refuse any other."),
    "number-as-text": (
        "Put text that looks like a number or a date in quotes",
        "YAML reads 012345678901 as a number, and an account or a tag with another value comes out.",
    ),
    "odd-space": ("Use the normal space", "Other spaces look the same and are part of the value, so names differ."),
    "one-document": ("Write one YAML document in a file", "Everything after `---` would be lost."),
    "policy-text": ("Give the JSON that ECR takes as a lifecycle policy", "ECR refuses any other text."),
    "tag-pattern-list": (
        "Join several tag patterns with any_of or all_of",
        "ECR means all of them by a list, and users mostly mean any of them.",
    ),
    "team-file": (
        "Check the root file: it includes the files of teams",
        "A team's file alone has no registry and no principals, so most of it cannot be checked.",
    ),
    "unknown-key": ("Write keys that exist", "A misspelled key would be ignored, and its setting would not hold."),
    "wrong-type": ("Give a key a value of its type", "Its meaning would have to be guessed."),
    "yaml-syntax": ("Write YAML", "Nothing can be read from where the syntax breaks."),
    "yaml-tag": ("Write values without YAML tags (`!!str`)", "Readers disagree on them; quotes make text."),
}
#: Errors of reading and of shape.
READING: Final = {
    id: Explanation(id=id, subject="Reading the files", title=title, why=why, severity=Severity.ERROR)
    for id, (title, why) in _TEXTS.items()
}
#: Of reading, too, and no error.
OLD_KEYS: Final = Explanation(
    id=DEPRECATED_KEY,
    subject="Reading the files",
    title="Write keys by their names of today",
    why="The old name is read for one more minor version, and refused after that.",
    severity=Severity.WARNING,
    link="docs/versions.md",
)
_SUBJECT: Final = subject_of(acceptances.__name__)
#: Warnings about acceptances, known only when everything else is.
ACCEPTING: Final = {
    each.id: each
    for each in (
        accepted_findings.LAPSED,
        Explanation(
            id="acceptance-lapsed",
            subject=_SUBJECT,
            title="Remove an acceptance whose last day is over, and solve what it accepted",
            why="The warning was accepted for a time only, and that time is over.",
            severity=Severity.WARNING,
        ),
        Explanation(
            id="acceptance-unused",
            subject=_SUBJECT,
            title="Remove an acceptance that silences nothing",
            why="It would silence the warning if it came back, and nobody would look at it again.",
            severity=Severity.WARNING,
        ),
    )
}

#: Of `ecrctl cost`, which knows what a file alone does not.
COSTS: Final = {
    "budget-exceeded": Explanation(
        id="budget-exceeded",
        subject="Budgets",
        title="Keep what an owner's repositories cost within the budget",
        why="An error where even the low end of the estimate is above it, a warning where only the high end is.",
        severity=Severity.ERROR,
        link="docs/cost.md",
    ),
    "price-file": Explanation(
        id="price-file",
        subject="Budgets",
        title="Give prices that can be read, each from a source with its day",
        why="An estimate is as good as its prices. A negative, endless or absurd one would make it say anything.",
        severity=Severity.ERROR,
        link="docs/cost.md",
    ),
}


def explanations() -> list[Explanation]:
    """Every kind of finding, by subject and then by id: of rules, of the forms of values, and the others."""
    from registry.rules import RULES

    limits = dict.fromkeys(form.limit for form in FORMS if form.limit.title)
    values = [
        Explanation(id=it.id, subject=it.subject, title=it.title, why=it.why, severity=Severity.ERROR, link=it.link)
        for it in limits
    ]
    found = (*RULES.values(), *values, *READING.values(), OLD_KEYS, *ACCEPTING.values(), *COSTS.values())
    return sorted(found, key=lambda it: (it.subject, it.id))
