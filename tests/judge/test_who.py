"""Whom the roles trust that are made for other issuers, for several jobs and for pods: the declared ones, and no twin.

Each twin is what somebody could make: a fork, a branch with a long name, a repository called like another's ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.load import load
from registry.model import MadeRole
from tests.judge.deployed import deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.test_trust import DECLARED
from tests.judge.weakened import weakened
from tests.synth import ROOT, declared, synthesized

ORGANIZATION, PROJECT, SPACE, REPOSITORY, DEPLOYMENT, NEXT, STAGING = (
    f"b1a2c3d4-0000-4000-8000-00000000000{number}" for number in range(1, 8)
)
CLUSTER_ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
USER, OTHER = "0a1b2c3d-0000-4000-8000-0000000000ff", "ffffffff-0000-4000-8000-000000000000"
CIRCLE, CIRCLE_NEXT = (f"org/{ORGANIZATION}/project/{project}/user/{USER}" for project in (PROJECT, NEXT))
IOS, ANDROID = (f"vcs-origin/github.com/company/{name}/vcs-ref" for name in ("ios", "android"))
LAB = "project_path:company/data"
KITE = "organization:company:pipeline:load-tests:ref:refs/heads"
RUN = "organization:company:project:Platform:workspace:services:run_phase"
REPO = f"{{{REPOSITORY}}}"
STEP = f"{{{USER}}}"
BITBUCKET = "api.bitbucket.org/2.0/workspaces/company/pipelines-config/identity/oidc"
WORKSPACE = f"ari:cloud:bitbucket::workspace/{SPACE}"


@dataclass(frozen=True, kw_only=True)
class Trusted:
    """The tokens that a role trusts, and `sub` of such as look like them."""

    issuer: str
    audience: str
    genuine: tuple[str, ...]
    twins: tuple[str, ...]


IDS, OLD = "repo:company@84790634/docs@1304267050", "repo:company@84790634/docs-legacy@1304267051"
TOKENS = {
    "docs": Trusted(
        issuer="token.actions.githubusercontent.com",
        audience="sts.amazonaws.com",
        genuine=tuple(
            f"{repository}:ref:refs/heads/{branch}"
            for repositories, branches in (
                ((IDS, "repo:company/docs"), ("main", "next")),
                ((OLD, "repo:company/docs-legacy"), ("main",)),
            )
            for repository in repositories
            for branch in branches
        ),
        twins=(
            f"{IDS}:ref:refs/heads/nextt", f"{IDS}:ref:refs/tags/main", f"{IDS}:pull_request",
            "repo:company/docs:ref:refs/heads/dev", f"{OLD}:ref:refs/heads/next", f"{OLD}:ref:refs/heads/x",
            "repo:company/docs-legacy:ref:refs/heads/next", "repo:Company/Docs:ref:refs/heads/main",
            # https://labs.boostsecurity.io/articles/sleeper-squats-github-oidc-immutable-subject-claim/
            "repo:company-84790634/docs-1304267050:ref:refs/heads/main",
            "repo:company@1/docs@1304267050:ref:refs/heads/main", "repo:company/docs2:ref:refs/heads/main",
        ),
    ),
    "mobile-ios": Trusted(
        issuer=f"oidc.circleci.com/org/{ORGANIZATION}",
        audience=ORGANIZATION,
        genuine=(
            f"{CIRCLE}/{IOS}/refs/heads/main", f"{CIRCLE}/{IOS}/refs/tags/v1",
            f"{CIRCLE_NEXT}/{ANDROID}/refs/heads/main",
        ),
        twins=(
            # of one project with the source, the branch or the tag of the other
            f"{CIRCLE}/{ANDROID}/refs/heads/main", f"{CIRCLE_NEXT}/{IOS}/refs/heads/main",
            f"{CIRCLE_NEXT}/{ANDROID}/refs/tags/v1", f"{CIRCLE_NEXT}/{ANDROID}/refs/heads/dev",
            f"{CIRCLE}/{IOS}/refs/heads/v1", f"{CIRCLE}/{IOS}/refs/tags/v2",
            CIRCLE,  # the first version of the token
            f"{CIRCLE}/{IOS}/refs/heads/dev", f"{CIRCLE}/{IOS}/refs/tags/main",
            f"{CIRCLE}/{IOS}/refs/heads/x/{IOS}/refs/heads/main",  # a branch with a long name
            f"{CIRCLE}/vcs-origin/github.com/evil/ios/vcs-ref/refs/heads/main",
            f"org/{ORGANIZATION}/project/{OTHER}/user/{USER}/{IOS}/refs/heads/main",
            f"org/{OTHER}/project/{PROJECT}/user/{USER}/{IOS}/refs/heads/main",
        ),
    ),
    "load-tests": Trusted(
        issuer="agent.buildkite.com",
        audience="sts.amazonaws.com",
        genuine=(
            f"{KITE}/main:commit:{'0a' * 20}:step:image", f"{KITE}/main:commit:HEAD:step:",
            "organization:company:pipeline:load-tests:ref:refs/tags/v1:commit:HEAD:step:x",
            "organization:company:pipeline:smoke:ref:refs/heads/main:commit:HEAD:step:x",
        ),
        twins=(
            "organization:company:pipeline:smoke:ref:refs/tags/v1:commit:HEAD:step:x",
            "organization:company:pipeline:smoke:ref:refs/heads/main:x",
            "organization:company:pipeline:load-tests:ref:refs/tags/v1:x",
            "organization:company:pipeline:smoke2:ref:refs/heads/main:commit:HEAD:step:x",
            "organization:evil:pipeline:smoke:ref:refs/heads/main:commit:HEAD:step:x",
            f"{KITE}/main2:commit:HEAD:step:x", f"{KITE}/main:x", f"{KITE}/dev:commit:HEAD:step:x",
            "organization:company:pipeline:load-tests2:ref:refs/heads/main:commit:HEAD:step:x",
            "organization:evil:pipeline:load-tests:ref:refs/heads/main:commit:HEAD:step:x",
            "organization:company:pipeline:load-tests:ref:refs/tags/main:commit:HEAD:step:x",
            "organization:company:pipeline:load-tests:ref:refs/pull/7/head:commit:HEAD:step:x",
        ),
    ),
    "data-images": Trusted(
        issuer="gitlab.com",
        audience="https://gitlab.com",
        genuine=(f"{LAB}/images:ref_type:branch:ref:main", f"{LAB}/models:ref_type:branch:ref:main",
                 f"{LAB}/images:ref_type:tag:ref:v1"),
        twins=(
            f"{LAB}/models:ref_type:tag:ref:v1", f"{LAB}/models2:ref_type:branch:ref:main",
            f"{LAB}/models:ref_type:branch:ref:dev", f"{LAB}/images:ref_type:branch:ref:dev",
            f"{LAB}/images:ref_type:tag:ref:main",
            "project_path:evil/data/models:ref_type:branch:ref:main",
        ),
    ),
    "legacy-shop": Trusted(
        issuer=BITBUCKET,
        audience=WORKSPACE,
        genuine=(f"{REPO}:{{{DEPLOYMENT}}}:{STEP}", f"{{{NEXT}}}:{{{STAGING}}}:{STEP}"),
        twins=(
            f"{REPO}:{{{STAGING}}}:{STEP}", f"{{{NEXT}}}:{{{DEPLOYMENT}}}:{STEP}", f"{{{NEXT}}}:{STEP}",
            f"{{{NEXT}}}:{{{STAGING}}}:",
            f"{REPO}:{STEP}", f"{REPO}:{{{OTHER}}}:{STEP}", f"{{{OTHER}}}:{{{DEPLOYMENT}}}:{STEP}",
            f"{REPO}:{{{DEPLOYMENT}}}:", f"{REPO}:{{{DEPLOYMENT}}}:{STEP}:{STEP}",
        ),
    ),
    "legacy-tests": Trusted(
        issuer=BITBUCKET,
        audience=WORKSPACE,
        genuine=(f"{REPO}:{STEP}",),
        twins=(f"{REPO}:{{{DEPLOYMENT}}}:{STEP}", f"{{{OTHER}}}:{STEP}", f"{REPO}:"),
    ),
    "platform": Trusted(
        issuer="terraform.example.com",
        audience="aws.company",
        genuine=(
            f"{RUN}:plan", f"{RUN}:apply", "organization:company:project:Platform:workspace:images:run_phase:apply",
            *(f"organization:company:project:Edge:workspace:services:run_phase:{phase}" for phase in ("plan", "apply")),
        ),
        twins=(
            "organization:company:project:Platform:workspace:images:run_phase:plan",
            "organization:company:project:Edge:workspace:services:run_phase:destroy",
            "organization:company:project:Edge:workspace:images:run_phase:apply",
            "organization:evil:project:Edge:workspace:services:run_phase:apply",
            f"{RUN}:destroy", f"{RUN}:", "organization:company:project:Platform:workspace:services2:run_phase:apply",
            "organization:company:project:Other:workspace:services:run_phase:apply",
            "organization:evil:project:Platform:workspace:services:run_phase:apply",
        ),
    ),
    "flux": Trusted(
        issuer=CLUSTER_ISSUER,
        audience="sts.amazonaws.com",
        genuine=(
            "system:serviceaccount:flux-system:image-reflector-controller",
            "system:serviceaccount:flux-system:image-automation-controller", "system:serviceaccount:images:scanner",
        ),
        twins=(
            "system:serviceaccount:flux-system:scanner", "system:serviceaccount:images:image-reflector-controller",
            "system:serviceaccount:images2:scanner", "system:serviceaccount:images:default",
            "system:serviceaccount:flux-system:default",
            "system:serviceaccount:flux-system2:image-reflector-controller",
            "system:serviceaccount:default:image-reflector-controller",
        ),
    ),
    "forge": Trusted(
        issuer="forge.example.com/oidc",
        audience="sts.amazonaws.com",
        genuine=("repo:company/base:main", "repo:company/tools:main", "nightly:company/base"),
        twins=("repo:company/base:dev", "repo:company/base2:main", "repo:evil/base:main", "preview:company/base",
               "repo:company/tools:dev", "nightly:company-evil/base", "nightly:company"),
    ),
    "forge-previews": Trusted(
        issuer="forge.example.com/oidc",
        audience="sts.amazonaws.com",
        genuine=("preview:company/base", "preview:company/web/7"),
        twins=("preview:company-evil/base", "preview:company", "preview:evil", "repo:company/base:main",
               "nightly:company/base"),
    ),
}  # fmt: skip
CLUSTER = "arn:aws:eks:eu-central-1:123456789012:cluster/production"
PODS = {
    "aws:RequestTag/eks-cluster-arn": CLUSTER,
    "aws:RequestTag/kubernetes-namespace": "argocd",
    "aws:RequestTag/kubernetes-service-account": "argocd-image-updater",
}
SECOND = "arn:aws:eks:us-east-1:123456789012:cluster/second"
#: Of the pods of `also`, and of each the neighbours that have something of either.
ALSO_PODS = {**PODS, "aws:RequestTag/eks-cluster-arn": SECOND, "aws:RequestTag/kubernetes-namespace": "tools"}
OTHER_PODS = {
    "aws:RequestTag/eks-cluster-arn": ("arn:aws:eks:eu-central-1:123456789012:cluster/staging",
                                       "arn:aws:eks:us-east-1:123456789012:cluster/production",
                                       "arn:aws:eks:eu-central-1:210987654321:cluster/production"),
    "aws:RequestTag/kubernetes-namespace": ("argocd2", "default"),
    "aws:RequestTag/kubernetes-service-account": ("default", "argocd-image-updater2"),
}  # fmt: skip
Policy = Mapping[str, Any]


FILE = f"""\
registry: {{name: company, account: "123456789012", region: eu-central-1}}
principals:
  docs:
    {{github: company/docs, owner_id: 84790634, repository_id: 1304267050, classic_subject: true, branch: main,
     also: [{{branch: next}}, {{github: company/docs-legacy, owner_id: 84790634, repository_id: 1304267051, branch: main}}]}}
  mobile-ios:
    circleci: {{organization: {ORGANIZATION}, project: {PROJECT}, repository: github.com/company/ios}}
    branch: main
    also: [{{circleci: {{project: {NEXT}, repository: github.com/company/android}}, branch: main}}, {{tag: v1}}]
  load-tests:
    {{buildkite: {{organization: company, pipeline: load-tests}}, branch: main,
     also: [{{buildkite: {{pipeline: smoke}}, branch: main}}, {{tag: "v*"}}]}}
  data-images: {{gitlab: company/data/images, branch: main, also: [{{gitlab: company/data/models, branch: main}}, {{tag: "v*"}}]}}
  legacy-shop:
    {{bitbucket: {{workspace: company, workspace_id: {SPACE}, repository_id: {REPOSITORY}, deployment: {DEPLOYMENT}}},
     also: [{{bitbucket: {{repository_id: {NEXT}, deployment: {STAGING}}}}}]}}
  legacy-tests: {{bitbucket: {{workspace: company, workspace_id: {SPACE}, repository_id: {REPOSITORY}, every_branch: true}}}}
  platform:
    terraform: {{organization: company, project: Platform, workspace: services, run_phases: [plan, apply],
                host: terraform.example.com, audience: aws.company}}
    also: [{{terraform: {{workspace: images, run_phases: [apply]}}}}, {{terraform: {{project: Edge}}}}]
  flux:
    irsa: {{issuer: {CLUSTER_ISSUER}, namespace: flux-system, service_account: image-reflector-controller}}
    also: [{{irsa: {{service_account: image-automation-controller}}}}, {{irsa: {{namespace: images, service_account: scanner}}}}]
  image-updater:
    pod_identity: {{cluster: "{CLUSTER}", namespace: argocd, service_account: argocd-image-updater}}
    also: [{{pod_identity: {{cluster: "{SECOND}", namespace: tools}}}}]
  forge:
    {{oidc: {{issuer: forge.example.com/oidc, audience: sts.amazonaws.com, subject: "repo:company/base:main"}},
     also: [{{oidc: {{subject: "repo:company/tools:main"}}}}, {{oidc: {{subject_pattern: "nightly:company/*"}}}}]}}
  forge-previews: {{oidc: {{issuer: forge.example.com/oidc, audience: sts.amazonaws.com, subject_pattern: "preview:company/*"}}}}
