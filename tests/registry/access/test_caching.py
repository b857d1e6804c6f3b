"""Who has upstream images fetched by a pull-through cache, and who signs: what grants take besides."""

from __future__ import annotations

from typing import Any

import pytest

from registry.access.caching import cached_scopes
from registry.access.explain import ask
from registry.access.other_accounts import policies_for_account
from registry.access.policies import by_role, identity_policies
from registry.access.registry_policy import registry_policy
from registry.access.signers import profiles_of
from registry.locations import Location
from registry.patterns import meet
from tests.synth import SMALL, declared

PRINCIPALS = """\
access: {organization: o-a1b2c3d4e5}
principals:
  ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}
  nodes: {role: "arn:aws:iam::123456789012:role/eks-node"}
  others: {role: "arn:aws:iam::210987654321:role/eks-node"}
  sales: {account: "345678901234"}
  everyone: {organization: o-a1b2c3d4e5}
  functions: {lambda_account: "123456789012"}
creation_templates: {ROOT: {applied_for: [PULL_THROUGH_CACHE]}}
"""
PROFILES = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/"
ARN = "arn:aws:ecr:ap-northeast-2:123456789012:repository/"


def statements(text: str, principal: str) -> dict[str, dict[str, Any]]:
    """What a principal of the home's account gets, by Sid."""
    found = declared(SMALL + PRINCIPALS + text)
    grants = next(grants for who, grants in by_role(found, found.account).items() if who.name == principal)
    return {each["Sid"]: each for document in identity_policies(found, grants) for each in document["Statement"]}


@pytest.mark.parametrize(
    ("prefix", "scope", "cached"),
    [
        ("hub", "hub/*", {"hub/*"}),
        ("hub/library", "hub/*", {"hub/library/*"}),
        ("hub", "hub/nginx", {"hub/nginx"}),
        ("hub/library", "hub/nginx", set()),
        ("hub", "hubs/*", set()),
        ("hubs", "hub/*", set()),
        ("ROOT", "web/*", {"web/*"}),
        ("ROOT", "tool", {"tool"}),
    ],
)
def test_a_grant_is_cached_where_it_and_a_prefix_meet(prefix: str, scope: str, cached: set[str]) -> None:
    layer = f"namespaces: {{{scope[:-2]}: {{pull: [nodes]}}}}\nrepositories: {{web/api: }}"
    if not scope.endswith("/*"):
        layer = f"repositories: {{{scope}: {{pull: [nodes]}}}}"
    found = declared(
        f"{SMALL}{PRINCIPALS}pull_through_cache_rules: {{{prefix}: {{upstream_registry: quay}}}}\n{layer}\n"
    )
    (grant,) = found.grants
    assert grant.scope == scope
    assert cached_scopes(found, grant, found.home) == cached


def test_a_wider_prefix_takes_the_place_of_those_below_it() -> None:
    found = declared(
        f"{SMALL}{PRINCIPALS}pull_through_cache_rules: {{hub: {{upstream_registry: quay}}, "
        "hub/k8s: {upstream_registry: k8s}}\n"
        "namespaces: {hub: {pull: [nodes]}}\nrepositories: {web/api: }\n"
    )
    assert cached_scopes(found, found.grants[0], found.home) == {"hub/*"}


CACHES = """\
pull_through_cache_rules: {hub: {upstream_registry: quay}}
replicas: {us-west-2: {namespaces: [hub, web]}}
namespaces: {hub: {pull: [nodes, others, sales, everyone, functions], delete: [ci]}}
repositories: {hub/own: , web/api: {pull: [nodes, others]}}
acceptances: [{rule: cache-declared, reason: it is}, {rule: principal-outside-organization, reason: a test}]
"""


def test_who_pulls_below_a_cache_has_images_fetched_where_the_rule_is_and_nowhere_else() -> None:
    found = statements(CACHES, "nodes")
    assert found["PullThrough"] == {
        "Sid": "PullThrough",
        "Effect": "Allow",
        "Action": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
        "Resource": [f"{ARN}hub/*"],
    }
    assert "PullThrough" not in statements(CACHES, "ci")  # it deletes, and pulls nothing


