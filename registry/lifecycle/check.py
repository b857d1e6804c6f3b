"""A lifecycle policy text alone, checked against every rule of ECR's that speaks of one policy.

Also as `aws ecr get-lifecycle-policy` prints it, which is the policy as a text within JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from registry.findings import Finding, Position, Severity, shown
from registry.limits import LIFECYCLE_POLICY_LENGTH
from registry.reading import json_text
from registry.reading.document import Document
from registry.reading.file_text import MAX_BYTES, content_of
from registry.reading.json_text import NotJson
from registry.reading.shape_errors import parse_shape
from registry.reading.sources import Sources
from registry.rules.lifecycle.policy import POLICY_RULES, Policy
from registry.rules.rule import findings_of
from registry.shape import PolicyShape

_RULE: Final = "policy-text"
_WRAPPER: Final = "lifecyclePolicyText"  # what `aws ecr get-lifecycle-policy` prints around a policy
_LONGEST: Final = 1_000_000  # bytes; thirty times what ECR takes
_WAY_OUT: Final = "give the policy text, or what `aws ecr get-lifecycle-policy` prints"
_ALLOWED: Final = '{"rules": [...]}, ECR\'s lifecycle policy text'
#: What ways out of the YAML reader's are in JSON, by the rule of the finding and what is allowed.
_WAYS_OUT: Final = {
    "a map of keys and values": 'write {"key": value, ...}',
    "a list": "write [item, ...]",
    "text": "write it in double quotes",
    "a whole number": "write the number, without quotes and without a point",
}


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy as ECR takes it, and what is wrong with it; `text` is empty where nothing could be read."""

    text: str
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Without the warnings."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def check_policy(path: Path, name: str | None = None) -> tuple[Finding, ...]:
    """Every breach of ECR's rules in a lifecycle policy, in the order of the file.

    :param path: ECR's own policy text as JSON; `name` is what findings call it (default: the path as given).
    :raises UnreadableFile: where the path names no file that can be read.
    """
    return read_policy(content_of(path, name, limit=MAX_BYTES), name or str(path)).findings


def checked_policy(content: bytes, name: str) -> tuple[Finding, ...]:
    """The same of a text that has been read; never raises for what it holds."""
    return read_policy(content, name).findings


def read_policy(content: bytes, name: str) -> PolicyText:
    """The policy a file holds, bare or in AWS's answer, with every breach of ECR's rules."""
    if len(content) > _LONGEST:
        given = f"more than {_LONGEST:,} bytes"
        allowed = f"a lifecycle policy, which has at most {LIFECYCLE_POLICY_LENGTH:,} characters"
        return PolicyText("", (_finding(Position(name, 1, 1), "the file is too large", given, allowed, _WAY_OUT),))
    try:
        text = json_text.decoded(content, name, _RULE)
    except NotJson as problem:
        return PolicyText("", (problem.finding,))
    document = json_text.document(text, name, _RULE)
    data = document.root.value
    if document.findings or not isinstance(data, dict) or not isinstance(data.get(_WRAPPER), str):
        return PolicyText(text, _checked(document, text))
    inner = data[_WRAPPER]
    found, at = json_text.document(inner, name, _RULE), document.position((_WRAPPER,))
    return PolicyText(inner, tuple(replace(finding, position=at) for finding in _checked(found, inner)))


def _checked(document: Document, text: str) -> tuple[Finding, ...]:
    if document.findings:
        return tuple(document.findings)
    data = document.root.value
    if not isinstance(data, dict):
        given = shown(data) if not isinstance(data, list) else "a list"
        return (_finding(document.position(()), "this is no lifecycle policy", given, _ALLOWED, _WAY_OUT),)
    parsed = parse_shape(document, PolicyShape)
    findings = list(_in_json(parsed.findings))
    if parsed.shape is not None and not parsed.damaged:
        alone, sources = Policy((), parsed.shape, written=text), Sources(document)
        for rule, check in POLICY_RULES.values():
            findings += findings_of(rule, (it for it in check(alone) if it.at not in parsed.refused), sources)
    return tuple(sorted(findings, key=lambda finding: (finding.position, finding.rule)))


def _in_json(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings about shape, with ways out for somebody who writes JSON."""
    for finding in findings:
        way_out = finding.way_out
        if finding.rule == "missing-key":
            way_out = f'add "{finding.message.removesuffix(" is missing").rpartition(".")[2]}" with its value'
        elif finding.rule == "wrong-type":
            way_out = _WAYS_OUT.get(finding.allowed, way_out)
        elif finding.rule == "number-as-text":
            finding = replace(finding, message=finding.message.partition(":")[0])
        yield replace(finding, way_out=way_out)


def _finding(position: Position, message: str, given: str, allowed: str, way_out: str) -> Finding:
    return Finding(_RULE, Severity.ERROR, position, message, given, allowed, way_out)
