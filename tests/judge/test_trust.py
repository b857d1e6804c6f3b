"""Whom the roles made for CI trust: the one token that is declared, and none that looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.access.trust import trust_policy
from registry.load import load
from registry.model import Federated
from tests.judge.deployed import deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.weakened import weakened
from tests.synth import ROOT, SMALL, declared, synthesized

TEXT = ROOT / "examples" / "company" / "registry.yaml"
JOBS = (
    "ref:refs/heads/main", "ref:refs/heads/mainline", "ref:refs/heads/dev", "ref:refs/tags/v1", "ref:refs/tags/1",
    "pull_request", "environment:prod", "environment:production", "environment:dev",
)  # fmt: skip
REPOSITORIES = (
    "company@84790634/web@1304267049", "company@84790634/web2@1304267049", "company@84790635/web@1304267049",
    "company@84790634/web@1304267050", "company/web", "evil@1/web@2", "company-evil@3/web@1304267049",
)  # fmt: skip
PROJECTS = ("company/data/images", "company/data/images2", "company/data", "mobile/apps", "evil/apps")
REFS = ("ref_type:branch:ref:main", "ref_type:branch:ref:main2", "ref_type:tag:ref:main", "ref_type:branch:ref:dev")
SUBJECTS = (
    *(f"repo:{repository}:{job}" for repository in REPOSITORIES for job in JOBS),
    *(f"project_path:{project}:{ref}" for project in PROJECTS for ref in REFS),
)
#: The others are in test_who.py.
DECLARED = {
    "web-main": {"repo:company@84790634/web@1304267049:ref:refs/heads/main"},
    "web-release": {"repo:company@84790634/web@1304267049:ref:refs/tags/v1"},
    "web-prod": {"repo:company@84790634/web@1304267049:environment:prod"},
    "web-pull-requests": {"repo:company@84790634/web@1304267049:pull_request"},
    "data-main": {"project_path:company/data/images:ref_type:branch:ref:main"},
    "mobile-main": {"project_path:mobile/apps:ref_type:branch:ref:main"},
}
ISSUERS = {
    "token.actions.githubusercontent.com": "sts.amazonaws.com",
    "gitlab.com": "https://gitlab.com",
    "gitlab.example.com": "https://gitlab.example.com",
}
ISSUER_OF = {"data-main": "gitlab.com", "mobile-main": "gitlab.example.com"}
GITHUB = "token.actions.githubusercontent.com"


@pytest.fixture(scope="module")
def roles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    registry, _ = load(Path(TEXT))
    _, templates = synthesized(registry, tmp_path_factory.mktemp("trust"))
    names = {f"{registry.name}-{p.name}": p.name for p in registry.principals if p.name in DECLARED}
    trusts = deployed(templates).trust
    return {name: trusts[role] for role, name in names.items()}


def tokens(name: str, policy: object) -> Iterator[tuple[Case, bool]]:
    """Every token of every issuer, and whether the principal is meant."""
    for issuer, audience in ISSUERS.items():
        for asked in dict.fromkeys((audience, "https://github.com/company", "sts.amazonaws.com")):
            for subject in SUBJECTS:
                wanted = subject in DECLARED[name] and issuer == ISSUER_OF.get(name, GITHUB) and asked == audience
                case = Case(
                    id=f"{name} {issuer} {asked} {subject}",
                    principal=f"arn:aws:iam::123456789012:oidc-provider/{issuer}",
                    action="sts:AssumeRoleWithWebIdentity",
                    resource=f"arn:aws:iam::123456789012:role/{name}",
                    account="123456789012",
                    resource_policy=policy,  # type: ignore[arg-type]
                    context={f"{issuer}:aud": asked, f"{issuer}:sub": subject},
                )
                yield case, wanted


@pytest.mark.parametrize("engine", [judged, second_opinion])
def test_a_role_is_assumed_by_the_declared_job_only(roles: dict[str, object], engine: object) -> None:
    assert set(roles) == set(DECLARED)
    wanted = {case.id: (case, yes) for name, policy in roles.items() for case, yes in tokens(name, policy)}
    answers = engine([case for case, _ in wanted.values()])  # type: ignore[operator]
    assert {id for id, yes in answers.items() if yes} == {id for id, (_, yes) in wanted.items() if yes}
    assert sum(yes for _, yes in wanted.values()) >= len(DECLARED)


def test_every_weaker_trust_lets_somebody_in(roles: dict[str, object]) -> None:
    cases: dict[str, list[tuple[Case, bool]]] = {}
    for name, policy in roles.items():
        assert isinstance(policy, dict)
        (statement,) = policy["Statement"]
        for what, weaker in weakened(statement):
            if what == "principal *":
                continue  # the condition keys carry the issuer, so no other issuer's token has them
            key = f"{name}: {what}"
            cases[key] = [
                (Case(**{**vars(case), "id": f"{key} {case.id}"}), yes)
                for case, yes in tokens(name, {**policy, "Statement": [weaker]})
            ]
    answers = second_opinion(case for each in cases.values() for case, _ in each)
    blind = [key for key, each in cases.items() if all(answers[case.id] == yes for case, yes in each)]
    assert blind == []
    assert len(cases) >= 4 * len(DECLARED)


@pytest.mark.parametrize("engine", [judged, second_opinion])
@pytest.mark.parametrize(("declared_as", "other"), [("tag", "branch"), ("branch", "tag")])
def test_a_branch_of_gitlab_is_no_tag_of_the_same_name(declared_as: str, other: str, engine: object) -> None:
    """Whoever may push a branch could else release: GitLab protects the two apart."""
    registry = declared(
        f"{SMALL}principals: {{release: {{gitlab: company/data/images, {declared_as}: stable}}}}\n"
        "repositories: {web/api: {push: [release]}}\n"
    )
    (principal,) = registry.principals
    assert isinstance(principal, Federated)
    cases = [
        Case(
            id=kind,
            principal="arn:aws:iam::123456789012:oidc-provider/gitlab.com",
            action="sts:AssumeRoleWithWebIdentity",
            resource=principal.arn,
            account="123456789012",
            resource_policy=trust_policy(principal, "123456789012", registry.region),
            context={
                "gitlab.com:aud": "https://gitlab.com",
                "gitlab.com:sub": f"project_path:company/data/images:ref_type:{kind}:ref:stable",
            },
        )
        for kind in (declared_as, other)
    ]
    assert engine(cases) == {declared_as: True, other: False}  # type: ignore[operator]
