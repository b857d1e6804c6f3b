"""What grants come to: regions, scopes, folding, sizes, trust, repository policies, and the answers about them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.access.explain import Answer, action_named, ask
from registry.access.other_accounts import policies_for_account
from registry.access.policies import by_role, identity_policies, packed, size
from registry.access.purposes import GRANTED
from registry.access.trust import trust_policy
from registry.limits import MANAGED_POLICY_LENGTH
from registry.load import check_sources
from registry.locations import Location
from registry.model import Federated, Registry
from registry.reading.yaml_reader import parse
from tests.synth import ACCOUNT, SMALL, declared

HEAD = (
    SMALL
    + """\
replicas: {us-west-2: {namespaces: [web]}}
access: {organization: o-a1b2c3d4e5}
principals:
  ci: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}
  releases: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, tag: "v*"}
  prod: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, environment: prod}
  forks: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, pull_requests: true}
  classic: {github: acme/web, branch: main}
  lab: {gitlab: acme/team/web, branch: main}
  lab-tags: {gitlab: acme/web, gitlab_host: git.example.com, tag: v1}
  runtime: {role: "arn:aws:iam::123456789012:role/jobs/runtime"}
  nodes: {role: "arn:aws:iam::210987654321:role/eks-node"}
  nodes2: {role: "arn:aws:iam::345678901234:role/eks-node"}
  partner: {role: "arn:aws:iam::456789012345:role/x", outside_organization: true}
  account: {account: "210987654321"}
  org: {organization: o-a1b2c3d4e5}
  unit: {organizational_unit: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111}
  functions: {lambda_account: "123456789012"}
  resize: {lambda_account: "210987654321", lambda_function: resize}
"""
)
HOME, REPLICA = "ap-northeast-2", "us-west-2"


def registry(rest: str) -> Registry:
    return declared(HEAD + rest)


def statements(found: Registry, principal: str) -> dict[str, Any]:
    """The statements of a principal's managed policies by Sid."""
    for each, grants in by_role(found, ACCOUNT).items():
        if each.name == principal:
            return {s["Sid"]: s for document in identity_policies(found, grants) for s in document["Statement"]}
    return {}


def arns(names: list[str], region: str = HOME) -> list[str]:
    return [f"arn:aws:ecr:{region}:123456789012:repository/{name}" for name in names]


def policy(found: Registry, name: str, region: str = HOME) -> dict[str, Any]:
    """The statements of a repository's policy by Sid."""
    text = next(r for r in found.repositories if r.name == name).policy_in(Location(ACCOUNT, region))
    return {s["Sid"]: s for s in json.loads(text)["Statement"]} if text else {}


@pytest.mark.parametrize("granted", ["push", "promote", "delete"])
def test_writing_is_granted_in_the_home_region_only(granted: str) -> None:
    found = statements(registry(f"repositories: {{web/api: {{{granted}: [ci]}}}}"), "ci")
    assert found[granted.capitalize()]["Resource"] == arns(["web/api"])
    assert found[granted.capitalize()]["Action"] == sorted(GRANTED[granted].of_own_roles)
    assert set(found) <= {"Login", granted.capitalize()}


def test_pulling_is_granted_wherever_the_repository_is() -> None:
    found = statements(registry("repositories: {web/api: {pull: [ci]}, data/x: {pull: [ci]}}"), "ci")
    assert found["Pull"]["Resource"] == [*arns(["data/x", "web/api"]), *arns(["web/api"], REPLICA)]


def test_failover_push_is_granted_in_the_replicas_only() -> None:
    found = statements(registry("repositories: {web/api: {failover_push: [ci]}}"), "ci")
    assert found["Push"]["Resource"] == arns(["web/api"], REPLICA)


def test_deleting_takes_no_login_and_the_others_do() -> None:
    assert "Login" not in statements(registry("repositories: {web/api: {delete: [ci]}}"), "ci")
    for granted in ("push", "pull", "promote"):
        found = statements(registry(f"repositories: {{web/api: {{{granted}: [ci]}}}}"), "ci")
        assert found["Login"] == {
            "Sid": "Login", "Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"
        }  # fmt: skip


def test_promoting_neither_reads_nor_writes_layers() -> None:
    assert set(GRANTED["promote"].on_repositories) == {"ecr:BatchGetImage", "ecr:PutImage"}


