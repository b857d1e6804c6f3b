"""A lifecycle policy text alone, checked against every rule of ECR's that speaks of one policy.

JSON is what ECR takes, so JSON is what is read; places come from the YAML reader, of which JSON is a part.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from registry import yaml_reader
from registry.findings import Finding, Position, Severity
from registry.rules.mechanism import findings_of
from registry.rules.policies import POLICY_RULES, Policy
from registry.shape import PolicyShape
from registry.shape_findings import shaped
from registry.sources import Sources

_WRAPPER: Final = "lifecyclePolicyText"  # what `aws ecr get-lifecycle-policy` prints around a policy
_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def check_policy(path: Path, name: str | None = None) -> tuple[Finding, ...]:
    """Every breach of ECR's rules in a lifecycle policy, in the order of the file.

    :param path: ECR's own policy text as JSON; `name` is what findings call it (default: the path as given).
    :raises UnreadableFile: where the path names no file that can be read.
    """
    return checked_policy(yaml_reader.content_of(path, name), name or str(path))


def checked_policy(content: bytes, name: str) -> tuple[Finding, ...]:
    """The same of a text that has been read; never raises for what it holds."""
    if problem := _not_json(content, name):
        return (problem,)
    document = yaml_reader.parse(_as_yaml(content), name)
    if document.findings:
        return tuple(document.findings)
    policy, findings, _ = shaped(document, PolicyShape)
    if policy is not None and not findings:
        found = Policy((), policy, written=content.decode("utf-8-sig"))
        sources = Sources(document)
        for rule, check in POLICY_RULES.values():
            findings += findings_of(rule, check(found), sources)
    return tuple(sorted(findings, key=lambda finding: (finding.position, finding.rule)))


def _not_json(content: bytes, name: str) -> Finding | None:
    try:
        data = json.loads(content, parse_constant=_refused)
    except json.JSONDecodeError as problem:
        position = Position(name, problem.lineno, problem.colno)
        return _finding(position, f"this is not JSON: {problem.msg}", "", "ECR's lifecycle policy text",
                        "check the commas, the brackets and the quotes of this line and the one before")  # fmt: skip
    except UnicodeDecodeError as problem:
        return _finding(Position(name, 1, 1), "this is not UTF-8 text", f"byte {problem.start}", "UTF-8", "save it so")
    except (ValueError, RecursionError) as problem:
        return _finding(Position(name, 1, 1), f"this is not JSON: {problem}", "", "ECR's lifecycle policy text",
                        "write numbers as they are, and no deeper than ECR's policies go")  # fmt: skip
    if isinstance(data, dict) and _WRAPPER in data:
        return _finding(Position(name, 1, 1), "this is an answer of AWS around a policy", _WRAPPER,
                        '{"rules": [...]}', f"add --query {_WRAPPER} --output text to the command")  # fmt: skip
    return None


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


def _as_yaml(content: bytes) -> bytes:
    """JSON as the YAML reader takes it, with everything where it was: no tabs, no pairs of surrogates."""
    text = content.decode("utf-8-sig").replace("\t", " ")
    return _SURROGATES.sub(_escaped, text).encode()


def _escaped(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"


def _finding(position: Position, message: str, given: str, allowed: str, way_out: str) -> Finding:
    return Finding("policy-text", Severity.ERROR, position, message, given, allowed, way_out)