def test_others_have_images_fetched_by_the_registry_policy_but_lambda_does_not() -> None:
    found = declared(SMALL + PRINCIPALS + CACHES)
    policy = registry_policy(found, found.home)
    assert policy is not None
    assert {str(each["Principal"]) for each in policy["Statement"]} == {
        "{'AWS': ['arn:aws:iam::345678901234:root']}",
        "{'AWS': ['arn:aws:iam::210987654321:root']}",
        "*",
    }
    for each in policy["Statement"]:
        assert each["Action"] == ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
        assert each["Resource"] == [f"{ARN}hub/*"]
        assert "o-a1b2c3d4e5" in str(each["Condition"])
    assert len({each["Sid"] for each in policy["Statement"]}) == 3
    assert registry_policy(found, found.replicas[0].location) is None
    assert registry_policy(declared(SMALL + "repositories: {web/api: }"), found.home) is None


EVERYWHERE = """\
pull_through_cache_rules:
  hub/library: {upstream_registry: quay, locations: [us-west-2, 210987654321/eu-west-1]}
replicas: {us-west-2: {namespaces: [web]}, 210987654321/eu-west-1: {namespaces: [web]}}
namespaces: {hub: {pull: [nodes, others]}}
repositories: {web/api: }
"""
WEST, OTHER = "arn:aws:ecr:us-west-2:123456789012:repository/", "arn:aws:ecr:eu-west-1:210987654321:repository/"


def test_a_cache_of_replicas_is_pulled_from_there_below_its_prefix_alone() -> None:
    found = statements(EVERYWHERE, "nodes")
    cached = [f"{name}hub/library/*" for name in (OTHER, WEST)]
    assert found["PullThrough"]["Resource"] == cached
    assert sorted(found["Pull"]["Resource"]) == sorted([f"{ARN}hub/*", *cached])


def test_in_each_account_roles_of_the_other_have_images_fetched_by_the_registry_policy() -> None:
    """https://github.com/aws/containers-roadmap/issues/2053: the first pull from another account failed, since a
    repository that does not exist yet has no policy.
    """
    found = declared(SMALL + PRINCIPALS + EVERYWHERE)
    west, other = (it.location for it in found.replicas)

    def said(at: Location) -> list[tuple[Any, Any]]:
        policy = registry_policy(found, at) or {"Statement": []}
        return [
            (each["Condition"]["ArnEquals"]["aws:PrincipalArn"], each["Resource"])
            for each in policy["Statement"]
            if "ecr:BatchImportUpstreamImage" in each["Action"]
        ]

    assert said(found.home) == []  # nothing is fetched there
    assert said(west) == [(["arn:aws:iam::210987654321:role/eks-node"], [f"{WEST}hub/library/*"])]
    assert said(other) == [(["arn:aws:iam::123456789012:role/eks-node"], [f"{OTHER}hub/library/*"])]


def test_what_a_cache_of_a_replica_makes_lets_in_whom_the_namespace_does() -> None:
    """https://github.com/aws/containers-roadmap/issues/939: other accounts could not pull what was cached."""
    templates = "{hub: {applied_for: [PULL_THROUGH_CACHE]}, quay: {applied_for: [CREATE_ON_PUSH]}}"
    principals = PRINCIPALS.replace("{ROOT: {applied_for: [PULL_THROUGH_CACHE]}}", templates)
    accepted = "acceptances: [{rule: creation-template-create-on-push, reason: a test}]\n"
    found = declared(SMALL + principals + EVERYWHERE + accepted)
    west, other = (it.location for it in found.replicas)
    for at, who in ((west, "210987654321"), (other, "123456789012")):
        (template,) = [it for it in found.templates_in(at) if it.prefix == "hub"]
        assert who in (template.policy_in(at) or "")
        assert [it.prefix for it in found.templates_in(at)] == ["hub", "web"]
    assert [it.prefix for it in found.templates_in(found.home)] == ["hub", "quay"]


def test_access_says_that_the_first_pull_is_possible_where_the_cache_is() -> None:
    found = declared(SMALL + PRINCIPALS + EVERYWHERE)
    who = next(it for it in found.principals if it.name == "others")
    answer = ask(found, who, "ecr:CreateRepository", "hub/library/nginx")
    assert answer is not None
    assert {at for each in answer.reasons for at in each.locations} == {it.location for it in found.replicas}
    assert ask(found, who, "ecr:CreateRepository", "hub/nginx") is None  # no cache makes it


