"""What a replica receives besides images: templates of what is not declared, keys, roles, and who is let in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.access.creation_role import creation_role_policies, needs_creation_role, role_of
from registry.access.policies import locations_of
from registry.access.registry_policy import registry_policy
from registry.locations import Location
from registry.model import CreationTemplate, Registry
from tests.synth import ACCOUNT, SMALL, declared

OTHER = "210987654321"
WEST, THERE = Location(ACCOUNT, "us-west-2"), Location(OTHER, "us-west-2")
REPLICAS = f"replicas: {{us-west-2: {{namespaces: [web, _]}}, {OTHER}/us-west-2: {{namespaces: [web, _]}}}}\n"
REPOSITORIES = (
    "repositories: {web/api: , web/ui: , tool: , data/x: }\nacceptances: [{rule: replication-prefix, reason: x}]\n"
)


def registry(rest: str = "", replicas: str = REPLICAS) -> Registry:
    return declared(SMALL + replicas + REPOSITORIES + rest)


def template(found: Registry, at: Location = WEST, prefix: str = "web") -> CreationTemplate:
    return next(each for each in found.templates_in(at) if each.prefix == prefix)


def test_a_replica_has_a_template_for_each_namespace_it_receives_and_the_home_none() -> None:
    found = registry()
    assert [each.prefix for each in found.templates_in(WEST)] == ["web"]
    assert [each.prefix for each in found.templates_in(THERE)] == ["web"]
    assert found.templates_in(found.home) == ()
    assert template(found).applied_for == ("REPLICATION",)


def test_it_has_the_settings_of_the_namespace_not_those_of_a_single_repository() -> None:
    found = registry(
        "defaults: {image_tag_mutability: MUTABLE, tags: {a: d}}\n"
        "namespaces: {web: {tags: {a: n, b: n}, owner: team-web, fixed_tags: ['v*'], lifecycle: few}}\n"
        "lifecycles: {few: [{keep: {any: true, last: 3}}]}\n"
    )
    made = template(found)
    assert made.image_tag_mutability == "MUTABLE_WITH_EXCLUSION"
    assert made.exclusion_filters == ("v*",)
    assert made.tags == (("a", "n"), ("b", "n"), ("owner", "team-web"))
    assert made.lifecycle is not None
    assert json.loads(made.lifecycle.text)["rules"][0]["selection"]["countNumber"] == 3


def test_grants_on_the_namespace_are_in_the_template_and_those_on_a_repository_are_not() -> None:
    text = (
        SMALL + REPLICAS + "principals: {aa: {organization: o-a1b2c3d4e5}, bb: {organization: o-b1b2c3d4e5}}\n"
        "namespaces: {web: {pull: [aa]}}\nrepositories: {web/api: {pull: [bb]}}\n"
    ).replace(", _]", "]")
    policy = template(declared(text), THERE).policy_in(THERE)
    assert policy is not None
    assert "o-a1b2c3d4e5" in policy
    assert "o-b1b2c3d4e5" not in policy


@pytest.mark.parametrize(
    "templates",
    [
        "creation_templates: {web: {applied_for: [REPLICATION], lifecycle: few}}",
        "creation_templates: {ROOT: {applied_for: [REPLICATION], lifecycle: few}}",
    ],
)
def test_a_template_of_the_file_that_serves_replication_is_the_only_one(templates: str) -> None:
    found = registry(f"lifecycles: {{few: [{{keep: {{any: true, last: 3}}}}]}}\n{templates}\n")
    assert [(each.prefix, each.lifecycle and each.lifecycle.name) for each in found.templates_in(WEST)] == [
        (templates.split("{")[1].split(":")[0], "few")
    ]


def test_another_account_lets_the_home_replicate_what_is_declared_and_nothing_else() -> None:
    found = registry()
    assert registry_policy(found, THERE) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"ReplicationFrom{ACCOUNT}",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
                "Resource": [
                    f"arn:aws:ecr:us-west-2:{OTHER}:repository/tool",
                    f"arn:aws:ecr:us-west-2:{OTHER}:repository/web/*",
                ],
            }
        ],
    }
    assert registry_policy(found, WEST) is None
    assert registry_policy(found, found.home) is None


ALL = f"replicas: {{us-west-2: {{all_repositories: true}}, {OTHER}/us-west-2: {{all_repositories: true}}}}\n"


def test_a_replica_of_everything_lets_the_home_replicate_everything() -> None:
    policy = registry_policy(registry(replicas=ALL), THERE)
    assert policy is not None
    (statement,) = policy["Statement"]
    assert statement["Resource"] == [f"arn:aws:ecr:us-west-2:{OTHER}:repository/*"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def test_a_replica_of_everything_has_a_template_for_each_namespace_a_file_speaks_of_and_no_other() -> None:
    found = registry("namespaces: {later: {lifecycle: untagged-14-days}}\n", ALL)
    for at in (WEST, THERE):
        assert [each.prefix for each in found.templates_in(at)] == ["data", "later", "web"]
    found = registry("creation_templates: {ROOT: {applied_for: [REPLICATION]}}\n", ALL)
    assert [each.prefix for each in found.templates_in(WEST)] == ["ROOT"]


def test_a_grant_on_a_namespace_to_come_holds_at_a_replica_of_everything() -> None:
    principals = "principals: {aa: {organization: o-a1b2c3d4e5}}\nnamespaces: {later: {pull: [aa]}}\n"
    for replicas, where in ((ALL, {WEST, THERE}), (REPLICAS.replace("web, ", ""), set())):
        found = registry(principals, replicas)
        (grant,) = [each for each in found.grants if each.scope == "later/*"]
        assert {*locations_of(found, grant)} == {found.home} | where


def test_tags_and_keys_are_created_in_a_role_of_each_account_that_needs_one() -> None:
    assert not needs_creation_role(registry(), ACCOUNT)
    found = registry("namespaces: {web: {tags: {team: web}}}\n")
    for at in (WEST, THERE):
        assert needs_creation_role(found, at.account)
        assert role_of(found, template(found, at), at) == f"arn:aws:iam::{at.account}:role/acme-ecr-creation"
        ((create,),) = (policy["Statement"] for policy in creation_role_policies(found, at.account))
        assert create["Resource"] == [f"arn:aws:ecr:us-west-2:{at.account}:repository/web/*"]


def test_a_role_of_the_file_is_used_in_its_account_and_the_made_one_elsewhere() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:role/mine"
    found = registry(
        f"creation_templates: {{web: {{applied_for: [REPLICATION], tags: {{a: b}}, custom_role_arn: '{own}'}}}}\n"
    )
    assert role_of(found, template(found), WEST) == own
    assert role_of(found, template(found), THERE) == f"arn:aws:iam::{OTHER}:role/acme-ecr-creation"
    assert not needs_creation_role(found, ACCOUNT)
    assert needs_creation_role(found, OTHER)


def statement(found: Registry, sid: str, account: str = OTHER) -> dict[str, Any]:
    return next(
        each for policy in creation_role_policies(found, account) for each in policy["Statement"] if each["Sid"] == sid
    )


def test_the_role_uses_the_keys_of_the_templates_and_no_other() -> None:
    key = f"arn:aws:kms:us-west-2:{OTHER}:key/12345678-1234-1234-1234-123456789012"
    keys = f"{{ap-northeast-2: alias/a, us-west-2: alias/a, {OTHER}/us-west-2: 12345678-1234-1234-1234-123456789012}}"
    found = registry(
        f"namespaces: {{web: {{encryption_type: KMS, kms_key: {keys}}}}}\nkms_keys: {{alias/a: }}\n",
    )
    assert statement(found, "Encrypt")["Resource"] == [key]
    made = statement(found, "EncryptByAlias", ACCOUNT)
    assert made["Resource"] == [f"arn:aws:kms:us-west-2:{ACCOUNT}:key/*"]
    assert made["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": ["alias/a"]}}


def test_a_key_is_made_where_something_is_encrypted_with_it() -> None:
    found = registry(
        "kms_keys: {alias/a: }\nnamespaces: {web: {encryption_type: KMS, kms_key: {us-west-2: alias/a, "
        "ap-northeast-2: alias/theirs}}}\n"
    )
    assert [*found.keys_in(WEST)] == ["alias/a"]
    assert [*found.keys_in(THERE)] == ["alias/a"]
    assert found.keys_in(found.home) == {}


def test_the_key_of_an_account_and_region_is_nearer_than_that_of_the_region() -> None:
    found = registry(
        "namespaces: {web: {encryption_type: KMS, kms_key: {'*': alias/all, us-west-2: alias/west, "
        f"{OTHER}/us-west-2: alias/there}}}}}}\nkms_keys: {{alias/west: , alias/there: }}\n"
    )
    encryption = next(r for r in found.repositories if r.name == "web/api").encryption
    assert [encryption.key_in(at) for at in (found.home, WEST, THERE)] == ["alias/all", "alias/west", "alias/there"]
