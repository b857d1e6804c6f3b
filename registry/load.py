"""The one way to read a registry: text, shape, rules, model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from registry import rules, yaml_reader
from registry.document import Document
from registry.errors import InvalidRegistry
from registry.findings import Finding, Severity
from registry.model import Registry
from registry.resolve import resolved
from registry.shape_findings import shaped


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything known of a file: `registry` is None where an error stands among the findings."""

    registry: Registry | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a synth."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that a synth survives, those accepted in the file left out."""
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)


def check(path: Path, name: str | None = None) -> Checked:
    """Read a file and report every problem at once.

    :param path: the file; `name` is what findings call it (default: the path as given).
    :raises UnreadableFile: where the path names no file that can be read.
    """
    return checked(yaml_reader.read(path, name))


def checked(written: Document) -> Checked:
    """Shape, rules and model of a document that has been read; never raises."""
    file, shape_findings, damaged = shaped(written)
    findings = [*written.findings, *shape_findings]
    registry = None
    if file is not None:
        registry = resolved(file)
        declared = rules.Declared(file=file, registry=registry, damaged=damaged)
        accepted = {acceptance.rule for acceptance in file.acceptances}
        findings += [
            finding
            for finding in rules.run(declared, written)
            if finding.severity is Severity.ERROR or finding.rule not in accepted
        ]
    findings.sort(key=lambda finding: (finding.position, finding.rule))
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    return Checked(None if failed else registry, tuple(findings))


def load(path: Path, name: str | None = None) -> tuple[Registry, tuple[Finding, ...]]:
    """The registry a file declares, and its warnings.

    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    """
    outcome = check(path, name)
    if outcome.registry is None:
        raise InvalidRegistry(outcome.findings)
    return outcome.registry, outcome.warnings
