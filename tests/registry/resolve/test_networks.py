"""Private networks: what is written to what holds, and endpoint policies within their size."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import naming
from registry.access.endpoint_policies import STEPS, ecr_policy, length
from registry.limits import ENDPOINT_POLICY_LENGTH, TRIAL_NAME
from registry.model import Network, Registry
from registry.resolve.networks import trial_subnets
from tests.synth import SMALL, declared

VPC = "vpc: {id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [subnet-12345678]}"
NODES = 'principals: {nodes: {role: "arn:aws:iam::123456789012:role/eks-node"}}\n'


def registry(rest: str) -> Registry:
    return declared(f"{SMALL}{rest}")


def network(rest: str = VPC, before: str = f"{NODES}repositories: {{web/api: {{pull: [nodes]}}}}") -> Network:
    (found,) = registry(f"{before}\nnetwork: [{{{rest}}}]\n").networks
    return found


def policy(rest: str, switches: str = "") -> dict[str, Any]:
    found = registry(f"{rest}\nnetwork: [{{{VPC}{switches}}}]\n")
    return ecr_policy(found, found.networks[0])


def statements(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in document["Statement"]}


def repositories(statement: dict[str, Any]) -> list[str]:
    written = statement["Resource"]
    return [arn.partition(":repository/")[2] for arn in ([written] if isinstance(written, str) else written)]


def test_without_further_keys_both_endpoints_of_ecr_are_made_for_principals_and_s3_is_there() -> None:
    found = network()
    assert (found.account, found.region, found.name) == ("123456789012", "ap-northeast-2", "vpc-12345678")
    assert found.services == ("ecr.api", "ecr.dkr")
    assert found.existing == ()
    assert found.s3 == "existing"
    assert found.organization is None
    assert [found.fips, found.dual_stack, found.pull_through_cache] == [False, False, False]


def test_an_endpoint_of_another_team_is_not_made() -> None:
    found = network("vpc: {id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [subnet-12345678], existing: [ecr.dkr]}, "
                    "also: [logs]")  # fmt: skip
    assert found.services == ("ecr.api", "logs")
    assert found.existing == ("ecr.dkr",)


def test_where_others_own_every_endpoint_there_is_nothing_to_make() -> None:
    assert not network("vpc: {id: vpc-12345678, existing: [ecr.api, ecr.dkr]}").makes_something
    assert network().makes_something


def test_a_trial_has_everything_it_takes() -> None:
    found = network("trial_vpc: {name: trial, cidr: 10.99.0.0/24}")
    assert (found.vpc, found.trial, found.cidrs, found.s3) == (None, "trial", ("10.99.0.0/24",), "gateway")
    assert trial_subnets("10.99.0.0/24") == ("10.99.0.0/26", "10.99.0.64/26")


digits = st.text("0123456789abcdef", min_size=17, max_size=17)
ids = st.tuples(digits, st.sampled_from([8, 17])).map(lambda it: (f"vpc-{it[0][: it[1]]}", None))
trials = st.from_regex(TRIAL_NAME, fullmatch=True).map(lambda text: (None, text))


@given(ids | trials, ids | trials)
def test_two_networks_never_share_a_stack(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None]
) -> None:
    assert (naming.network_unit(*one) == naming.network_unit(*other)) == (one == other)


def test_a_network_stacks_id_never_changes() -> None:
    assert naming.network_unit("vpc-12345678", None) == "Network-vpc-12345678"
    assert naming.network_unit(None, "trial") == "Network-Trial-trial"


def test_a_caller_gets_what_is_granted_to_it_and_a_login() -> None:
    found = statements(policy(f"{NODES}repositories: {{web/api: {{pull: [nodes]}}, web/site: }}"))
    assert set(found) == {"LoginRoles", "PullRoles"}
    assert found["LoginRoles"]["Action"] == ["ecr:GetAuthorizationToken"]
    assert repositories(found["PullRoles"]) == ["web/api"]
    assert found["PullRoles"]["Principal"] == "*"
    assert found["PullRoles"]["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/eks-node"}
    }


def test_a_new_repository_under_a_grant_on_its_namespace_changes_no_endpoint() -> None:
    before, after = (
        policy(f"{NODES}namespaces: {{web: {{pull: [nodes]}}}}\nrepositories: {{{names}}}")
        for names in ("web/api: ", "web/api: , web/site: ")
    )
    assert before == after


def test_only_what_holds_in_the_region_of_the_vpc_is_let_through() -> None:
    found = registry(
        f"{NODES}replicas: {{us-west-2: {{namespaces: [web]}}}}\n"
        "repositories: {web/api: {pull: [nodes], push: [nodes]}, data/model: {pull: [nodes]}}\n"
        f"network: [{{region: us-west-2, {VPC}}}]\n"
    )
    (west,) = found.networks
    said = statements(ecr_policy(found, west))
    assert set(said) == {"LoginRoles", "PullRoles"}
    assert said["PullRoles"]["Resource"] == "arn:aws:ecr:us-west-2:123456789012:repository/web/api"


def test_lambda_is_nobody_here_because_it_pulls_through_no_vpc() -> None:
    both = f'{NODES.rstrip()[:-1]}, functions: {{lambda_account: "123456789012"}}}}'
    found = policy(f"{both}\nrepositories: {{web/api: {{pull: [nodes, functions]}}}}")
    assert set(statements(found)) == {"LoginRoles", "PullRoles"}


def test_other_registries_and_upstream_images_are_let_through_on_request_for_those_who_pull() -> None:
    before = (
        f"{NODES.rstrip()[:-1]}, others: {{role: 'arn:aws:iam::123456789012:role/others'}}}}\n"
        "pull_through_cache_rules: {k8s: {upstream_registry: k8s}, quay: {upstream_registry: quay}}\n"
        "namespaces: {k8s: {pull: [nodes]}}\n"
        "repositories: {web/api: {pull: [nodes, others]}, web/site: {delete: [nodes]}}"
    )
    assert not {"PullFromRoles", "PullThroughRoles"} & set(statements(policy(before)))
    found = statements(policy(before, ', pull_from: ["602401143452"], pull_through_cache: true'))
    assert found["PullFromRoles"]["Resource"] == "arn:aws:ecr:ap-northeast-2:602401143452:repository/*"
    assert set(found["PullFromRoles"]["Action"]) == set(found["PullRoles"]["Action"])
    assert repositories(found["PullThroughRoles"]) == ["k8s/*"]  # not quay/*: nobody may pull there
    assert found["PullThroughRoles"]["Action"] == ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
    assert str(found["PullThroughRoles"]["Condition"]).count("role/") == 1  # nodes, not others


def crowd(roles: int, repositories: int, *, namespaces: int) -> str:
    """So many roles, each of which pulls another part of so many repositories."""
    names = [f"n{number:03d}" for number in range(roles)]
    principals = ", ".join(f'{n}: {{role: "arn:aws:iam::123456789012:role/{n}"}}' for n in names)
    entries = ", ".join(
        f"team-{number % namespaces}/app-{number}: {{pull: [{names[number % roles]}]}}"
        for number in range(repositories)
    )
    return f"principals: {{{principals}}}\nrepositories: {{{entries}}}"


@pytest.mark.parametrize(
    ("text", "step", "named"),
    [
        (crowd(3, 12, namespaces=3), 0, 12),
        (crowd(100, 100, namespaces=3), 1, 100),
        (crowd(30, 600, namespaces=3), 2, 3),
        (crowd(5, 400, namespaces=400), 3, 1),
    ],
)
def test_a_policy_that_is_too_long_forgets_as_little_as_it_has_to(text: str, step: int, named: int) -> None:
    found = registry(f"{text}\nnetwork: [{{{VPC}}}]\n")
    document = ecr_policy(found, found.networks[0])
    assert length(document) <= ENDPOINT_POLICY_LENGTH
    pulls = [s for sid, s in statements(document).items() if sid.startswith("Pull")]
    assert len({name for s in pulls for name in repositories(s)}) == named
    assert (len(pulls) == 1) == (step > 0)
    assert all(
        arn.startswith("arn:aws:ecr:ap-northeast-2:123456789012:") for s in pulls for arn in _list(s["Resource"])
    )
    granted = {g.principal.name for g in found.grants}
    assert {
        arn.rpartition("/")[2] for s in pulls for arn in _list(s["Condition"]["ArnEquals"]["aws:PrincipalArn"])
    } == (granted)


def test_folding_lets_in_nobody_else_for_nothing_else_and_nowhere_else() -> None:
    mine, other = "123456789012", "210987654321"
    reach = {
        "pull": {
            ("Roles", "r"): frozenset({(mine, "a/b"), (other, "a/b"), (mine, "c/*")}),
            ("Accounts", "s"): frozenset({(mine, "one")}),
        }
    }
    folded = [fold(reach) for fold in STEPS]
    for each in folded:
        assert {purpose: set(callers) for purpose, callers in each.items()} == {
            "pull": {("Roles", "r"), ("Accounts", "s")}
        }
    scopes = [set(each["pull"]["Roles", "r"]) for each in folded]
    assert scopes == [
        {(mine, "a/b"), (other, "a/b"), (mine, "c/*")},
        {(mine, "a/b"), (other, "a/b"), (mine, "c/*"), (mine, "one")},
        {(mine, "a/*"), (other, "a/*"), (mine, "c/*"), (mine, "one")},
        {(mine, "*"), (other, "*")},
    ]


@pytest.mark.parametrize("fold", STEPS)
def test_folding_keeps_purposes_apart(fold: Callable[[Any], Any]) -> None:
    """Who pulls here and pushes there does not push here, however little room there is."""
    mine = "123456789012"
    reach = {
        "pull": {("Roles", "nodes"): frozenset({(mine, "a/b")}), ("Roles", "ci"): frozenset({(mine, "a/c")})},
        "push": {("Roles", "ci"): frozenset({(mine, "x/y")})},
    }
    folded = fold(reach)
    assert {purpose: set(callers) for purpose, callers in folded.items()} == {
        "pull": {("Roles", "nodes"), ("Roles", "ci")},
        "push": {("Roles", "ci")},
    }
    alone = fold({"push": reach["push"]})
    assert folded["push"] == alone["push"]
    assert folded["pull"] == fold({"pull": reach["pull"]})["pull"]


def test_an_organization_stands_for_those_in_it_and_others_are_named() -> None:
    before = """\
access: {organization: o-a1b2c3d4e5}
principals:
  nodes: {role: "arn:aws:iam::210987654321:role/eks-node"}
  auditor: {role: "arn:aws:iam::456789012345:role/auditor", outside_organization: true}
  unit: {organizational_unit: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111}
acceptances: [{rule: principal-outside-organization, reason: a test}]
repositories: {web/api: {pull: [nodes, auditor, unit]}}"""
    found = statements(policy(before, ", callers: organization"))
    assert found["PullOrganizations"]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    assert found["PullRoles"]["Condition"]["ArnEquals"] == {
        "aws:PrincipalArn": "arn:aws:iam::456789012345:role/auditor"
    }
    assert set(found) == {"LoginOrganizations", "LoginRoles", "PullOrganizations", "PullRoles"}


def test_the_length_counts_white_space() -> None:
    document = policy(f"{NODES}repositories: {{web/api: {{pull: [nodes]}}}}")
    assert length(document) > len(json.dumps(document, separators=(",", ":")))


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