repositories:
  web/api: {{pull: [{", ".join((*TOKENS, "image-updater"))}]}}
"""  # noqa: E501


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Policy]:
    registry = declared(FILE)
    _, templates = synthesized(registry, tmp_path_factory.mktemp("who"))
    trusts = deployed(templates).trust
    return {name: trusts[f"company-{name}"] for name in (*TOKENS, "image-updater")}


def asked(name: str, policy: Policy, key: str = "") -> Iterator[tuple[Case, bool]]:
    """Tokens that are meant, with another audience, of another issuer; and those of twins."""
    own = TOKENS[name]
    wrong = [own.audience.rpartition("/")[0] + "/" + OTHER if "/" in own.audience else f"{own.audience}2", "*"]
    issuers = [own.issuer, f"{own.issuer}2", *({it.issuer for it in TOKENS.values()} - {own.issuer})]
    for issuer in sorted(issuers):
        for audience in (own.audience, *wrong) if issuer == own.issuer else (own.audience,):
            for subject in (*own.genuine, *own.twins) if audience == own.audience else own.genuine:
                wanted = issuer == own.issuer and audience == own.audience and subject in own.genuine
                yield (
                    _token(f"{name} {key} {issuer} {audience} {subject}", name, policy, issuer, audience, subject),
                    wanted,
                )


def _token(id: str, name: str, policy: Policy, issuer: str, audience: str, subject: str) -> Case:
    return Case(
        id=id,
        principal=f"arn:aws:iam::123456789012:oidc-provider/{issuer}",
        action="sts:AssumeRoleWithWebIdentity",
        resource=f"arn:aws:iam::123456789012:role/{name}",
        account="123456789012",
        resource_policy=policy,
        context={f"{issuer}:aud": audience, f"{issuer}:sub": subject},
    )


def pods(policy: Policy, key: str = "") -> Iterator[tuple[Case, bool]]:
    """EKS for the pods that are meant, for others, without tags, and another service with the same tags."""
    requests: list[tuple[str, dict[str, str], bool]] = [("pods.eks.amazonaws.com", {}, False)]
    requests += [("pods.eks.amazonaws.com", {**PODS, tag: ALSO_PODS[tag]}, False) for tag in [*PODS][:2]]
    for own in (PODS, ALSO_PODS):
        requests += [("pods.eks.amazonaws.com", own, True), ("ec2.amazonaws.com", own, False)]
        for tag, values in OTHER_PODS.items():
            requests += [("pods.eks.amazonaws.com", {**own, tag: value}, False) for value in values]
            requests.append(("pods.eks.amazonaws.com", {other: it for other, it in own.items() if other != tag}, False))
    for number, (service, tags, wanted) in enumerate(requests):
        for action in ("sts:AssumeRole", "sts:TagSession"):
            case = Case(
                id=f"{key} {number} {action}",
                principal=service,
                action=action,
                resource="arn:aws:iam::123456789012:role/image-updater",
                account="123456789012",
                resource_policy=policy,
                context=tags,
            )
            yield case, wanted


def test_every_role_that_the_large_example_makes_is_asked_about() -> None:
    registry, _ = load(Path(ROOT / "examples" / "company" / "registry.yaml"))
    assert {it.name for it in registry.principals if isinstance(it, MadeRole)} < {*DECLARED, *TOKENS, "image-updater"}


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_the_declared_tokens_are_trusted_and_no_twin(roles: dict[str, Policy], engine: Any) -> None:
    wanted = {case.id: (case, yes) for name in TOKENS for case, yes in asked(name, roles[name])}
    answers = engine([case for case, _ in wanted.values()])
    assert {id for id, yes in answers.items() if yes} == {id for id, (_, yes) in wanted.items() if yes}


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_the_declared_pods_of_the_declared_cluster_get_the_role(roles: dict[str, Policy], engine: Any) -> None:
    wanted = {case.id: (case, yes) for case, yes in pods(roles["image-updater"])}
    answers = engine([case for case, _ in wanted.values()])
    assert answers == {id: yes for id, (_, yes) in wanted.items()}


def test_every_weaker_trust_lets_somebody_in(roles: dict[str, Policy]) -> None:
    cases: dict[str, list[tuple[Case, bool]]] = {}
    for name in (*TOKENS, "image-updater"):
        policy = roles[name]
        for index, statement in enumerate(policy["Statement"]):
            for what, weaker in weakened(statement):
                if what == "principal *" and name in TOKENS:
                    continue  # the condition keys carry the issuer, so no other issuer's token has them
                statements = [*policy["Statement"][:index], weaker, *policy["Statement"][index + 1 :]]
                changed, key = {**policy, "Statement": statements}, f"{name} {index} {what}:"
                cases[key] = list(pods(changed, key) if name == "image-updater" else asked(name, changed, key))
    answers = second_opinion(case for each in cases.values() for case, _ in each)
    blind = [key for key, each in cases.items() if all(answers[case.id] == yes for case, yes in each)]
    assert blind == []
    assert len(cases) >= 4 * len(TOKENS)