def test_own_roles_look_at_tags_before_they_move_them_and_others_have_the_plain_set() -> None:
    found = registry("repositories: {web/api: {push: [ci, nodes], promote: [ci]}}")
    looking = {"ecr:DescribeImages", "ecr:DescribeRepositories"}
    assert looking <= set(statements(found, "ci")["Push"]["Action"])
    assert looking | {"ecr:DescribeImageScanFindings"} <= set(statements(found, "ci")["Promote"]["Action"])
    (statement,) = policy(found, "web/api").values()
    assert statement["Action"] == sorted(GRANTED["push"].on_repositories)


@pytest.mark.parametrize(
    ("layers", "scopes"),
    [
        ("namespaces: {web: {push: [ci]}}\nrepositories: {web/api: , web/b/c: }", ["web/*"]),
        (
            "namespaces: {web: {push: [ci]}}\nrepositories: {web/api: {push: [ci]}, data/x: {push: [ci]}}",
            ["data/x", "web/*"],
        ),
        ("defaults: {push: [ci]}\nrepositories: {web/api: , data/x: , top: }", ["data/*", "top", "web/*"]),
        ("namespaces: {_: {push: [ci]}}\nrepositories: {web/api: , top: , other: }", ["other", "top"]),
        ("repositories: {web/api: {push: [ci]}, web/apis: , web/api/x: }", ["web/api"]),
    ],
)
def test_grants_of_a_namespace_cover_it_and_of_a_repository_only_that(layers: str, scopes: list[str]) -> None:
    assert statements(registry(layers), "ci")["Push"]["Resource"] == arns(scopes)


def test_a_grant_on_a_namespace_without_repositories_waits_for_them() -> None:
    found = registry("namespaces: {lib: {push: [ci]}}\nrepositories: {web/api: }")
    assert statements(found, "ci")["Push"]["Resource"] == arns(["lib/*"])


def test_layers_add_to_each_other() -> None:
    found = registry(
        "defaults: {pull: [runtime]}\nnamespaces: {web: {pull: [nodes]}}\nrepositories: {web/api: {pull: [org]}}"
    )
    assert {(g.principal.name, g.scope) for g in found.repositories[0].grants} == {
        ("runtime", "web/*"), ("nodes", "web/*"), ("org", "web/api")
    }  # fmt: skip


def test_nobody_without_a_grant_gets_anything() -> None:
    found = registry("repositories: {web/api: }")
    assert by_role(found, ACCOUNT) == {}
    assert found.repositories[0].policies == {}


def test_many_repositories_come_in_several_policies_none_of_them_wider_or_too_long() -> None:
    names = [f"web/{'x' * 60}{n:03}" for n in range(200)]
    found = registry("repositories: {" + ", ".join(f"{name}: {{push: [ci]}}" for name in names) + "}")
    ((_, grants),) = by_role(found, ACCOUNT).items()
    documents = identity_policies(found, grants)
    assert 1 < len(documents) <= 10
    assert all(size(document) <= 6_144 for document in documents)
    said = [r for d in documents for s in d["Statement"] if s["Sid"] == "Push" for r in s["Resource"]]
    assert sorted(said) == arns(names)


SUBJECTS = {
    "ci": "repo:acme@84790634/web@1304267049:ref:refs/heads/main",
    "prod": "repo:acme@84790634/web@1304267049:environment:prod",
    "forks": "repo:acme@84790634/web@1304267049:pull_request",
    "classic": "repo:acme/web:ref:refs/heads/main",
    "lab": "project_path:acme/team/web:ref_type:branch:ref:main",
    "lab-tags": "project_path:acme/web:ref_type:tag:ref:v1",
}
ISSUERS = {
    "lab": ("gitlab.com", "https://gitlab.com"),
    "lab-tags": ("git.example.com", "https://git.example.com"),
}


@pytest.mark.parametrize(("name", "subject"), SUBJECTS.items())
def test_a_role_trusts_one_subject_and_one_audience(name: str, subject: str) -> None:
    found = next(p for p in registry("repositories: {web/api: }").principals if p.name == name)
    assert isinstance(found, Federated)
    issuer, audience = ISSUERS.get(name, ("token.actions.githubusercontent.com", "sts.amazonaws.com"))
    assert trust_policy(found, "123456789012", HOME)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{issuer}:aud": audience, f"{issuer}:sub": subject}},
        }
    ]


