"""What is published, and which findings are accepted, in the words of the file; and what it has no words for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ops.adopt.account import LiveAccount
from ops.adopt.beside import published_at
from ops.adopt.folding.grants import FoldedPolicies, text_of
from ops.drift.findings_and_pulls import INSPECTOR_SETTING, SUPPRESSION_FILTER
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.registry_wide import SIGNING
from ops.drift.repository_settings import Settings
from registry.findings import listed
from registry.model.accepted_findings import filter_name
from registry.naming import OWNER_TAG

Written = dict[str, Any]
#: By what the API calls a text or a badge what the file calls it.
_CATALOG: Final = {
    "description": "repository_description",
    "aboutText": "about_text",
    "usageText": "usage_text",
    "operatingSystems": "operating_systems",
    "architectures": "architectures",
}
_LOGO: Final = (
    "CloudFormation has no property for it (cloudformation-coverage-roadmap #1778). A deploy that changes a text may "
    "take it away: then set it again, `aws ecr-public put-repository-catalog-data`"
)
_SIGNING: Final = (
    "the file has ECR sign at a replica what is pushed there (failover_push), and who may push stands in IAM, which is "
    "not read: write failover_push before the import"
)
_POLICY: Final = (
    "it does not only let roles of other accounts push; the file computes the policy from push, and knows no other"
)


def published(account: LiveAccount) -> dict[str, Settings]:
    """The public repositories, by name."""
    places = published_at(account.home)
    return {name: it for at in places for name, it in account.named(PUBLIC_REPOSITORY.noun, at).items()}


def public_repositories(account: LiveAccount, policies: FoldedPolicies) -> dict[str, Written | None]:
    """`public_repositories`: what the gallery shows, and the roles of other accounts that push."""
    return {name: _public(settings, policies) or None for name, settings in published(account).items()}


def _public(live: Settings, policies: FoldedPolicies) -> Written:
    written: Written = {key: live[name] for name, key in _CATALOG.items() if live[name]}
    tags = {key: value for key, value in sorted(live["tags"].items()) if value}
    if owner := tags.pop(OWNER_TAG, None):
        written["owner"] = owner
    if tags:
        written["tags"] = tags
    if (policy := live["repositoryPolicy"]) and (who := policies.pushers.get(text_of(policy))):
        written["push"] = sorted(policies.names[it] for it in who)
    return written


# Accepted findings


def accepted_findings(account: LiveAccount) -> dict[str, Written]:
    """`accepted_findings`: what the filters of the home hide that an acceptance can say."""
    return {vulnerability: written for _, vulnerability, written in _accepted(account)}


def is_suppressed(account: LiveAccount) -> bool:
    """Whether the filters of the home are those that a deploy of this registry makes, all of them.

    Otherwise they stay as they are, and the file says to `ecrctl` alone what is accepted: in an organization only the
    administrator of Inspector can make filters.
    """
    made = [name == filter_name(account.name, vulnerability) for name, vulnerability, _ in _accepted(account)]
    return bool(made) and all(made)


def _accepted(account: LiveAccount) -> Iterator[tuple[str, str, Written]]:
    """By filter and vulnerability: the registry's own filters first, and of two for one vulnerability the first."""
    known: set[str] = set()
    for name, settings in _filters(account).items():
        said = _acceptances(settings, account.home.account)
        if isinstance(said, str):
            continue
        for vulnerability in sorted(said.keys() - known):
            known.add(vulnerability)
            yield name, vulnerability, said[vulnerability]


def _filters(account: LiveAccount) -> dict[str, Settings]:
    """The filters of the home that hide something."""
    own = filter_name(account.name, "")
    found = account.named(SUPPRESSION_FILTER.noun)
    names = sorted(found, key=lambda name: (not name.startswith(own), name))
    return {name: found[name] for name in names if found[name]["action"] == "SUPPRESS"}


