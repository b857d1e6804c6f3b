"""What is found before rules run, or after them, and the list of all that has an id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.findings import Severity
from registry.rules.rule import RULES
from registry.shape.forms import FORMS

#: Errors of reading and of shape.
READING: Final = {
    "alias": "An alias has an anchor before it, and aliases do not expand without bound",
    "duplicate-key": "A key stands once in its place",
    "empty-file": "A file declares something",
    "empty-value": "A key that is written has a value",
    "encoding": "A file is printable UTF-8 text",
    "file-size": "A file has at most 16 MB",
    "include": "A pattern of `include` leads to team files below the root file's folder",
    "key-type": "A key is text",
    "merge-key": "Merge keys (`<<`) are not used",
    "missing-key": "A key that must be there is there",
    "nesting": "Values are nested at most 40 levels deep",
    "not-allowed": "A value is one of those the key knows",
    "number-as-text": "Text that looks like something else stands in quotes",
    "odd-space": "A space is one of the space bar",
    "one-document": "A file is one YAML document",
    "policy-text": "A lifecycle policy text is the JSON that ECR takes",
    "tag-pattern-list": "Several tag patterns say whether they mean any or all",
    "team-file": "The root file is checked; it includes the files of teams",
    "unknown-key": "A key is one that exists",
    "wrong-type": "A value has the type of its key",
    "yaml-syntax": "A file is YAML",
    "yaml-tag": "YAML tags (`!!str`) are not used",
}
#: Warnings about acceptances, known only when everything else is.
ACCEPTING: Final = {
    "acceptance-lapsed": "The last day of an acceptance is not over",
    "acceptance-unused": "An acceptance silences a warning that exists",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Explained:
    """What is told of everything with an id: docs/rules.md is made of it. `why` may be empty."""

    id: str
    severity: Severity
    title: str
    why: str
    link: str


def catalogue() -> tuple[Explained, ...]:
    """Every id that a finding can have, in alphabetical order: of rules, of the forms of values, and the others."""
    found = [Explained(id=it.id, severity=it.severity, title=it.title, why="", link=it.link) for it in RULES.values()]
    limits = dict.fromkeys(form.limit for form in FORMS if form.limit.title)
    found += [Explained(id=it.id, severity=Severity.ERROR, title=it.title, why=it.why, link=it.link) for it in limits]
    others = {**dict.fromkeys(READING.items(), Severity.ERROR), **dict.fromkeys(ACCEPTING.items(), Severity.WARNING)}
    found += [Explained(id=id, severity=of, title=title, why="", link="") for (id, title), of in others.items()]
    return tuple(sorted(found))
