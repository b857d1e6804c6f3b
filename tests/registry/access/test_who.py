"""Grants of reading, and principals that an issuer, a cluster or a service vouches for: what they come to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.access.explain import ask
from registry.access.other_accounts import policies_for_account
from registry.access.rows import rows
from registry.access.trust import associations, made_providers, trust_policy
from registry.load import check_sources
from registry.model import Federated, MadeRole, PodIdentity, Principal, Registry
from registry.reading.yaml_reader import parse
from tests.synth import ACCOUNT, SMALL, declared

HOME, REPLICA = "ap-northeast-2", "us-west-2"
HEAD = f"""{SMALL}replicas: {{{REPLICA}: {{namespaces: [web]}}}}
principals:
  ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  flux: {{irsa: {{issuer: oidc.eks.{HOME}.amazonaws.com/id/{"0A" * 16}, namespace: flux-system,
                 service_account: flux}}}}
  updater: {{pod_identity: {{cluster: "arn:aws:eks:{HOME}:{ACCOUNT}:cluster/main", namespace: a, service_account: b}}}}
  build: {{service: {{name: codebuild.amazonaws.com, source_arn: "arn:aws:codebuild:{HOME}:{ACCOUNT}:project/web"}}}}
  builds: {{service: {{name: codebuild.amazonaws.com, source_account: "{ACCOUNT}"}}}}
  dotted: {{service: {{name: code.build.amazonaws.com, source_account: "{ACCOUNT}"}}}}
  thumbnails: {{lambda_account: "{ACCOUNT}", lambda_function_pattern: thumb-*}}
  tools: {{account: "345678901234"}}
  partner: {{account: "210987654321", every_role_writes: true}}
"""


def registry(rest: str, head: str = HEAD) -> Registry:
    return declared(head + rest)


def principal(of: Registry, name: str) -> Principal:
    return next(it for it in of.principals if it.name == name)


def statements(of: Registry, repository: str, region: str = HOME) -> dict[str, dict[str, Any]]:
    """The statements of a repository's policy, by Sid; each stands once."""
    at = next(at for at in of.locations if at.region == region)
    found = of.repository(repository)
    assert found is not None
    listed = json.loads(found.policy_in(at) or '{"Statement": []}')["Statement"]
    by_sid = {each["Sid"]: each for each in listed}
    assert len(by_sid) == len(listed)
    return by_sid


def may(of: Registry, name: str, *actions: str, repository: str = "web/api") -> dict[str, bool]:
    found: dict[str, bool] = {}
    for action in actions:
        answer = ask(of, principal(of, name), f"ecr:{action}", repository)
        assert answer is not None
        found[action] = answer.allowed
    return found


LOOKING = ("ListImages", "DescribeImages", "DescribeRepositories", "BatchGetImage", "GetAuthorizationToken")


def test_tags_are_listed_with_read_where_pull_does_not_let_anyone() -> None:
    """Flux and version-checker could pull, and could not list: image-reflector-controller 139, version-checker 167."""
    pulls = registry("repositories: {web/api: {pull: [flux]}}")
    assert may(pulls, "flux", "ListImages", "DescribeImages") == {"ListImages": False, "DescribeImages": False}
    reads = registry("repositories: {web/api: {read: [flux, updater]}}")
    for name in ("flux", "updater"):
        assert may(reads, name, *LOOKING) == dict.fromkeys(LOOKING, True)


def test_read_lets_nobody_have_a_layer_or_write() -> None:
    of = registry("repositories: {web/api: {read: [flux]}, web/other: }")
    others = ("GetDownloadUrlForLayer", "BatchCheckLayerAvailability", "PutImage", "BatchDeleteImage")
    assert may(of, "flux", *others) == dict.fromkeys(others, False)
    assert may(of, "flux", "ListImages", repository="web/other") == {"ListImages": False}


def test_read_holds_in_every_region_of_a_repository_and_for_others_by_its_policy() -> None:
    of = registry("repositories: {web/api: {read: [flux, tools]}}")
    answer = ask(of, principal(of, "flux"), "ecr:ListImages", "web/api")
    assert answer is not None
    assert [at.region for reason in answer.reasons for at in reason.locations] == [HOME, REPLICA]
    for region in (HOME, REPLICA):
        assert set(statements(of, "web/api", region)) == {"ReadAccount"}
    (document,) = policies_for_account(of, "345678901234")["any role of 345678901234"]
    assert [each["Sid"] for each in document["Statement"]] == ["Login", "Read"]


def test_a_job_that_pushes_fixed_tags_may_ask_whether_one_exists() -> None:
    of = registry("repositories: {web/api: {push: [ci]}}")
    asking = ("DescribeImages", "BatchGetImage")
    assert may(of, "ci", *asking) == dict.fromkeys(asking, True)


BOTH = "{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main, classic_subject: true"