def test_a_pattern_is_compared_as_a_pattern_and_the_audience_still_exactly() -> None:
    found = next(p for p in registry("repositories: {web/api: }").principals if p.name == "releases")
    assert isinstance(found, Federated)
    issuer = "token.actions.githubusercontent.com"
    assert trust_policy(found, "123456789012", HOME)["Statement"][0]["Condition"] == {
        "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{issuer}:sub": "repo:acme@84790634/web@1304267049:ref:refs/tags/v*"},
    }


PULL = sorted(GRANTED["pull"].on_repositories)


def test_roles_of_other_accounts_are_named_by_account_and_arn_within_the_organization() -> None:
    found = policy(registry("repositories: {web/api: {pull: [nodes, nodes2, partner, runtime, ci]}}"), "web/api")
    assert found == {
        "PullExistingRoleBound": {
            "Sid": "PullExistingRoleBound",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::210987654321:root", "arn:aws:iam::345678901234:root"]},
            "Action": PULL,
            "Condition": {
                "ArnEquals": {
                    "aws:PrincipalArn": [
                        "arn:aws:iam::210987654321:role/eks-node", "arn:aws:iam::345678901234:role/eks-node"
                    ]
                },
                "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
            },
        },
        "PullExistingRole": {
            "Sid": "PullExistingRole",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::456789012345:root"]},
            "Action": PULL,
            "Condition": {"ArnEquals": {"aws:PrincipalArn": ["arn:aws:iam::456789012345:role/x"]}},
        },
    }  # fmt: skip


