"""Rules about the policies of repositories, those that are declared and those of creation templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.findings import Severity, YamlPath, shown
from registry.limits import ECR_API, ECR_GUIDE, REPOSITORY_POLICY_LENGTH
from registry.nearest import Nearest
from registry.resolve.registry_wide import policy_text
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import RegistryPolicyShape, RepositoryPolicyShape, StatementShape, Words

POLICY_PAGE: Final = f"{ECR_GUIDE}/repository-policies.html"
IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
VERSIONS: Final = ("2012-10-17", "2008-10-17")
_BY_LOWER_CASE: Final = {name.lower(): name for name in (*ON_REPOSITORIES, *ON_REGISTRY)}
_LONGEST: Final = max(map(len, (*ON_REPOSITORIES, *ON_REGISTRY)))


def policies(declared: RuleContext) -> Iterator[tuple[YamlPath, RepositoryPolicyShape]]:
    """Every policy document with its place."""
    for at, settings in declared.written.with_settings():
        if settings.repository_policy is not None:
            yield (*at, "repository_policy"), settings.repository_policy


def statements(declared: RuleContext) -> Iterator[tuple[YamlPath, StatementShape]]:
    """Every statement with its place."""
    yield from _statements(policies(declared))


def every_statement(declared: RuleContext) -> Iterator[tuple[YamlPath, StatementShape]]:
    """The same, and those of registry policies."""
    yield from _statements(_every_policy(declared))


def _every_policy(declared: RuleContext) -> Iterator[tuple[YamlPath, RepositoryPolicyShape | RegistryPolicyShape]]:
    yield from policies(declared)
    yield from declared.written.registry_policies()


def _statements(
    found: Iterable[tuple[YamlPath, RepositoryPolicyShape | RegistryPolicyShape]],
) -> Iterator[tuple[YamlPath, StatementShape]]:
    for at, policy in found:
        for index, statement in enumerate(policy.Statement):
            yield (*at, "Statement", index), statement


def words(at: YamlPath, value: Words | None) -> Iterator[tuple[YamlPath, str]]:
    if isinstance(value, str):
        yield at, value
    else:
        yield from (((*at, index), word) for index, word in enumerate(value or ()))


@rule(
    "repository-policy",
    "Write the policy of a repository or registry in IAM's grammar",
    f"{IAM}/reference_policies_grammar.html",
)
def repository_policy(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses the policy in the middle of a deploy; or a statement allows or denies something else than its author
    meant.
    """
    for at, policy in _every_policy(declared):
        if policy.Version is not None and policy.Version not in VERSIONS:
            yield Problem(
                at=(*at, "Version"),
                message="the policy language has no such version",
                given=shown(policy.Version),
                allowed=" or ".join(VERSIONS),
                way_out=f'write "{VERSIONS[0]}"',
            )
        yield from _repeated(at, policy)
    for at, statement in every_statement(declared):
        if statement.NotPrincipal is not None and statement.Effect == "Allow":
            yield Problem(
                at=(*at, "NotPrincipal"),
                message="IAM does not support NotPrincipal with Allow: it would let in everyone except these",
                given="Effect: Allow and NotPrincipal",
                allowed="Principal, or NotPrincipal with Deny",
                way_out="write Principal with those you want to let in",
                key=True,
            )


def _repeated(at: YamlPath, policy: RepositoryPolicyShape | RegistryPolicyShape) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, statement in enumerate(policy.Statement):
        if statement.Sid is not None and first.setdefault(statement.Sid, index) != index:
            yield Problem(
                at=(*at, "Statement", index, "Sid"),
                message=f"the policy has a statement {statement.Sid} already",
                given=shown(statement.Sid),
                allowed="a Sid for each statement, or none",
                way_out="choose another, or remove it",
            )


@rule("repository-policy-action", "Name only ECR actions on repositories in a repository policy", POLICY_PAGE)
def repository_policy_action(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a policy with any other action, and a misspelled one allows nothing."""
    nearest = Nearest(f"ecr:{name}" for name in sorted(ON_REPOSITORIES))
    for place, statement in statements(declared):
        for key in ("Action", "NotAction"):
            for at, action in words((*place, key), getattr(statement, key)):
                service, _, word = action.partition(":")
                name = _BY_LOWER_CASE.get(word.lower())
                if service.lower() != "ecr":
                    message = "a repository policy can contain ECR actions only"
                    way_out = "write the actions you need, such as ecr:BatchGetImage" if action == "*" else "remove it"
                elif name in ON_REGISTRY:
                    message = f"ecr:{name} does not work on a repository, so ECR refuses it here"
                    way_out = "remove it, and allow it in an IAM policy of those who need it"
                elif not matches_some(word, ON_REPOSITORIES):
                    message, way_out = "ECR has no such action", nearest.way_out(action) or "remove it"
                else:
                    continue
                yield Problem(
                    at=at,
                    message=message,
                    given=shown(action),
                    allowed="ecr:… with an action on repositories, such as ecr:BatchGetImage; * is a wildcard",
                    way_out=way_out,
                )


def matches_some(word: str, names: Iterable[str]) -> bool:
    """Whether an action, in which `*` and `?` are wildcards, is or matches one of these names."""
    if len(word.replace("*", "")) > _LONGEST:
        return False  # at once, however many wildcards there are
    pattern = re.sub(r"\*+", "*", word.lower()).replace("[", "[[]")
    return any(fnmatchcase(name.lower(), pattern) for name in names)


@rule(
    "repository-policy-length",
    "Keep a repository policy within 10,240 characters",
    f"{ECR_API}/API_SetRepositoryPolicy.html",
)
def repository_policy_length(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a longer policy, and the deploy of the whole namespace is rolled back."""
    for at, policy in policies(declared):
        length = len(policy_text(policy) or "")
        if length > REPOSITORY_POLICY_LENGTH:
            yield Problem(
                at=at,
                message="this policy is too long for ECR",
                given=f"{length:,} characters of JSON",
                allowed=f"at most {REPOSITORY_POLICY_LENGTH:,}",
                way_out="join statements, or name an organisation in a condition (aws:PrincipalOrgID) "
                "instead of many accounts",
                key=True,
            )


@rule("repository-policy-wildcard", "Name the actions a statement allows, not ecr:*", POLICY_PAGE, Severity.WARNING)
def repository_policy_wildcard(declared: RuleContext) -> Iterator[Problem]:
    """`ecr:*` includes deleting the repository and changing its policy."""
    for place, statement in statements(declared):
        for at, action in words((*place, "Action"), statement.Action if statement.Effect == "Allow" else None):
            if re.fullmatch(r"ecr:\*+", action.lower()):
                yield Problem(
                    at=at,
                    message="this allows everything, deleting the repository and changing its policy included",
                    given=shown(action),
                    allowed="the actions that are needed",
                    way_out="for pulling write ecr:BatchGetImage and ecr:GetDownloadUrlForLayer",
                )
