"""What a plan says of signing profiles, excluded principals and accepted findings."""

from __future__ import annotations

import pytest

from registry.plan.run import plan
from registry.plan.sides import Sides
from registry.plan.unexplained import unexplained
from tests.registry.plan.planned import side, told
from tests.registry.plan.test_templates_explained import templates

PRINCIPALS = """\
replicas: {us-west-2: }
principals:
  ci: {role: "arn:aws:iam::123456789012:role/ci"}
  theirs: {role: "arn:aws:iam::345678901234:role/ci", outside_organization: true}
"""
SIGNED = "signing: [{signing_profile: releases}]\nsigning_profiles: {releases: }\n"
NAMED = 'signing: [{signing_profile_arn: "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/company"}]\n'
PLAIN = "repositories: {web/api: {push: [ci]}}\n"
ACCEPTED = "accepted_findings: {CVE-2026-1: {repositories: [web/api], reason: why, until: 2027-06-30}}\n"
ENHANCED = "scanning: {scan_type: ENHANCED}\n"
PIPELINE = f"""{PLAIN}pipelines:
  web/api:
    connection: arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
"""
HIDING = "scanning: {scan_type: ENHANCED, suppression_filters: true}\n"
SCANNER = "arn:aws:iam::123456789012:role/scanner"
#: Before, after, and the kinds of changes with their risks.
CHANGES: dict[str, tuple[str, str, set[str]]] = {
    "a profile is made": (PLAIN, SIGNED + PLAIN, {"safe signing-more", "safe signing-profile-made"}),
    "a profile leaves": (SIGNED + PLAIN, PLAIN, {"breaks signing-less", "breaks signing-profile-left"}),
    "signatures are to be valid for another time": (
        SIGNED + PLAIN,
        SIGNED.replace("releases: }", "releases: {signature_validity_in_months: 12}}") + PLAIN,
        {"breaks signing-profile-validity"},
    ),
    "another account pushes what a profile signs": (
        SIGNED + PLAIN,
        SIGNED + PLAIN.replace("[ci]", "[ci, theirs]"),
        {"opens signing-profile-opened", "opens access-gained"},
    ),
    "a profile that exists lets in another account": (
        NAMED + PLAIN,
        NAMED + PLAIN.replace("[ci]", "[ci, theirs]"),
        {"opens signing-profile-opened", "opens access-gained"},
    ),
    "it no longer does": (
        SIGNED + PLAIN.replace("[ci]", "[ci, theirs]"),
        SIGNED + PLAIN,
        {"breaks signing-profile-closed", "breaks access-lost"},
    ),
    "a replica is pushed to": (
        SIGNED + PLAIN,
        SIGNED + PLAIN.replace("push: [ci]", "push: [ci], failover_push: [ci]"),
        {"safe signing-of-replica", "safe signing-profile-made", "opens access-gained"},
    ),
    "a principal's pulls do not count": (
        PLAIN,
        f'pull_time_update_exclusions: ["{SCANNER}"]\n{PLAIN}',
        {"breaks pull-exclusion-added"},
    ),
    "they count again": (
        f'pull_time_update_exclusions: ["{SCANNER}"]\n{PLAIN}',
        PLAIN,
        {"safe pull-exclusion-removed"},
    ),
    "a finding is accepted": (PLAIN, ACCEPTED + PLAIN, {"opens finding-accepted"}),
    "a pipeline hears of it": (PIPELINE, ACCEPTED + PIPELINE, {"opens finding-accepted"}),
    "for longer": (ACCEPTED + PLAIN, ACCEPTED.replace("2027-06", "2027-07") + PLAIN, {"opens finding-accepted"}),
    "for a shorter time": (
        HIDING + ACCEPTED + PLAIN,
        HIDING + ACCEPTED.replace("2027-06", "2027-05") + PLAIN,
        {"breaks finding-accepted-less"},
    ),
    "for another reason": (
        HIDING + ACCEPTED + PLAIN,
        HIDING + ACCEPTED.replace("why", "because") + PLAIN,
        {"safe finding-reason"},
    ),
    "Inspector hides findings": (ENHANCED + ACCEPTED + PLAIN, HIDING + ACCEPTED + PLAIN, {"opens finding-filters"}),
    "Inspector shows them again": (
        HIDING + ACCEPTED + PLAIN,
        ENHANCED + ACCEPTED + PLAIN,
        {"safe finding-filters-gone"},
    ),
    "Inspector scans images again for longer": (
        ENHANCED + PLAIN,
        f"account_settings: {{inspector_rescan_duration: DAYS_90}}\n{ENHANCED}{PLAIN}",
        {"safe account-setting"},
    ),
}


@pytest.mark.parametrize(("before", "after", "kinds"), CHANGES.values(), ids=CHANGES)
def test_each_change_is_told_with_its_risk(before: str, after: str, kinds: set[str]) -> None:
    lines = told(PRINCIPALS + before, PRINCIPALS + after)
    assert kinds <= {" ".join(line.split()[:2]) for line in lines}, lines
    feared = {kind for kind in kinds if not kind.startswith("safe")}
    assert {" ".join(line.split()[:2]) for line in lines if not line.startswith("safe")} == feared


@pytest.mark.parametrize("name", ["another account pushes what a profile signs", "a replica is pushed to",
                                  "a pipeline hears of it", "a profile that exists lets in another account",
                                  "for another reason", "they count again", "a profile leaves"])  # fmt: skip
def test_a_change_explains_what_differs_in_the_templates(name: str) -> None:
    before, after, _ = CHANGES[name]
    sides = Sides(side(PRINCIPALS + before), side(PRINCIPALS + after))
    old, new = templates(sides.old.registry), templates(sides.new.registry)
    assert list(unexplained(plan(sides), old, new)) == []
    assert old != new