def test_both_subjects_of_github_are_trusted_while_a_repository_switches() -> None:
    """Jobs failed when their repository began to send ids: configure-aws-credentials 1888."""
    of = registry(
        f"principals: {{web: {BOTH}, also: [{{tag: v*}}, {{github: acme/api, branch: main}}]}}}}\n"
        "repositories: {web/api: {push: [web]}}\n",
        SMALL,
    )
    found = principal(of, "web")
    assert isinstance(found, Federated)
    exact, patterns = trust_policy(found, ACCOUNT, HOME)["Statement"]
    key = "token.actions.githubusercontent.com:sub"
    assert exact["Condition"]["StringEquals"][key] == [
        "repo:acme@84790634/web@1304267049:ref:refs/heads/main",
        "repo:acme/web:ref:refs/heads/main",
        "repo:acme/api:ref:refs/heads/main",  # its ids are not those of web
    ]
    assert patterns["Condition"] == {
        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {key: ["repo:acme@84790634/web@1304267049:ref:refs/tags/v*", "repo:acme/web:ref:refs/tags/v*"]},
    }


@pytest.mark.parametrize(
    ("written", "operator", "subjects"),
    [
        (  # two service accounts, and no pattern: ministryofjustice/modernisation-platform-environments 17434
            f"irsa: {{issuer: oidc.eks.{HOME}.amazonaws.com/id/{'0A' * 16}, namespace: flux, service_account: a}}, "
            "also: [{irsa: {service_account: b}}]",
            "StringEquals",
            ["system:serviceaccount:flux:a", "system:serviceaccount:flux:b"],
        ),
        (  # two pipelines, each with its ref: buildkite/docs 2750
            "buildkite: {organization: acme, pipeline: web}, branch: main, "
            "also: [{buildkite: {pipeline: api}, tag: v*}]",
            "StringLike",
            [
                "organization:acme:pipeline:web:ref:refs/heads/main:commit:*",
                "organization:acme:pipeline:api:ref:refs/tags/v*:commit:*",
            ],
        ),
        (  # two projects instead of `project/*`: circleci/circleci-docs 7801
            "circleci: {organization: b1a2c3d4-0000-4000-8000-000000000001, "
            "project: b1a2c3d4-0000-4000-8000-000000000002, repository: github.com/acme/web}, branch: main, "
            "also: [{circleci: {project: b1a2c3d4-0000-4000-8000-000000000003, repository: github.com/acme/api}, "
            "branch: main}]",
            "StringLike",
            [
                f"org/b1a2c3d4-0000-4000-8000-000000000001/project/b1a2c3d4-0000-4000-8000-00000000000{number}/user/"
                f"????????-????-????-????-????????????/vcs-origin/github.com/acme/{name}/vcs-ref/refs/heads/main"
                for number, name in ((2, "web"), (3, "api"))
            ],
        ),
    ],
    ids=("irsa", "buildkite", "circleci"),
)
def test_several_of_one_issuer_take_one_role_each_by_its_own_subject(
    written: str, operator: str, subjects: list[str]
) -> None:
    of = registry(f"principals: {{it: {{{written}}}}}\nrepositories: {{web/api: {{push: [it]}}}}\n", SMALL)
    found = principal(of, "it")
    assert isinstance(found, Federated)
    (statement,) = trust_policy(found, ACCOUNT, HOME)["Statement"]
    assert statement["Condition"][operator][f"{found.issuer}:sub"] == subjects


def test_further_pods_are_a_statement_each_and_the_association_is_of_the_first() -> None:
    of = registry(
        f"principals: {{it: {{pod_identity: {{cluster: 'arn:aws:eks:{HOME}:{ACCOUNT}:cluster/main', namespace: a, "
        "service_account: b, association: true}, also: [{pod_identity: {namespace: c}}]}}\n"
        "repositories: {web/api: {read: [it]}}\n",
        SMALL,
    )
    found = principal(of, "it")
    assert isinstance(found, PodIdentity)
    tags = [each["Condition"]["StringEquals"] for each in trust_policy(found, ACCOUNT, HOME)["Statement"]]
    assert [it["aws:RequestTag/kubernetes-namespace"] for it in tags] == ["a", "c"]
    assert {it["aws:RequestTag/kubernetes-service-account"] for it in tags} == {"b"}
    assert [it.namespace for it in associations(of)] == ["a"]


def test_lambda_may_pull_where_it_is_let_in_and_an_account_does_not_let_it_in() -> None:
    """An account's root in the policy is not enough for Lambda: aws-lambda-developer-guide 289."""
    of = registry("repositories: {web/api: {pull: [tools, thumbnails]}, web/other: {pull: [tools]}}")
    assert may(of, "thumbnails", "BatchGetImage") == {"BatchGetImage": True}
    assert may(of, "thumbnails", "BatchGetImage", repository="web/other") == {"BatchGetImage": False}
    assert statements(of, "web/api", REPLICA)["PullLambdaFunctions"]["Condition"] == {
        "StringLike": {"aws:SourceArn": [f"arn:aws:lambda:{REPLICA}:{ACCOUNT}:function:thumb-*"]}
    }


