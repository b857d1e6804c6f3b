"""Monitoring, from what is written to the model. Total, as resolve/registry.py is."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, get_args

from registry.model import MicrosoftTeamsChannel, Monitoring, MonitoringTeam, SlackChannel, Targets
from registry.resolve.alarms import alarms_of, quotas_of
from registry.shape import EventKind, FileShape, MonitoringShape, TargetsShape

#: What becomes an event only through a trail of CloudTrail.
OF_A_TRAIL: Final[frozenset[EventKind]] = frozenset({"deletions", "lifecycles", "policies", "settings"})
#: What is told only where it is written: a lifecycle of each repository may run every day.
ASKED_FOR: Final[frozenset[EventKind]] = frozenset({"lifecycles"})
KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)


def monitoring_of(root: FileShape) -> Monitoring | None:
    """What the file watches; None where it has no `monitoring`."""
    said = root.monitoring
    if said is None:
        return None
    return Monitoring(
        severity=said.severity,
        events=tuple(kind for kind in KINDS if _is_told(root, said, kind)),
        trail=said.trail,
        keys=MappingProxyType(dict(sorted(said.kms_key.items()))),
        targets=_targets(said),
        teams=tuple(
            MonitoringTeam(
                name=name,
                namespaces=tuple(sorted(set(team.namespaces or ()))),
                owner=team.owner,
                severity=team.severity or said.severity,
                targets=_targets(team),
            )
            for name, team in sorted(said.teams.items())
        ),
        quotas=quotas_of(root),
        alarms=alarms_of(root),
        dashboards=tuple(sorted(set(said.dashboards))),
    )


def _is_told(root: FileShape, said: MonitoringShape, kind: EventKind) -> bool:
    """Whether a kind is told: where it is written or nothing is, and where it can happen."""
    if kind in OF_A_TRAIL and said.trail is None:
        return False
    if kind == "findings" and "registry" in root.manage and root.scanning.scan_type != "ENHANCED":
        return False
    return kind not in ASKED_FOR if said.events is None else kind in said.events


def _targets(said: TargetsShape) -> Targets:
    email, https, sqs = (tuple(sorted(set(each))) for each in (said.email, said.https, said.sqs))
    slack = {SlackChannel(it.workspace, it.channel) for it in said.slack}
    teams = {MicrosoftTeamsChannel(it.tenant, it.team, it.channel) for it in said.microsoft_teams}
    return Targets(email=email, https=https, sqs=sqs, slack=tuple(sorted(slack)), microsoft_teams=tuple(sorted(teams)))