def _acceptances(live: Settings, account: str) -> dict[str, Written] | str:
    """The acceptances that hide the same findings, by vulnerability; or why none do.

    Of the values of one criterion any is enough, and all criteria have to hold.
    https://docs.aws.amazon.com/inspector/v2/APIReference/API_FilterCriteria.html
    """
    criteria: Mapping[str, list[dict[str, Any]]] = live["criteria"]
    if further := sorted(criteria.keys() - _KNOWN):
        return f"it also asks for {listed(further)}, for which an acceptance has no word"
    if criteria.get("awsAccountId", [_equals(account)]) != [_equals(account)]:
        return f"it is about images of other accounts than {account}"
    vulnerabilities = [row["value"] for row in criteria.get("vulnerabilityId", ())]
    if not vulnerabilities or any(row["comparison"] != "EQUALS" for row in criteria["vulnerabilityId"]):
        return "it names no vulnerability by its whole id"
    names = [_name(row) for row in criteria.get("ecrImageRepositoryName", ())]
    if not names or None in names:
        return "an acceptance names repositories whole, or all below a namespace (web/*), and this one does not"
    until = _last_day(criteria.get("lastObservedAt", []))
    if until is None:
        return "an acceptance ends with a day (UTC): lastObservedAt of the filter has no such end"
    if not live["description"].strip():
        return "it has no description, and an acceptance needs a reason"
    written = {"repositories": names, "reason": live["description"], "until": until}
    return {vulnerability: dict(written) for vulnerability in vulnerabilities}


_KNOWN: Final = {"awsAccountId", "vulnerabilityId", "ecrImageRepositoryName", "lastObservedAt"}


def _equals(value: str) -> dict[str, str]:
    return {"comparison": "EQUALS", "value": value}


def _name(row: Mapping[str, Any]) -> str | None:
    """How an acceptance names what a criterion does; None where it cannot."""
    if row["comparison"] == "EQUALS":  # a star in it is text: it hides nothing, and an acceptance would
        return None if "*" in row["value"] else str(row["value"])
    return f"{row['value']}*" if row["comparison"] == "PREFIX" and row["value"].endswith("/") else None


def _last_day(rows: list[dict[str, Any]]) -> str | None:
    """The day after whose last second a filter hides nothing more; None where it ends otherwise, or never."""
    if len(rows) != 1 or rows[0].keys() != {"endInclusive"}:
        return None
    after = datetime.fromtimestamp(rows[0]["endInclusive"], UTC) + timedelta(seconds=1)
    return f"{after - timedelta(days=1):%Y-%m-%d}" if (after.hour, after.minute, after.second) == (0, 0, 0) else None


def inspector_settings(account: LiveAccount) -> Written:
    """Those of `account_settings` that are Amazon Inspector's: it has a value for each, whoever chose it."""
    found = account.named(INSPECTOR_SETTING.noun)
    return {name.lower(): settings["value"] for name, settings in found.items() if settings["value"]}


# What has no place in a file


def left_out(account: LiveAccount, policies: FoldedPolicies) -> dict[str, str]:
    """What is there and the file has no words for, and why; what these credentials may not read, too."""
    found: dict[str, str] = {}
    for name, settings in published(account).items():
        if settings.get("logoUrl"):
            found[f"the logo of public repository {name}"] = _LOGO
        if (policy := settings["repositoryPolicy"]) and text_of(policy) not in policies.pushers:
            found[f"the policy of public repository {name}"] = _POLICY
    accepted = {vulnerability: name for name, vulnerability, _ in _accepted(account)}
    for name, settings in _filters(account).items():
        said = _acceptances(settings, account.home.account)
        if isinstance(said, str):
            found[f"suppression filter {name}"] = said
        elif others := sorted(it for it in said if accepted[it] != name):
            found[f"suppression filter {name}"] = f"{listed(others)} is in another filter too, which the file follows"
    for at in account.locations[1:]:
        if account.named(SIGNING.noun, at).get("", {}).get("rules"):
            found[f"signing rules in {at.beside(account.home)}"] = _SIGNING
    for thing, why in account.not_read.items():
        where = thing.at.beside(account.home)
        found[f"every {thing.noun} in {where}"] = f"not read: {why}"
    return found
