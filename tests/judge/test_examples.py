"""Every example: what its templates allow, judged by two engines, is what registry.yaml declares; no more, no less."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, assume, given

from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.access.policies import by_role, identity_policies
from registry.access.registry_policy import registry_policy
from registry.load import check_sources, load
from registry.locations import Location
from registry.model import ExistingRole, Registry, Repository
from tests.documents import registries, sources
from tests.examples import examples
from tests.judge.callers import Caller, callers
from tests.judge.declared import MEANING, OWN, UPSTREAM, allowed, may_log_in, signs
from tests.judge.deployed import Deployed, deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.weakened import weakened
from tests.synth import ROOT, synthesized

FILES = [
    *(ROOT / "examples" / name / "registry.yaml" for name in ("minimal", "seed", "company")),
    ROOT / "examples" / "fleet" / "accounts" / "100000000001" / "registry.yaml",
    *(
        ROOT / "tests" / "golden" / f"{name}.yaml"
        for name in ("access", "caches", "caches-everywhere", "signing", "who")
    ),
]
NEWER = {name for name in ON_REGISTRY if "ReplicationBackfill" in name}  # not in the engine's data yet
ELSEWHERE, ANOTHER = "sa-east-1", "888888888888"  # a region and an account that no file names
#: Asked of whom nothing is granted near a repository; of a principal near its own, every action is.
FAR = {
    "DeleteRepository",
    "SetRepositoryPolicy",
    *UPSTREAM,
    *(it for of in (MEANING, OWN) for actions in of.values() for it in actions),
}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True)
class Judged:
    """A registry, what its templates deploy, and the questions about it with the answers of the file."""

    registry: Registry
    deployed: Deployed
    questions: list[tuple[Case, bool]]


def asked(
    registry: Registry, found: Deployed, locations: Sequence[Location] = (), *, touched: str = ""
) -> Iterator[tuple[Case, bool]]:
    """Every caller, repositories that are its own, siblings, twins and elsewhere, and every action of ECR on them.

    :param locations: of the registry, where to ask; all without.
    :param touched: only questions about repositories whose caller and resource, with a space after each, hold it.
    """
    resource_policies: dict[tuple[Location, str], Mapping[str, Any] | None] = {}
    regions = tuple(dict.fromkeys((*(at.region for at in registry.locations), ELSEWHERE)))
    for caller in callers(registry, regions):
        identity = _identity(registry, found, caller)
        scopes = [it.scope.rstrip("/*") for it in registry.grants if it.principal.name == caller.what]
        for at, repository in targets(registry, locations or registry.locations):
            declared = (at, repository) in found.repositories
            resource = f"arn:aws:ecr:{at.region}:{at.account}:repository/{repository}"
            if touched not in f"{caller.arn} {resource} ":
                continue
            policy = resource_policies.setdefault((at, repository), _resource_policy(found, at, repository))
            context = caller.context(at.region)
            answers = allowed(registry, caller, at, repository, declared=declared)
            near = any(repository.startswith(scope) for scope in scopes) or at not in registry.locations
            for action in sorted(ON_REPOSITORIES if near else FAR):
                case = Case(
                    id=f"{caller.what} {action} {at} {repository}",
                    principal=caller.arn,
                    action=f"ecr:{action}",
                    resource=resource,
                    account=at.account,
                    identity=identity,
                    resource_policy=policy,
                    context=context,
                )
                yield case, action in answers
        if caller.account in registry.accounts:
            for action in sorted(ON_REGISTRY - NEWER):
                case = Case(
                    id=f"{caller.what} {action}",
                    principal=caller.arn,
                    action=f"ecr:{action}",
                    resource="*",
                    account=caller.account,
                    identity=identity,
                )
                yield case, action == "GetAuthorizationToken" and may_log_in(registry, caller)
        if caller.account:
            yield from _signing(registry, found, caller, identity)


def _signing(registry: Registry, found: Deployed, caller: Caller, identity: list[Any]) -> Iterator[tuple[Case, bool]]:
    """Every profile, and one that is called almost like it. Of other accounts only what profiles made here let in."""
    for profile in sorted(profiles(registry)):
        if caller.account not in registry.accounts and profile not in found.profiles:
            continue
        for arn in (profile, f"{profile}_twin"):
            owner = arn.split(":")[4]
            case = Case(
                id=f"{caller.what} SignPayload {arn}",
                principal=caller.arn,
                action="signer:SignPayload",
                resource=arn,
                account=owner,
                identity=identity,
                resource_policy=None if owner == caller.account else _shares(found, caller, arn),
            )
            yield case, arn == profile and signs(registry, caller, arn)


def profiles(registry: Registry) -> set[str]:
    """Every profile that a rule may mean, wherever the registry is."""
    return {
        rule.signing_profile_arn or f"arn:aws:signer:{at.region}:{at.account}:/signing-profiles/{rule.signing_profile}"
        for rule in registry.signing
        for at in registry.locations
    }


def _shares(found: Deployed, caller: Caller, profile: str) -> Mapping[str, Any] | None:
    """What a profile in another account allows: what the templates say of one that they make.

    The owner of another one allows all, so that only our half decides.
    """
    if profile.removesuffix("_twin") in found.profiles:
        if caller.account not in found.profiles.get(profile, ()):
            return None
        said = {"Effect": "Allow", "Principal": {"AWS": caller.account}, "Action": "signer:SignPayload"}
        return {"Version": "2012-10-17", "Statement": [{**said, "Resource": profile}]}
    allowed = {"Effect": "Allow", "Principal": {"AWS": caller.account}, "Action": "signer:*", "Resource": profile}
    return {"Version": "2012-10-17", "Statement": [allowed]}


def _resource_policy(found: Deployed, at: Location, repository: str) -> Mapping[str, Any] | None:
    """What is asked besides IAM: the policy of the repository, and of the registry with what that speaks of."""
    policies = [found.repositories.get((at, repository)), found.registries.get(at)]
    statements = [statement for policy in policies if policy for statement in policy["Statement"]]
    numbered = [{**each, "Sid": f"S{number}"} for number, each in enumerate(statements)]
    return {"Version": "2012-10-17", "Statement": numbered} if numbered else None


def _identity(registry: Registry, found: Deployed, caller: Caller) -> list[Any]:
    if not caller.account:
        return []  # a service has no policies
    if caller.account not in registry.accounts:
        return [EVERYTHING]  # the other side allows all it can: only our half decides
    return list(found.identity.get((caller.account, caller.arn.rpartition("/")[2]), ()))


def targets(registry: Registry, locations: Sequence[Location]) -> Iterator[tuple[Location, str]]:
    """Location and name: of each scope a repository, a sibling, twins, and one to come; elsewhere too."""
    names: dict[str, None] = {}
    members = [r.name for r in registry.repositories if not _has_a_policy_of_its_own(r)]
    for scope in dict.fromkeys(grant.scope for grant in registry.grants):
        for name in [name for name in members if name == scope or name.startswith(scope.rstrip("*"))][:1]:
            names |= dict.fromkeys((name, f"{name}s", f"{name}/x"))
        if scope.endswith("/*"):
            names |= dict.fromkeys((f"{scope[:-1]}to-come", f"{scope[:-2]}s/api"))
    names |= dict.fromkeys(members[:2])
    names |= dict.fromkeys(f"{prefix}/to-come" for prefix in registry.pull_through_cache_rules if prefix != "ROOT")
    for name in names:
        for at in locations:
            yield at, name
    for name in list(names)[:3]:
        yield Location(registry.account, ELSEWHERE), name
        yield Location(ANOTHER, registry.region), name


def _has_a_policy_of_its_own(repository: Repository) -> bool:
    return any("LambdaPulls" in text for text in repository.policies.values())


@pytest.fixture(scope="module", params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    path: Path = request.param
    registry, _ = load(path)
    _, templates = synthesized(registry, tmp_path_factory.mktemp("judge"))
    found = deployed(templates)
    return Judged(registry, found, list(asked(registry, found)))


def differences(questions: list[tuple[Case, bool]], answers: dict[str, bool]) -> list[str]:
    return [f"{case.id}: {answers[case.id]}" for case, wanted in questions if answers[case.id] != wanted]


def test_what_is_deployed_is_what_is_declared(example: Judged) -> None:
    assert len({case.id for case, _ in example.questions}) == len(example.questions)
    assert differences(example.questions, judged(case for case, _ in example.questions)) == []


def test_another_engine_agrees(example: Judged) -> None:
    assert differences(example.questions, second_opinion(case for case, _ in example.questions)) == []


@examples(5, phases=[Phase.generate])
@given(registries())
def test_whatever_is_accepted_allows_what_it_declares(drawn: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for layer in (drawn[0], *_layers(drawn)):
        layer.pop("repository_policy", None)  # what is written in AWS's form is no grant
        layer.pop("registry_policy", None)
    registry = check_sources(sources(*drawn)).registry
    assume(registry is not None and registry.grants)
    assert registry is not None
    found = computed(registry)
    # The home, a replica of its account where there is one, and one of another account.
    some = dict.fromkeys((*registry.locations[:2], registry.locations[-1]))
    questions = list(asked(registry, found, tuple(some)))
    assert differences(questions, second_opinion(case for case, _ in questions)) == []


def _layers(drawn: tuple[dict[str, Any], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    root, teams = drawn
    for file in (root, *teams.values()):
        for layer in (file.get("defaults"), *file.get("namespaces", {}).values(), *file["repositories"].values()):
            if layer:
                yield layer


def computed(registry: Registry) -> Deployed:
    """What a synth would write, without one: tests/judge sees the templates of every example."""
    identity: dict[tuple[str, str], list[Any]] = {}
    for account in registry.accounts:
        for principal, grants in by_role(registry, account).items():
            name = principal.role_name if isinstance(principal, ExistingRole) else f"{registry.name}-{principal.name}"
            identity[account, name] = list(identity_policies(registry, grants))
    return Deployed(
        identity=identity,
        repositories={
            (at, repository.name): json.loads(repository.policy_in(at) or "null")
            for at in registry.locations
            for repository in registry.repositories_in(at)
        },
        registries={at: policy for at in registry.locations if (policy := registry_policy(registry, at))},
    )


@pytest.mark.parametrize(("name", "least"), [("access", 30), ("caches", 15)])
def test_every_weaker_statement_is_caught(name: str, least: int, tmp_path: Path) -> None:
    """The judge is awake: no statement of a role or repository can be weakened by a step without a difference."""
    registry, _ = load(ROOT / "tests" / "golden" / f"{name}.yaml")
    _, templates = synthesized(registry, tmp_path)
    found = deployed(templates)
    cases: dict[str, list[tuple[Case, bool]]] = {}
    for what, weaker, touched in _weaker(found):
        cases[what] = [
            (replace(case, id=f"{what}: {case.id}"), yes)
            for case, yes in asked(registry, weaker, touched=touched)
            if touched in f"{case.principal} {case.resource} "
        ]
    answers = second_opinion(case for each in cases.values() for case, _ in each)
    assert len(cases) > least
    assert [what for what, each in cases.items() if not differences(each, answers)] == []


def _weaker(found: Deployed) -> Iterator[tuple[str, Deployed, str]]:
    """What was weakened, the outcome, and the words of the questions it touches."""
    for role, documents in found.identity.items():
        for index, document in enumerate(documents):
            for what, changed in _changed(document):
                others = [*documents[:index], changed, *documents[index + 1 :]]
                yield f"{role} {what}", replace(found, identity={**found.identity, role: others}), f"/{role[1]} "
    for here, of_registry in found.registries.items():
        for what, changed in _changed(of_registry):
            weaker = replace(found, registries={**found.registries, here: changed})
            yield f"{here} {what}", weaker, f":{here.region}:{here.account}:repository/"
    for at, policy in found.repositories.items():
        for what, changed in _changed(policy or {"Statement": []}):
            yield (
                f"{at} {what}",
                replace(found, repositories={**found.repositories, at: changed}),
                f"repository/{at[1]} ",
            )


def _changed(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    statements = document["Statement"]
    for index, statement in enumerate(statements):
        for what, weaker in weakened(statement):
            if what == "principal *" and "aws:PrincipalArn" in str(statement["Condition"]):
                continue  # the role's ARN holds its account: naming that too is a second lock
            yield (
                f"{statement['Sid']} {what}",
                {**document, "Statement": [*statements[:index], weaker, *statements[index + 1 :]]},
            )
