"""Kinds of change that the scenarios of a reviewer do not name: each is told where it happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.plan.change import KINDS
from tests.registry.plan import test_feared, test_harmless
from tests.registry.plan.base import edited
from tests.registry.plan.planned import planned

Edits = tuple[tuple[str, str], ...]
ORGANIZATION = "access: {organization: o-a1b2c3d4e5, "
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
REPLICA = ("us-west-2: {namespaces: [web]}", "us-west-2: ")
SIGNED = (
    '{signing_profile_arn: "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases", '
    'repository_filters: ["web/*"]}',
    '{signing_profile: releases, repository_filters: ["web/*"]}\nsigning_profiles: {releases: }',
)
TEMPLATES = "hub: {applied_for: [PULL_THROUGH_CACHE]"
#: What is edited before and after.
TOLD: dict[str, tuple[Edits, Edits]] = {
    "session-longer": ((), ((ORGANIZATION, f"{ORGANIZATION}max_session_duration: 7200, "),)),
    "session-shorter": (((ORGANIZATION, f"{ORGANIZATION}max_session_duration: 7200, "),), ()),
    "oidc-provider-named": ((), ((ORGANIZATION, f'{ORGANIZATION}oidc_providers: ["{PROVIDER}"], '),)),
    "oidc-provider-made": (((ORGANIZATION, f'{ORGANIZATION}oidc_providers: ["{PROVIDER}"], '),), ()),
    "scan-flag": (
        (("  web/worker:\n", "  web/worker: {scan_on_push: false}\n"),),
        (("  web/worker:\n", "  web/worker: {scan_on_push: true}\n"),),
    ),
    "scan-flag-off": ((), (("  web/worker:\n", "  web/worker: {scan_on_push: false}\n"),)),
    "kms-key-window": ((), (("alias/images: ,", "alias/images: {pending_window_in_days: 7},"),)),
    "kms-key-changed": ((), (("alias/images: ,", "alias/images: {rotation_period_in_days: 90},"),)),
    "replication-filters": ((REPLICA,), (REPLICA, ("  web/worker:\n", "  web/worker:\n  tool:\n"))),
    "signing-of-replica-less": (
        (SIGNED, ("web/api: {push: [ci]", "web/api: {push: [ci], failover_push: [ci]")),
        (SIGNED,),
    ),
    "tags-rewritten": (
        (("moving_tags: [latest]", 'moving_tags: [latest, "v*"]'),),
        (("moving_tags: [latest]", 'moving_tags: [latest, "v*", "v1*"]'),),
    ),
    "template-added": ((), ((TEMPLATES, f"more: {{applied_for: [PULL_THROUGH_CACHE]}}\n  {TEMPLATES}"),)),
    "template-removed": (((TEMPLATES, f"more: {{applied_for: [PULL_THROUGH_CACHE]}}\n  {TEMPLATES}"),), ()),
    "template-role": (
        (),
        ((TEMPLATES, f'{TEMPLATES}, custom_role_arn: "arn:aws:iam::123456789012:role/ecr-creation"'),),
    ),
}
#: Told by a scenario of a reviewer, or by one that does no harm.
TOLD_BY = {
    "principal-fewer-teams": "fewer team files may grant",
    "access-later": "another organization is asked for",
    "role-policies": "a grant said twice",
    "repository-policies": "a policy in two statements, with names",
    "endpoint-policies": "a namespace is moved",
    "creation-role": "a replica is added",
    "audit-policy": "a replica is added",
    "registry-policy": "a namespace is copied to an account that has only others",
    "repository-added": "a repository is added in a namespace that is open already",
    "owner": "another owner",
    "cache-role-follows": "a cache of another account's ECR is added",
    "replica-templates": "a whole account may pull where a role could",
    "lifecycle-rewritten": "a lifecycle in ECR's own words",
    "template-encryption": "an encryption is switched on (cloudformation-coverage-roadmap 2502)",
    "resource-tags": "a resource tag",
    "required-tags": "another tag that every repository must have",
    "template-text": "a description",
}
#: Told by one of them when it is taken back.
TOLD_BACK = {
    "boundary-added": "the permissions boundary is dropped",
    "cache-secret-left": "a cache with a secret that is made is added",
    "replica-less": "a replica receives another namespace",
    "replica-keeps": "deletions are replicated",
    "kept-on-delete": "retain is dropped by a default",
    "network-narrowed": "a network opens to more addresses",
    "scanning-more": "fewer repositories are scanned",
}


def kinds(old: str, new: str) -> set[str]:
    return {it.kind.id for it in planned(old, new)}


def scenario(name: str) -> tuple[str, str]:
    """A scenario's registry before and after."""
    edits = test_feared.FEARED[name][0] if name in test_feared.FEARED else test_harmless.HARMLESS[name]
    before = (test_feared if name in test_feared.FEARED else test_harmless).BEFORE.get(name, ())
    return edited(*before), edited(*edits)


@pytest.mark.parametrize("kind", TOLD)
def test_a_change_is_told(kind: str) -> None:
    before, after = TOLD[kind]
    assert kind in kinds(edited(*before), edited(*after))


@pytest.mark.parametrize("kind", TOLD_BY)
def test_a_scenario_tells_it(kind: str) -> None:
    old, new = scenario(TOLD_BY[kind])
    assert kind in kinds(old, new)


@pytest.mark.parametrize("kind", TOLD_BACK)
def test_the_way_back_tells_it(kind: str) -> None:
    old, new = scenario(TOLD_BACK[kind])
    assert kind in kinds(new, old)


def test_every_kind_of_change_stands_in_a_test() -> None:
    here = Path(__file__).parent
    files = [*here.glob("test_*.py"), *(here.parents[1] / "ops" / "plan").glob("test_*.py")]
    texts = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [kind for kind in KINDS if kind not in texts] == []