def test_a_service_is_let_in_for_what_it_acts_for_and_no_two_are_mixed() -> None:
    of = registry("repositories: {web/api: {pull: [build, builds, dotted]}}")
    project = {"aws:SourceArn": [f"arn:aws:codebuild:{HOME}:{ACCOUNT}:project/web"]}
    account = {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}
    assert {sid: (it["Principal"], it["Condition"]) for sid, it in statements(of, "web/api").items()} == {
        "PullServiceCodebuildAmazonawsComOne": (
            {"Service": "codebuild.amazonaws.com"}, {"ArnEquals": project, **account}
        ),
        "PullServiceCodebuildAmazonawsComAccount": ({"Service": "codebuild.amazonaws.com"}, account),
        "PullServiceCodeBuildAmazonawsComAccount": ({"Service": "code.build.amazonaws.com"}, account),
    }  # fmt: skip
    assert may(of, "build", "BatchGetImage", "PutImage") == {"BatchGetImage": True, "PutImage": False}


def test_an_account_writes_where_that_is_said() -> None:
    of = registry("repositories: {web/api: {push: [partner]}}")
    assert statements(of, "web/api")["PushAccount"]["Principal"] == {"AWS": ["arn:aws:iam::210987654321:root"]}
    outcome = check_sources(parse((HEAD + "repositories: {web/api: {push: [tools]}}\n").encode(), "registry.yaml"))
    assert outcome.registry is None
    assert "every_role_writes" in next(str(it) for it in outcome.findings if it.rule == "grant-kind")


def test_every_grant_is_listed_with_who_that_is() -> None:
    of = registry("repositories: {web/api: {read: [flux, updater], pull: [build, builds, thumbnails]}}")
    assert {row.principal: (row.who, row.may) for row in rows(of)} == {
        "flux": (f"oidc.eks.{HOME}.amazonaws.com/id/{'0A' * 16} system:serviceaccount:flux-system:flux", "read"),
        "updater": (f"pods of a:b in arn:aws:eks:{HOME}:{ACCOUNT}:cluster/main", "read"),
        "build": (f"codebuild.amazonaws.com for arn:aws:codebuild:{HOME}:{ACCOUNT}:project/web", "pull"),
        "builds": (f"codebuild.amazonaws.com for {ACCOUNT}", "pull"),
        "thumbnails": (f"Lambda thumb-* of {ACCOUNT}", "pull"),
    }


def test_a_provider_is_made_for_each_issuer_and_none_for_pods_that_eks_vouches_for() -> None:
    of = registry("repositories: {web/api: {read: [flux, updater], push: [ci]}}")
    assert made_providers(of) == {
        f"oidc.eks.{HOME}.amazonaws.com/id/{'0A' * 16}": ["sts.amazonaws.com"],
        "token.actions.githubusercontent.com": ["sts.amazonaws.com"],
    }
    assert {it.name for it in of.principals if isinstance(it, MadeRole)} == {"ci", "flux", "updater"}


UUID = "b1a2c3d4-0000-4000-8000-00000000000"
ANY = "????????-????-????-????-????????????"
SUBJECTS = {
    f"circleci: {{organization: {UUID}1, project: {UUID}2, repository: github.com/a/b}}, tag: v1": (
        f"oidc.circleci.com/org/{UUID}1", f"{UUID}1",
        f"org/{UUID}1/project/{UUID}2/user/{ANY}/vcs-origin/github.com/a/b/vcs-ref/refs/tags/v1",
    ),
    "buildkite: {organization: a, pipeline: b}, branch: main": (
        "agent.buildkite.com", "sts.amazonaws.com", "organization:a:pipeline:b:ref:refs/heads/main:commit:*",
    ),
    f"bitbucket: {{workspace: a, workspace_id: {UUID}3, repository_id: {UUID}4, every_branch: true}}": (
        "api.bitbucket.org/2.0/workspaces/a/pipelines-config/identity/oidc",
        f"ari:cloud:bitbucket::workspace/{UUID}3", f"{{{UUID}4}}:{{{ANY}}}",
    ),
    "terraform: {organization: a, project: b c, workspace: d, run_phases: [plan]}": (
        "app.terraform.io", "aws.workload.identity", "organization:a:project:b c:workspace:d:run_phase:plan",
    ),
    "oidc: {issuer: id.example.com/A, audience: x, subject: y}": ("id.example.com/A", "x", "y"),
}  # fmt: skip


@pytest.mark.parametrize(("written", "wanted"), SUBJECTS.items())
def test_the_tokens_are_those_of_the_issuers_guide(written: str, wanted: tuple[str, str, str]) -> None:
    of = registry(f"principals: {{it: {{{written}}}}}\nrepositories: {{web/api: {{push: [it]}}}}\n", SMALL)
    found = principal(of, "it")
    assert isinstance(found, Federated)
    assert (found.issuer, found.audience, found.subject) == wanted
