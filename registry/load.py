"""The one way to read a registry: text, shape, rules, model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from registry import rules
from registry.errors import InvalidRegistry
from registry.findings import TEAM_FILE, Finding, Position, Severity, YamlPath
from registry.model import Registry
from registry.reading.deprecated import read_old_keys
from registry.reading.document import Document
from registry.reading.include import read_files
from registry.reading.shape_errors import parse_shape
from registry.reading.sources import Sources
from registry.resolve.files import Written
from registry.resolve.registry import resolved
from registry.rules.apply_acceptances import apply_acceptances
from registry.rules.rule import entries_of
from registry.shape import FileShape, TeamShape


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Everything known of a file: `registry` is None where an error stands among the findings.

    `written` is what it was resolved from; None where the shape of the root file could not be read. `accepted` are the
    warnings that are left out of `findings`, because the file accepts them.
    """

    registry: Registry | None
    findings: tuple[Finding, ...]
    written: Written | None = None
    accepted: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a synth."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that a synth survives, those accepted in the file left out."""
        return tuple(f for f in self.findings if f.severity is Severity.WARNING)


def check(path: Path, name: str | None = None) -> CheckResult:
    """Read a file and the team files it includes, and report every problem at once.

    :param path: the file; `name` is what findings call it (default: the path as given).
    :raises UnreadableFile: where the path names no file that can be read.
    """
    return check_sources(read_files(path, name))


def check_sources(sources: Sources | Document, *, today: date | None = None) -> CheckResult:
    """Shape, rules and model of files that have been read; never raises.

    :param today: the day on which acceptances are looked at (default: today's date in UTC).
    """
    if isinstance(sources, Document):
        sources = Sources(sources)
    if _is_team_file(sources.root):
        return CheckResult(None, (_team_file(sources.root),))
    findings = [*sources.root.findings, *sources.findings]
    findings += [key.finding for key in read_old_keys(sources.root, FileShape)]
    root = parse_shape(sources.root, FileShape)
    findings += root.findings
    damaged: set[YamlPath] = set(root.damaged)
    refused: set[YamlPath] = set(root.refused)
    if sources.findings:
        damaged.add(("include",))
    teams: dict[str, TeamShape] = {}
    for name, document in sources.teams.items():
        findings += [key.finding for key in read_old_keys(document, TeamShape)]
        team = parse_shape(document, TeamShape)
        findings += [*document.findings, *team.findings]
        damaged |= {(TEAM_FILE, name, *place) for place in team.damaged}
        refused |= {(TEAM_FILE, name, *place) for place in team.refused}
        if team.shape is None:
            damaged.add((TEAM_FILE, name))
        else:
            teams[name] = team.shape
    registry = written = None
    accepted: list[Finding] = []
    if root.shape is not None:
        written = Written(root.shape, teams)
        registry = resolved(written)
        declared, entries = rules.RuleContext(written=written, registry=registry), entries_of(damaged)
        findings += rules.run(declared, sources, entries, frozenset(refused))
        found, findings = (
            findings,
            apply_acceptances(findings, declared, sources, entries, today or datetime.now(UTC).date()),
        )
        kept = set(findings)
        accepted = sorted((finding for finding in found if finding not in kept), key=_order)
    findings.sort(key=_order)
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    return CheckResult(None if failed else registry, tuple(findings), written, tuple(accepted))


def _order(finding: Finding) -> tuple[Position, str]:
    return finding.position, finding.rule


def _is_team_file(document: Document) -> bool:
    data = document.root.value
    return isinstance(data, dict) and "namespace" in data and "registry" not in data


def _team_file(document: Document) -> Finding:
    return Finding(
        "team-file",
        Severity.ERROR,
        document.position(("namespace",), key=True),
        "this is a team's file",
        "namespace, and no registry",
        "the root file, which says whose registry it is and includes the files of teams",
        "check the root file: what is wrong here is reported there",
    )


def load(path: Path, name: str | None = None) -> tuple[Registry, tuple[Finding, ...]]:
    """The registry a file declares, and its warnings.

    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    """
    outcome = check(path, name)
    if outcome.registry is None:
        raise InvalidRegistry(outcome.findings)
    return outcome.registry, outcome.warnings