SIGNING = f"""\
signing:
  - {{signing_profile_arn: "{PROFILES}web", repository_filters: ["web/*"]}}
  - {{signing_profile_arn: "{PROFILES}api", repository_filters: ["*/api"]}}
  - {{signing_profile_arn: "{PROFILES}data", repository_filters: ["data/*"]}}
replicas: {{us-west-2: }}
namespaces: {{web: {{push: [ci]}}}}
repositories: {{web/ui: , data/x: {{failover_push: [ci], promote: [nodes]}}, api: {{push: [nodes]}}}}
acceptances: [{{rule: grant-failover-push, reason: a test}}, {{rule: replication-prefix, reason: a test}}]
"""


def test_who_pushes_signs_with_the_profiles_of_what_is_pushed_at_home() -> None:
    assert statements(SIGNING, "ci")["Sign"] == {
        "Sid": "Sign",
        "Effect": "Allow",
        "Action": ["signer:SignPayload"],
        "Resource": [f"{PROFILES}api", f"{PROFILES}web"],
    }
    assert "Sign" not in statements(SIGNING, "nodes")  # `*/api` is not `api`, and a promotion signs nothing new


def test_a_rule_without_filters_signs_everything() -> None:
    found = declared(f'{SMALL}signing: [{{signing_profile_arn: "{PROFILES}all"}}]\nrepositories: {{web/api: }}\n')
    assert profiles_of(found, "tool") == {f"{PROFILES}all"}


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("web/*", "web/api", True), ("web/*", "web/*", True), ("*", "", True), ("", "", True), ("a", "", False),
        ("*/api", "web/*", True), ("*/api", "web/ui", False), ("w*b", "*eb", True), ("a*b", "b*", False),
        ("a*c", "*b*", True), ("a", "ab", False), ("*a", "b*", True), ("**", "x", True),
    ],
)  # fmt: skip
def test_patterns_meet_where_a_name_matches_both(one: str, other: str, common: bool) -> None:
    assert meet(one, other) is meet(other, one) is common


def test_access_says_who_has_images_fetched_and_by_what() -> None:
    found = declared(SMALL + PRINCIPALS + CACHES)

    def said(principal: str, repository: str) -> list[tuple[str, tuple[Location, ...], str]]:
        who = next(it for it in found.principals if it.name == principal)
        answer = ask(found, who, "ecr:BatchImportUpstreamImage", repository)
        assert answer is not None
        return [(each.statement, each.locations, each.granted) for each in answer.reasons]

    policy = "PullThrough of the managed policy acme-nodes-ecr-1 of the role eks-node"
    by_policy = [(f"PullThrough{number} of the registry policy", (found.home,), "pull") for number in (1, 3)]
    member = by_policy[1:]  # of the organization, whose statement names whoever is in it, roles of this account as well
    assert said("nodes", "hub/nginx") == [(policy, (found.home,), "pull"), *member]
    assert said("sales", "hub/nginx") == by_policy  # as itself, and as a member of the organization
    assert said("sales", "web/api") == said("everyone", "web/api") == []
    assert said("ci", "hub/nginx") == member
    assert said("nodes", "web/api") == said("functions", "hub/nginx") == []


def test_the_owner_of_a_profile_is_told_whose_pushes_it_has_to_let_sign() -> None:
    text = f"""\
principals:
  ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}
  theirs: {{role: "arn:aws:iam::345678901234:role/ci", outside_organization: true}}
signing:
  - {{signing_profile_arn: "{PROFILES}own", repository_filters: ["web/*"]}}
  - {{signing_profile_arn: "{PROFILES.replace("123456789012", "210987654321")}company", repository_filters: ["web/*"]}}
repositories: {{web/api: {{push: [ci, theirs]}}, data/x: {{push: [ci]}}}}
"""
    found = declared(SMALL + text)
    company = f"{PROFILES.replace('123456789012', '210987654321')}company"
    ((who, (policy,)),) = policies_for_account(found, "210987654321").items()
    assert who == f"signing profile {company}"
    (statement,) = policy["Statement"]
    assert statement["Principal"] == {"AWS": ["123456789012", "345678901234"]}
    assert (statement["Action"], statement["Resource"]) == (["signer:SignPayload"], company)
    theirs = policies_for_account(found, "345678901234")["arn:aws:iam::345678901234:role/ci"]
    assert [each["Resource"] for it in theirs for each in it["Statement"] if each["Sid"] == "Sign"] == [
        [f"{PROFILES}own", company]
    ]
    assert policies_for_account(found, "123456789012") == {}, "the profile is where the file is: it is deployed"