def test_accounts_organizations_and_their_units_are_statements_of_their_own() -> None:
    found = policy(registry("repositories: {web/api: {pull: [account, org, unit]}}"), "web/api")
    assert {sid: (s["Principal"], s["Condition"]) for sid, s in found.items()} == {
        "PullAccountBound": (
            {"AWS": ["arn:aws:iam::210987654321:root"]},
            {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        ),
        "PullOrganization": ("*", {"StringEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}),
        "PullOrganizationUnit": (
            "*",
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}},
        ),
    }


@pytest.mark.parametrize("region", [HOME, REPLICA])
def test_lambda_pulls_for_functions_of_the_images_region(region: str) -> None:
    found = policy(registry("repositories: {web/api: {pull: [functions, resize]}}"), "web/api", region)
    assert found == {
        "PullLambdaFunctions": {
            "Sid": "PullLambdaFunctions",
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {
                "StringLike": {
                    "aws:SourceArn": [
                        f"arn:aws:lambda:{region}:123456789012:function:*",
                        f"arn:aws:lambda:{region}:210987654321:function:resize",
                    ]
                }
            },
        }
    }


def test_a_role_of_another_account_pushes_at_home_only() -> None:
    found = registry("repositories: {web/api: {push: [nodes]}}")
    assert policy(found, "web/api")["PushExistingRoleBound"]["Action"] == sorted(GRANTED["push"].on_repositories)
    assert policy(found, "web/api", REPLICA) == {}


def test_grants_come_after_what_is_written_and_take_no_sid_from_it() -> None:
    written = (
        '{Version: "2012-10-17", Statement: [{Sid: PullOrganization, Effect: Deny, Principal: "*", Action: "ecr:*"}]}'
    )
    found = registry(f"repositories: {{web/api: {{pull: [org], repository_policy: {written}}}}}")
    text = found.repositories[0].policy_in(found.home)
    assert text is not None
    sids = [s["Sid"] for s in json.loads(text)["Statement"]]
    assert sids == ["PullOrganization", "PullOrganizationGranted"]


def answer(found: Registry, principal: str, action: str, repository: str) -> Answer | None:
    named = next(it for it in found.principals if it.name == principal)
    return ask(found, named, action, repository)


REST = "namespaces: {web: {push: [ci], pull: [nodes]}}\nrepositories: {web/api: {delete: [runtime], pull: [account]}}"


@pytest.mark.parametrize(
    ("principal", "action", "repository", "statements"),
    [
        ("ci", "ecr:PutImage", "web/api", ["Push of the managed policy acme-ci-ecr-1 of the role acme-ci"]),
        ("ci", "ecr:BatchDeleteImage", "web/api", []),
        (
            "ci",
            "ecr:GetAuthorizationToken",
            "web/api",
            ["Login of the managed policy acme-ci-ecr-1 of the role acme-ci"],
        ),
        (
            "runtime",
            "ecr:BatchDeleteImage",
            "web/api",
            ["Delete of the managed policy acme-runtime-ecr-1 of the role runtime"],
        ),
        (
            "nodes",
            "ecr:BatchGetImage",
            "web/api",
            [
                "PullAccountBound of the repository policy of web/api",
                "PullExistingRoleBound of the repository policy of web/api",
            ],
        ),
        ("nodes", "ecr:GetAuthorizationToken", "web/api", []),
        ("account", "ecr:BatchGetImage", "web/api", ["PullAccountBound of the repository policy of web/api"]),
    ],
)
def test_every_answer_names_its_statement(principal: str, action: str, repository: str, statements: list[str]) -> None:
    found = answer(registry(REST), principal, action, repository)
    assert found is not None
    assert [each.statement for each in found.reasons] == statements
    assert found.allowed == bool(statements)


@pytest.mark.parametrize("name", ["web/later", "webs/api", "web/api/x", "payments/api"])
def test_of_a_name_that_nobody_declares_nothing_is_said(name: str) -> None:
    assert answer(registry(REST), "ci", "ecr:PutImage", name) is None


def test_actions_are_known_by_their_name_in_any_case() -> None:
    assert action_named("putimage") == action_named("ECR:PutImage") == "ecr:PutImage"
    assert action_named("s3:PutObject") is None


def filled(*lengths: int) -> list[dict[str, Any]]:
    """Statements so long that each alone makes a policy of a length."""
    frame = size(
        {"Version": "2012-10-17", "Statement": [{"Sid": "A", "Effect": "Allow", "Resource": "*", "Action": [""]}]}
    )
    return [
        {"Sid": f"{chr(65 + n)}", "Effect": "Allow", "Resource": "*", "Action": ["x" * (length - frame)]}
        for n, length in enumerate(lengths)
    ]


EMPTY = size({"Version": "2012-10-17", "Statement": []})


@pytest.mark.parametrize(("over", "documents"), [(0, 1), (1, 2), (300, 2)])
def test_a_policy_is_filled_to_the_last_character_and_no_further(over: int, documents: int) -> None:
    first = 3_000
    second = MANAGED_POLICY_LENGTH - first + EMPTY - 1 + over  # a comma between the two
    found = packed(filled(first, second))
    assert [size(each) for each in found] == ([MANAGED_POLICY_LENGTH] if documents == 1 else [first, second])


def test_a_statement_that_is_one_character_too_long_is_split() -> None:
    statement = {"Sid": "Pull", "Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": ["", ""]}
    rest = MANAGED_POLICY_LENGTH - size({"Version": "2012-10-17", "Statement": [statement]})
    for more, parts in ((0, 1), (1, 2)):
        full = {**statement, "Resource": ["a" * (rest // 2), "b" * (rest - rest // 2 + more)]}
        assert sum(len(each["Statement"]) for each in packed([full])) == parts


def test_the_parts_of_one_statement_that_meet_in_a_policy_have_names_of_their_own() -> None:
    """88 names of mixed length: one half is split again, and its first part fits beside the other half."""
    names = [f"data/n{number:02d}{'x' * (200 if number < 22 else 1)}" for number in range(88)]
    entries = ", ".join(f"{name}: {{pull: [ci]}}" for name in names)
    found = registry(f"repositories: {{web/api: , {entries}}}")
    (grants,) = by_role(found, ACCOUNT).values()
    documents = identity_policies(found, grants)
    for document in documents:
        sids = [statement["Sid"] for statement in document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert size(document) <= MANAGED_POLICY_LENGTH
    said = [sid for each in documents for sid in (s["Sid"] for s in each["Statement"])]
    assert any(sid.startswith("Pull") and sid != "Pull" for sid in said)
    resources = [arn for each in documents for s in each["Statement"] if s["Sid"] != "Login" for arn in s["Resource"]]
    assert sorted(resources) == sorted(arns(names))


def test_defaults_of_the_root_file_hold_for_every_namespace_there_is() -> None:
    text = "defaults: {pull: [ci]}\nnamespaces: {hub: {owner: platform}}\nrepositories: {web/api: }"
    assert statements(registry(text), "ci")["Pull"]["Resource"] == [
        *arns(["hub/*", "web/*"]),
        *arns(["web/*"], REPLICA),
    ]


HUB = """\
namespaces: {hub: {pull: [account, runtime], push: [ci]}}
creation_templates: {hub/library: {applied_for: [PULL_THROUGH_CACHE]}, hub/new: {applied_for: [CREATE_ON_PUSH]}}
pull_through_cache_rules: {hub/library: {upstream_registry: quay}}
repositories: {web/api: }
"""


@pytest.mark.parametrize("name", ["hub/library/nginx", "hub/new/x"])
def test_what_a_template_makes_has_the_grants_of_its_namespace(name: str) -> None:
    found = registry(HUB)
    for template in found.creation_templates:
        text = template.policy_in(found.home)
        assert text is not None
        (statement,) = json.loads(text)["Statement"]
        assert statement["Principal"] == {"AWS": ["arn:aws:iam::210987654321:root"]}
    for principal, action, yes in (
        ("account", "ecr:BatchGetImage", True),
        ("account", "ecr:PutImage", False),
        ("runtime", "ecr:BatchGetImage", True),
        ("ci", "ecr:PutImage", True),
        ("nodes2", "ecr:BatchGetImage", False),
    ):
        said = answer(found, principal, action, name)
        assert said is not None
        assert said.allowed == yes, principal
        assert said.template is not None
        assert name.startswith(f"{said.template.prefix}/")


@pytest.mark.parametrize("name", ["hub/pause", "hub/library", "hub/librarys/x", "hub", "payments/x"])
def test_a_name_that_no_template_makes_is_nobodys(name: str) -> None:
    assert answer(registry(HUB), "ci", "ecr:PutImage", name) is None


def test_a_template_for_caches_makes_nothing_without_a_rule() -> None:
    without = HUB.replace("pull_through_cache_rules: {hub/library: {upstream_registry: quay}}\n", "")
    assert answer(registry(without), "ci", "ecr:PutImage", "hub/library/nginx") is None
    assert answer(registry(without), "ci", "ecr:PutImage", "hub/new/x") is not None


def test_a_template_of_root_opens_no_namespace() -> None:
    found = registry(
        "defaults: {pull: [account]}\ncreation_templates: {ROOT: {applied_for: [CREATE_ON_PUSH]}}\n"
        "repositories: {web/api: }"
    )
    assert found.creation_templates[0].policies == {}
    said = answer(found, "account", "ecr:BatchGetImage", "new/x")
    assert said is not None
    assert not said.allowed
    assert said.template is not None
    assert said.template.prefix == "ROOT"


def test_at_a_replica_a_template_of_the_file_has_the_grants_that_hold_there() -> None:
    found = registry(
        "namespaces: {web: {pull: [account]}, hub: {pull: [account]}}\n"
        "creation_templates: {web/x: {applied_for: [REPLICATION]}, hub/x: {applied_for: [REPLICATION]}}\n"
        "repositories: {web/api: , hub/api: }"
    )
    replica = Location(ACCOUNT, REPLICA)
    opened = {template.prefix: template.policy_in(replica) is not None for template in found.templates_in(replica)}
    assert opened == {"web": True, "web/x": True, "hub/x": False}
    assert all(template.policy_in(found.home) for template in found.creation_templates)


def test_another_account_is_told_its_half() -> None:
    found = policies_for_account(registry(REST), "210987654321")
    assert sorted(found) == ["any role of 210987654321", "arn:aws:iam::210987654321:role/eks-node"]
    ((login, pull),) = [document["Statement"] for document in found["arn:aws:iam::210987654321:role/eks-node"]]
    assert login["Action"] == ["ecr:GetAuthorizationToken"]
    assert pull["Resource"] == [*arns(["web/*"]), *arns(["web/*"], REPLICA)]
    assert policies_for_account(registry(REST), "123456789012") == {}


def test_a_name_longer_than_a_policy_is_refused_and_not_split_for_ever() -> None:
    name = f"web/{'x' * 7_000}"
    outcome = check_sources(
        parse((HEAD + f"repositories:\n  ? {name}\n  : {{push: [ci]}}\n").encode(), "registry.yaml")
    )
    assert {"repository-name", "access-policy-length"} <= {finding.rule for finding in outcome.errors}
