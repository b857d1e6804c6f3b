"""Rules about monitoring: who hears of what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import EVENT_PATTERN_LENGTH, EVENT_RULES, EVENT_RULES_IN
from registry.locations import Location
from registry.model import MonitoringTeam
from registry.monitoring.event_rules import event_rules, length
from registry.naming import account_of, partition, region_of
from registry.resolve.monitoring import OF_A_TRAIL
from registry.rules.encryption import key_written
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule
from registry.rules.size import BYTES_IN_A_STACK, LIMITS_PAGE, RESOURCES_IN_A_STACK
from registry.rules.weights import monitoring_weight

MONITORING_PAGE: Final = "docs/monitoring.md"
TRAIL_PAGE: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html"
CHAT_PAGE: Final = "https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-regions.html"
KEY_PAGE: Final = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
QUOTA_PAGE: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
_AT: Final[YamlPath] = ("monitoring",)


@rule("monitoring-trail", "Name the trail that makes events of what people do", TRAIL_PAGE)
def monitoring_trail(declared: RuleContext) -> Iterator[Problem]:
    """Calls of ECR's API reach EventBridge only through a trail that records management events: without one nobody
    hears of them, though the file looks as if somebody would.
    """
    said = declared.root.monitoring
    lacking = [kind for kind in (said.events or ()) if kind in OF_A_TRAIL] if said else []
    if said is not None and said.trail is None and lacking:
        yield Problem(
            at=(*_AT, "events"),
            message=f"{listed(lacking, 4)} cannot be told without a trail",
            given="no trail",
            allowed="trail: with the ARN of one that records management events in every region of the registry",
            way_out="write trail, or leave them out",
            key=True,
        )


@rule("monitoring-no-trail", "Hear of deletions and changes too, or say that you do not", TRAIL_PAGE, Severity.WARNING)
def monitoring_no_trail(declared: RuleContext) -> Iterator[Problem]:
    """Deletions, and changes of policies and settings by people, are what an attacker does first, or a mistake. They
    become events only through a trail.
    """
    said = declared.root.monitoring
    if said is not None and said.trail is None and said.events is None:
        yield Problem(
            at=_AT,
            message="nobody hears of deletions, nor of changes of policies and settings, by people",
            given="neither trail nor events",
            allowed="trail: with the ARN of a trail that records management events",
            way_out="write trail; or events: with what is to be told",
            key=True,
        )


@rule("monitoring-findings", "Tell of Amazon Inspector's findings only where it scans", MONITORING_PAGE)
def monitoring_findings(declared: RuleContext) -> Iterator[Problem]:
    """Basic scans make no findings of Amazon Inspector: there would be a rule that never speaks."""
    root = declared.root
    said = root.monitoring
    if said and "findings" in (said.events or ()) and declared.registry.manages_registry:
        if root.scanning.scan_type == "ENHANCED":
            return
        yield Problem(
            at=(*_AT, "events"),
            message="there are no findings of Amazon Inspector: the scan type is BASIC",
            given="findings, and scanning without scan_type: ENHANCED",
            allowed="scans, which tell of every scan that finds something",
            way_out="remove findings, or write scanning: {scan_type: ENHANCED}",
            key=True,
        )


@rule("monitoring-nobody", "Say who hears of it", MONITORING_PAGE, Severity.WARNING)
def monitoring_nobody(declared: RuleContext) -> Iterator[Problem]:
    """A topic without a subscription tells nobody. If somebody subscribes outside this file, accept the warning."""
    watched = declared.registry.monitoring
    if watched is None:
        return
    deaf: list[tuple[YamlPath, str]] = []
    if not watched.targets and not any(team.targets for team in watched.teams):
        deaf.append((_AT, "nobody hears of anything"))
    elif watched.targets or len(watched.teams) > 1:
        deaf += [(_team(each), f"nobody hears of it in the team {each.name}") for each in watched.teams
                 if not each.targets]  # fmt: skip
    for at, message in deaf:
        yield Problem(
            at=at,
            message=message,
            given="no target",
            allowed="email, https, sqs, slack or microsoft_teams",
            way_out="write one, or accept this warning with who subscribes to the topic",
            key=True,
        )


@rule("monitoring-team-empty", "Give a team something to hear of", MONITORING_PAGE, Severity.WARNING, waits=True)
def monitoring_team_empty(declared: RuleContext) -> Iterator[Problem]:
    """A misspelled namespace or owner has no repository, and the team waits in vain."""
    registry = declared.registry
    if registry.monitoring is None:
        return
    namespaces = {it.namespace for it in registry.repositories} | set(declared.root.namespaces)
    owners = {it.owner or "" for it in registry.repositories}
    for team in registry.monitoring.teams:
        wrong = [each for each in team.namespaces if each not in namespaces]
        if team.owner is not None and team.owner not in owners:
            wrong.append(team.owner)
        if wrong:
            yield Problem(
                at=(*_team(team), "namespaces" if team.owner is None else "owner"),
                message=f"no repository is of {listed(wrong, 3)}",
                given=listed(wrong, 3),
                allowed=listed(sorted(namespaces if team.owner is None else owners - {""}), 8) or "there is none yet",
                way_out="write one of these, or remove it",
                key=True,
            )


@rule("monitoring-place", "Name trails, queues and keys where events can reach them", MONITORING_PAGE)
def monitoring_place(declared: RuleContext) -> Iterator[Problem]:
    """Nothing leads from one partition to another, and a key does not leave its region and account: the deploy fails,
    or nothing is ever delivered.
    """
    watched, home = declared.registry.monitoring, declared.registry.home
    if watched is None or not home_known(declared):
        return
    told: list[tuple[YamlPath, str]] = [(("trail",), watched.trail or "")]
    told += [(("sqs",), arn) for arn in watched.targets.sqs]
    told += [(("teams", team.name, "sqs"), arn) for team in watched.teams for arn in team.targets.sqs]
    ours = partition(home.region)
    for at, arn in told:
        if arn and partition(region_of(arn)) != ours:
            yield Problem(
                at=(*_AT, *at),
                message=f"this is in the partition {partition(region_of(arn))}, and the registry in {ours}",
                given=shown(arn, 90),
                allowed=f"an ARN of {ours}",
                way_out="name one of the same partition",
            )
    for at_location in declared.registry.locations:
        yield from _wrong_key(declared, at_location)


def _wrong_key(declared: RuleContext, at: Location) -> Iterator[Problem]:
    watched = declared.registry.monitoring
    if watched is None or not watched.keys:
        return
    key = watched.key_in(at)
    place = (*_AT, "kms_key", *key_written(watched.keys, at))
    if key is not None and key.startswith("arn:") and (region_of(key), account_of(key)) != (at.region, at.account):
        yield Problem(
            at=place,
            message=f"the key of the topics in {at.beside(declared.registry.home)} is in "
            f"{account_of(key)}/{region_of(key)}",
            given=shown(key, 90),
            allowed=f"a key of {at}",
            way_out="write an alias, or a map from region to key",
        )


@rule("monitoring-chat", "Name chat channels only where Amazon Q Developer shows messages in them", CHAT_PAGE)
def monitoring_chat(declared: RuleContext) -> Iterator[Problem]:
    """Amazon Q Developer in chat applications is not in China, GovCloud and other partitions of their own: the deploy
    fails.
    """
    watched, home = declared.registry.monitoring, declared.registry.home
    if watched is None or not home_known(declared) or partition(home.region) == "aws":
        return
    for team, targets in watched.audiences.items():
        for key in ("slack", "microsoft_teams"):
            if getattr(targets, key):
                yield Problem(
                    at=(*_AT, *(() if team is None else ("teams", team)), key),
                    message=f"no chat is told from the partition {partition(home.region)}",
                    given=f"a registry in {home.region}",
                    allowed="email, https or sqs",
                    way_out="let an HTTPS endpoint of your own hand messages on",
                    key=True,
                )


@rule("monitoring-key", "Encrypt topics with a key whose policy you write", KEY_PAGE)
def monitoring_key(declared: RuleContext) -> Iterator[Problem]:
    """AWS's own key of Amazon SNS lets neither EventBridge nor CloudWatch use it, and nobody can change its policy:
    every message would end in the dead-letter queue.
    """
    watched = declared.registry.monitoring
    for written, key in (watched.keys if watched else {}).items():
        if "alias/aws/" in key:
            yield Problem(
                at=(*_AT, "kms_key", *((written,) if written != "*" else ())),
                message="EventBridge cannot use a key that AWS manages",
                given=key,
                allowed="a key of your own, whose policy lets events.amazonaws.com use it",
                way_out="remove kms_key: then one is made in each location",
            )


@rule("monitoring-pattern", "Keep an event pattern within 2,048 characters", QUOTA_PAGE)
def monitoring_pattern(declared: RuleContext) -> Iterator[Problem]:
    """EventBridge refuses a longer one. Many repositories are split into several rules, but not the tags of one."""
    registry = declared.registry
    for at in registry.locations:
        for each in event_rules(registry, at):
            if length(each.pattern) > EVENT_PATTERN_LENGTH:
                yield Problem(
                    at=_AT,
                    message=f"the rule {each.name} would be too long for EventBridge",
                    given=f"{length(each.pattern):,} characters",
                    allowed=f"at most {EVENT_PATTERN_LENGTH:,}",
                    way_out="write fewer or shorter patterns in tags_must_match, or events without tags",
                    key=True,
                )
                return


@rule(
    "monitoring-rules",
    "Keep within 300 EventBridge rules in a region, or have the quota raised",
    QUOTA_PAGE,
    Severity.WARNING,
)
def monitoring_rules(declared: RuleContext) -> Iterator[Problem]:
    """EventBridge refuses the next rule of the default bus, those of others counted too, and the stack fails."""
    for at in declared.registry.locations:
        count, most = len(event_rules(declared.registry, at)), EVENT_RULES_IN.get(at.region, EVENT_RULES)
        if count > most:
            yield Problem(
                at=_AT,
                message=f"{at.beside(declared.registry.home)} would have more rules than EventBridge allows by default",
                given=f"{count:,} rules: one for each kind of event and each team, or several where names are many",
                allowed=f"{most:,} on a bus",
                way_out="have the quota raised (Service Quotas, Amazon EventBridge, Number of rules), then accept this "
                "warning; or tell of fewer events, or give teams whole namespaces",
                key=True,
            )
            return


@rule("monitoring-stack-size", "Keep the Monitoring stack within 500 resources and 1 MB", LIMITS_PAGE)
def monitoring_stack_size(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation refuses a larger stack, and then nothing of it can be deployed."""
    registry = declared.registry
    for at in registry.locations:
        stack = monitoring_weight(registry, at)
        if stack.resources > RESOURCES_IN_A_STACK or stack.size > BYTES_IN_A_STACK:
            yield Problem(
                at=_AT,
                message=f"monitoring does not fit into its stack in {at.beside(registry.home)}",
                given=f"{stack.resources:,} resources, and a template of about {stack.size / 1e6:.1f} MB",
                allowed=f"at most {RESOURCES_IN_A_STACK} resources, in a template of at most 1 MB",
                way_out="tell of fewer events, let several teams share one entry, or watch and show less",
                key=True,
            )
            return


def _team(team: MonitoringTeam) -> YamlPath:
    return (*_AT, "teams", team.name)
