"""The registry policy of a location: what is written, what is computed, and what both open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.access.explain import ask
from registry.access.openings import opens_to_everybody
from registry.access.registry_policy import registry_policy
from registry.access.rows import rows
from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry
from registry.reading.yaml_reader import parse
from tests.synth import ACCOUNT, SMALL, declared

OTHER = "210987654321"
THERE = Location(OTHER, "us-west-2")
HERE = f"arn:aws:ecr:ap-northeast-2:{ACCOUNT}:repository"
PULLS = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def allow(principal: Any, action: Any, resource: Any = f"{HERE}/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource, **more}


def written(*statements: dict[str, Any], more: str = "", **words: str) -> str:
    policy = json.dumps({"Version": "2012-10-17", **words, "Statement": list(statements)})
    return f"{SMALL}registry_policy: {policy}\nrepositories: {{web/api: , data/x: }}\n{more}"


def registry(*statements: dict[str, Any], more: str = "") -> Registry:
    return declared(written(*statements, more=more))


def sids(found: Registry, at: Location) -> list[str | None]:
    policy = registry_policy(found, at)
    return [each.get("Sid") for each in policy["Statement"]] if policy else []


def test_what_is_written_is_kept_with_its_words_and_stands_before_what_is_computed() -> None:
    caches = (
        "pull_through_cache_rules: {hub: {upstream_registry: quay}}\n"
        "creation_templates: {hub: {applied_for: [PULL_THROUGH_CACHE]}}\n"
        "principals: {org: {organization: o-a1b2c3d4e5}}\nnamespaces: {hub: {pull: [org]}}\n"
    )
    own = [allow({"AWS": OTHER}, "ecr:BatchGetImage", Sid="PullThrough1"), allow({"AWS": OTHER}, "ecr:ListImages")]
    text = written(*own, more=caches).replace('"Version": "2012-10-17"', '"Version": "2008-10-17", "Id": "mine"')
    found = declared(text)
    policy = registry_policy(found, found.home)
    assert policy is not None
    assert (policy["Version"], policy["Id"], policy["Statement"][:2]) == ("2008-10-17", "mine", own)
    assert sids(found, found.home) == ["PullThrough1", None, "PullThrough1Computed"]


def test_each_location_has_its_own_and_a_replica_adds_what_the_home_needs() -> None:
    own = json.dumps({"Statement": [allow({"AWS": OTHER}, "ecr:BatchGetImage", "*", Sid="Own")]})
    replicas = (
        f"replicas: {{us-west-2: , eu-west-1: {{registry_policy: {own}}}, {THERE}: {{registry_policy: {own}}}}}\n"
    )
    found = declared(f"{SMALL}{replicas}repositories: {{web/api: }}\n")
    assert sids(found, found.home) == sids(found, Location(ACCOUNT, "us-west-2")) == []
    assert sids(found, Location(ACCOUNT, "eu-west-1")) == ["Own"]
    assert sids(found, THERE) == ["Own", f"ReplicationFrom{ACCOUNT}"]


#: A pull policy for an organization, a service, and replication of everything: a shared registry in Terraform.
#: The statement for pulling had no resource there, which Terraform leaves out.
SHARED = (
    allow({"AWS": "*"}, PULLS, Sid="AllowOrgPull", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    allow(
        {"Service": "replication.ecr.amazonaws.com"},
        ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "*",
        Sid="AllowReplicationService",
    ),
)
#: hashicorp/terraform-provider-aws, its acceptance test of a pull-through cache of another account's ECR.
CACHE = (
    allow(
        {"AWS": f"arn:aws:iam::{OTHER}:root"},
        ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage", "ecr:GetImageCopyStatus"],
    ),
)
#: https://github.com/hashicorp/terraform-provider-aws/issues/40828: many actions for the account itself.
ITSELF = (
    allow(
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        [
            "ecr:PutImageTagMutability",
            "ecr:CreateRepository",
            "ecr:UntagResource",
            "ecr:PutImage",
            "ecr:DeleteRepository",
        ],
        Sid="testpolicy",
    ),
)
#: A Terraform module: replication from other accounts, into repositories by name.
SOURCES = tuple(
    allow(
        {"AWS": [f"arn:aws:iam::{account}:root"]},
        ["ecr:CreateRepository", "ecr:ReplicateImage"],
        [f"{HERE}/web/*", f"{HERE}/tool"],
        Sid=f"ReplicationAccess{account}",
    )
    for account in ("210987654321", "345678901234")
)
OUTSIDE, ALL = "registry-policy-outside-organization", "replica-all-repositories"


@pytest.mark.parametrize(
    ("statements", "warnings"),
    [
        (SHARED, ["registry-policy-kind", "registry-policy-service", ALL]),
        (CACHE, [OUTSIDE, ALL]),
        (ITSELF, [ALL]),
        (SOURCES, [OUTSIDE, OUTSIDE, ALL]),
    ],
    ids=["shared", "cache", "itself", "sources"],
)
def test_public_registry_policies_can_be_said_and_are_warned_about(
    statements: tuple[dict[str, Any], ...], warnings: list[str]
) -> None:
    text = written(*statements, more="replicas: {us-west-2: {all_repositories: true}}\n")
    outcome = check_sources(parse(text.encode(), "registry.yaml"))
    assert sorted(finding.rule for finding in outcome.findings) == warnings
    assert outcome.registry is not None
    policy = registry_policy(outcome.registry, outcome.registry.home)
    assert policy == {"Version": "2012-10-17", "Statement": list(statements)}


def said(found: Registry) -> list[tuple[str, str, str, str]]:
    return [(row.principal, row.who, row.may, row.where) for row in rows(found)]


def test_access_says_who_may_do_what_in_which_repositories() -> None:
    found = registry(
        *SHARED,
        allow({"AWS": OTHER}, "ecr:*", [f"{HERE}/web/*", "*"]),
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage", "NotResource": f"{HERE}/web/*"},
        more=f"principals: {{org: {{organization: o-a1b2c3d4e5}}, them: {{account: '{OTHER}'}}}}\n",
    )
    service = "replication.ecr.amazonaws.com for anybody"
    assert said(found) == [
        ("org", "o-a1b2c3d4e5", ", ".join(PULLS), "*"),
        ("", service, "ecr:CreateRepository, ecr:ReplicateImage", "*"),
        ("them", f"account {OTHER}", "ecr:*", "web/*, *"),
        ("", "everybody", "denied: ecr:PutImage", "all but web/*"),
    ]
    assert {(row.locations, row.at[:2]) for row in rows(found)} == {((found.home,), ("registry_policy", "Statement"))}


#: Roles of the account itself and of another, and an account as a whole.
PRINCIPALS = (
    f"principals: {{ours: {{role: 'arn:aws:iam::{ACCOUNT}:role/ours'}}, "
    f"theirs: {{role: 'arn:aws:iam::{OTHER}:role/theirs'}}, account: {{account: '345678901234'}}}}\n"
    "acceptances: [{rule: principal-unused, reason: opened by the registry policy}]\n"
)
OURS, THEIRS = f"arn:aws:iam::{ACCOUNT}:role/ours", f"arn:aws:iam::{OTHER}:role/theirs"
STAR = {"Effect": "Deny", "Principal": "*"}


@pytest.mark.parametrize(
    ("statements", "question", "allowed"),
    [
        ([allow({"AWS": OURS}, "ecr:PutImage")], ("ours", "PutImage", "web/api"), True),
        ([allow({"AWS": ACCOUNT}, "ecr:PutImage")], ("ours", "PutImage", "web/api"), False),
        ([allow({"AWS": THEIRS}, "ecr:PutImage")], ("theirs", "PutImage", "web/api"), True),
        ([allow({"AWS": THEIRS}, "ecr:PutImage", f"{HERE}/data/*")], ("theirs", "PutImage", "web/api"), False),
        ([allow({"AWS": "345678901234"}, "ecr:Put*", f"{HERE}/web/?pi")], ("account", "PutImage", "web/api"), True),
        (
            [allow({"AWS": THEIRS}, "ecr:*"), {**STAR, "Action": "ecr:PutImage", "Resource": f"{HERE}/web/*"}],
            ("theirs", "PutImage", "web/api"),
            False,
        ),
        (
            [allow({"AWS": THEIRS}, "ecr:*"), {**STAR, "Action": "ecr:PutImage", "NotResource": f"{HERE}/web/*"}],
            ("theirs", "PutImage", "web/api"),
            True,
        ),
        ([allow({"AWS": OURS}, "ecr:DescribeRegistry", "*")], ("ours", "DescribeRegistry", "web/api"), True),
        ([allow({"AWS": OURS}, "ecr:DescribeRegistry")], ("ours", "DescribeRegistry", "web/api"), False),
        ([allow({"AWS": "345678901234"}, "ecr:*", "*")], ("account", "PutRegistryPolicy", "web/api"), True),
        (
            [allow({"AWS": OURS}, "ecr:*", "*"), {**STAR, "Action": "ecr:PutRegistryPolicy", "Resource": "*"}],
            ("ours", "PutRegistryPolicy", "web/api"),
            False,
        ),
    ],
)
def test_a_question_is_answered_by_the_registry_policy_too(
    statements: list[dict[str, Any]], question: tuple[str, str, str], allowed: bool
) -> None:
    found = registry(*statements, more=PRINCIPALS)
    who, action, repository = question
    principal = next(each for each in found.principals if each.name == who)
    answer = ask(found, principal, f"ecr:{action}", repository)
    assert answer is not None
    assert answer.allowed is allowed
    assert all("of the registry policy" in reason.statement for reason in answer.reasons)
    assert {reason.at[0][0] for reason in answer.reasons} <= {"registry_policy"}
    assert answer.other_side == ({"theirs": OTHER, "account": "345678901234"}.get(who) if allowed else None)


def test_a_deny_of_the_registry_takes_away_what_a_grant_gives() -> None:
    grants = PRINCIPALS + "namespaces: {web: {push: [ours]}}\n"
    deny = {**STAR, "Action": "ecr:PutImage", "Resource": f"{HERE}/web/api"}
    answers = {}
    for name in ("web/api", "web/ui"):
        found = declared(written(deny, more=grants).replace("data/x: ", "web/ui: "))
        ours = next(each for each in found.principals if each.name == "ours")
        answer = ask(found, ours, "ecr:PutImage", name)
        assert answer is not None
        answers[name] = answer.allowed
    assert answers == {"web/api": False, "web/ui": True}


def test_a_resource_with_a_policy_variable_is_no_certain_answer() -> None:
    found = registry(allow({"AWS": THEIRS}, "ecr:PutImage", f"{HERE}/${{aws:PrincipalTag/team}}/*"), more=PRINCIPALS)
    theirs = next(each for each in found.principals if each.name == "theirs")
    answer = ask(found, theirs, "ecr:PutImage", "web/api")
    assert answer is not None
    assert [reason.condition for reason in answer.reasons] == ["it is the session or the repository that is named"]


def test_a_role_of_another_account_of_the_registry_asks_its_own_registry_about_itself() -> None:
    deny = {**STAR, "Action": "ecr:*", "Resource": "*"}
    more = f"{PRINCIPALS}replicas: {{{THERE}: }}\nnamespaces: {{web: {{pull: [theirs]}}}}\n"
    found = registry(deny, more=more)
    theirs = next(each for each in found.principals if each.name == "theirs")
    login = ask(found, theirs, "ecr:GetAuthorizationToken", "web/api")
    pull = ask(found, theirs, "ecr:BatchGetImage", "web/api")
    assert login is not None
    assert pull is not None
    assert {at for reason in login.reasons if reason.allows for at in reason.locations} == {found.home, THERE}
    assert {at for reason in pull.reasons if reason.allows for at in reason.locations} == {THERE}


def test_the_statement_by_which_the_home_replicates_lets_no_principal_in() -> None:
    found = declared(f"{SMALL}{PRINCIPALS}replicas: {{{THERE}: }}\nrepositories: {{web/api: }}\n")
    for principal in found.principals:
        answer = ask(found, principal, "ecr:ReplicateImage", "web/api")
        assert answer is not None
        assert not answer.allowed


def test_a_deny_with_a_policy_variable_narrows_nothing() -> None:
    """In a resource `${*}` is the character, not a wildcard."""
    variable = allow("*", "ecr:PutImage", f"{HERE}/${{aws:PrincipalTag/team}}")
    deny = {**STAR, "Action": "ecr:PutImage", "Resource": f"{HERE}/${{*}}"}
    assert opens_to_everybody({"Statement": [variable, deny]})
    assert not opens_to_everybody({"Statement": [variable, {**deny, "Resource": f"{HERE}/*"}]})


def test_what_no_file_declares_is_at_a_replica_of_everything_too() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": THEIRS}, "Action": "ecr:BatchGetImage"}]}
    template = json.dumps({"applied_for": ["CREATE_ON_PUSH", "REPLICATION"], "repository_policy": policy})
    for replica, locations in (("all_repositories: true", 2), ("namespaces: [web]", 1)):
        found = declared(
            f"{SMALL}{PRINCIPALS}replicas: {{us-west-2: {{{replica}}}}}\n"
            f"creation_templates: {{ROOT: {template}}}\nrepositories: {{web/api: }}\n"
        )
        theirs = next(each for each in found.principals if each.name == "theirs")
        answer = ask(found, theirs, "ecr:BatchGetImage", "unheard/of")
        assert answer is not None
        assert sum(len(reason.locations) for reason in answer.reasons) == locations
