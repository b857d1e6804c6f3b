"""What AWS keeps once per account and region. A new setting is one more `Kind`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from ops.drift.kind import Find, Kind, Named, Properties, StackKind, literal, lower_camel, owns_the_registry, read_json
from ops.drift.repository_settings import Settings, document
from registry.access.registry_policy import registry_policy
from registry.access.signers import rules_in
from registry.locations import Location
from registry.model import Registry
from registry.model.replication import replication_rules

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

Rows = list[dict[str, Any]]


def _read_once(read: Callable[[ECRClient], Settings]) -> Find:
    """What a registry has once is read at once."""
    return lambda client, registry, at: {"": lambda: read(client)}


def _rows(rows: Iterable[dict[str, Any]]) -> Rows:
    """Rows without order: how they are put together to rules says nothing."""
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])


# Scanning


def _scanned(frequency: str, filters: Iterable[str]) -> Iterable[dict[str, Any]]:
    return ({"scanFrequency": frequency, "filter": each} for each in filters)


def _scanning(scan_type: str, rules: Iterable[tuple[str, Iterable[str]]]) -> Settings:
    """MANUAL, which the API knows and CloudFormation does not, is what holds without a rule."""
    kept = (row for frequency, filters in rules if frequency != "MANUAL" for row in _scanned(frequency, filters))
    return {"scanType": scan_type, "rules": _rows(kept)}


def _scanning_declared(registry: Registry, at: Location) -> Named:
    scanning = registry.scanning
    rules = (("SCAN_ON_PUSH", scanning.scan_on_push), ("CONTINUOUS_SCAN", scanning.continuous_scan))
    return {"": _scanning(scanning.scan_type, rules)}


def _scanning_said(said: Mapping[str, Any]) -> Settings:
    rules = [
        (rule["scanFrequency"], [each["filter"] for each in rule["repositoryFilters"]])
        for rule in said.get("rules", [])
    ]
    return _scanning(said["scanType"], rules)


def _scanning_live(client: ECRClient) -> Settings:
    return _scanning_said(client.get_registry_scanning_configuration()["scanningConfiguration"])


def _scanning_deployed(properties: Properties) -> tuple[str, Settings]:
    return "", _scanning_said(lower_camel(properties))


# Replication


def _replicated(rules: Iterable[tuple[Iterable[str], Iterable[str], bool]]) -> Settings:
    """A row for each destination and prefix; the prefix of a rule without filters is everything's.

    Beside that one, others of the same destination say nothing more, where they repeat deletions or not as it does.
    """
    found = {
        (destination, prefix, delete)
        for destinations, prefixes, delete in rules
        for destination in destinations
        for prefix in list(prefixes) or [""]
    }
    return {
        "rules": _rows(
            {"destination": destination, "filter": prefix, "deleteReplication": delete}
            for destination, prefix, delete in found
            if not prefix or (destination, "", delete) not in found
        )
    }


def _replication_declared(registry: Registry, at: Location) -> Named:
    rules = replication_rules(registry) if at == registry.home else ()
    return {
        "": _replicated((list(map(str, rule.destinations)), rule.filters, rule.delete_replication) for rule in rules)
    }


def _replication_rule(rule: Mapping[str, Any]) -> tuple[list[str], list[str], bool]:
    """A rule as the API writes it; `deleteReplication` is off where it is not said (ReplicationRule)."""
    return (
        [f"{each['registryId']}/{each['region']}" for each in rule["destinations"]],
        [each["filter"] for each in rule.get("repositoryFilters", [])],
        bool(rule.get("deleteReplication", {}).get("enabled", False)),
    )


def _replication_live(client: ECRClient) -> Settings:
    rules = client.describe_registry()["replicationConfiguration"]["rules"]
    return _replicated(_replication_rule(rule) for rule in rules)


def _replication_deployed(properties: Properties) -> tuple[str, Settings]:
    rules = lower_camel(properties["ReplicationConfiguration"])["rules"]
    return "", _replicated(_replication_rule(rule) for rule in rules)


# The registry policy


def policy_declared(registry: Registry, at: Location) -> Named:
    """The policy that the file comes to at a location."""
    return {"": {"policyText": registry_policy(registry, at)}}


def _policy_live(client: ECRClient) -> Settings:
    return {
        "policyText": document(lambda: client.get_registry_policy()["policyText"], "RegistryPolicyNotFoundException")
    }


def _policy_deployed(properties: Properties) -> tuple[str, Settings]:
    return "", literal({"policyText": read_json(properties["PolicyText"])})


# Signing


def _signed(rules: Iterable[tuple[str, Iterable[str] | None]]) -> Settings:
    return {
        "rules": _rows(
            {"signingProfileArn": profile, "filter": each}
            for profile, filters in rules
            for each in (["*"] if filters is None else filters)
        )
    }


def _signing_declared(registry: Registry, at: Location) -> Named:
    rules = rules_in(registry, at)
    return {"": _signed((rule.signing_profile_arn, rule.repository_filters) for rule in rules)}


def _signing_rule(rule: Mapping[str, Any]) -> tuple[str, list[str] | None]:
    filters = rule.get("repositoryFilters")
    return rule["signingProfileArn"], None if filters is None else [each["filter"] for each in filters]


def _signing_live(client: ECRClient) -> Settings:
    try:
        rules = client.get_signing_configuration()["signingConfiguration"]["rules"]
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "SigningConfigurationNotFoundException":
            raise
        rules = []
    return _signed(_signing_rule(rule) for rule in rules)


def _signing_deployed(properties: Properties) -> tuple[str, Settings]:
    return "", _signed(_signing_rule(rule) for rule in lower_camel(properties["Rules"]))


# Account settings

_ACCOUNT_SETTINGS: Final = ("BASIC_SCAN_TYPE_VERSION", "BLOB_MOUNTING", "REGISTRY_POLICY_SCOPE")


def _account_settings(client: ECRClient, registry: Registry, at: Location) -> Mapping[str, Callable[[], Settings]]:
    def reader(name: str) -> Callable[[], Settings]:
        return lambda: {"value": _setting(client.get_account_setting(name=name))}

    return {name: reader(name) for name in _ACCOUNT_SETTINGS}


def _account_settings_declared(registry: Registry, at: Location) -> Named:
    """Those of ECR; those of Inspector are another kind."""
    return {name: {"value": value} for name, value in registry.account_settings if name in _ACCOUNT_SETTINGS}


def _setting(said: Mapping[str, Any]) -> str | None:
    """Its value; None where AWS names the setting and no value."""
    return said.get("value") if said["name"] else None


SCANNING: Final = StackKind(
    noun="scanning configuration",
    where=owns_the_registry,
    type="AWS::ECR::RegistryScanningConfiguration",
    declared=_scanning_declared,
    deployed=_scanning_deployed,
    find=_read_once(_scanning_live),
    nothing={"scanType": "BASIC", "rules": []},
)
REPLICATION: Final = StackKind(
    noun="replication configuration",
    where=owns_the_registry,
    type="AWS::ECR::ReplicationConfiguration",
    declared=_replication_declared,
    deployed=_replication_deployed,
    find=_read_once(_replication_live),
    nothing={"rules": []},
)
POLICY: Final = StackKind(
    noun="registry policy",
    where=owns_the_registry,
    type="AWS::ECR::RegistryPolicy",
    declared=policy_declared,
    deployed=_policy_deployed,
    find=_read_once(_policy_live),
    nothing={"policyText": None},
)
SIGNING: Final = StackKind(
    noun="signing configuration",
    where=owns_the_registry,
    type="AWS::ECR::SigningConfiguration",
    declared=_signing_declared,
    deployed=_signing_deployed,
    find=_read_once(_signing_live),
    nothing={"rules": []},
)
ACCOUNT_SETTING: Final = Kind(
    noun="account setting",
    where=owns_the_registry,
    declared=lambda registry, at: {
        name: {"value": it} for name, it in registry.account_settings if name in _ACCOUNT_SETTINGS
    },
    find=_account_settings,
    told=lambda registry, at, name: False,
)
