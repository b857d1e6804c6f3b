"""What IAM Access Analyzer is asked about the policies in two sets of templates, and what its answers come to.

Pure: ops/plan/prove.py asks. https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry import naming
from registry.access.policy_language import many
from registry.limits import IAM_GUIDE
from registry.locations import Location
from registry.patterns import covers, names_below
from registry.plan import access, follow
from registry.plan.change import Change, Part, Risk, kinds_about
from registry.plan.sides import Side, Sides
from registry.plan.unexplained import Templates
from registry.replacements.find import POLICY, PUBLIC_REPOSITORY, REPOSITORY, ROLE, Resource, resources_in

_LINK: Final = f"{IAM_GUIDE}/access-analyzer-custom-policy-checks.html"
kind = kinds_about("IAM Access Analyzer")
MORE = kind(
    "aws-says-more",
    Risk.OPENS,
    "AWS finds new access in a policy that the plan does not tell",
    "The plan compares by its own relation, AWS by a proof over every request. Read the statements that it names.",
    _LINK,
)
ADMINISTERS = kind(
    "aws-says-administers",
    Risk.OPENS,
    "A new policy lets somebody administer repositories or policies",
    "No grant does: deployments alone need it. Whoever may write a policy can let in everybody.",
    _LINK,
)
AGREES = kind(
    "aws-agrees",
    Risk.SAFE,
    "AWS finds no new access in a policy but what the plan tells",
    "It says of each policy that is not the same whether it allows the same as before, more, less, or both.",
    _LINK,
)
#: What no grant gives, the audit policy does not, and ECR's own role does not: asked of policies that are new.
NOBODY: Final = (
    *("ecr:DeleteLifecyclePolicy", "ecr:DeleteRegistryPolicy", "ecr:DeleteRepository", "ecr:DeleteRepositoryPolicy"),
    *("ecr:PutImageTagMutability", "ecr:PutLifecyclePolicy", "ecr:PutRegistryPolicy", "ecr:SetRepositoryPolicy"),
    *("ecr-public:DeleteRepository", "ecr-public:SetRepositoryPolicy"),
    *("iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:PassRole", "iam:PutRolePolicy"),
)
#: Changes that say of a policy that it allows more, although they count as harmless.
_TOLD: Final = frozenset({access.LATER, follow.AUDIT, follow.CREATION, follow.TEMPLATES})
_HEADINGS: Final = frozenset({"Access", "Principals"})
#: Where a document stands, and what people call it. Those of a role come together: packing moves statements about.
_DOCUMENTS: Final = {
    REPOSITORY: ("RepositoryPolicyText", "repository policy"),
    PUBLIC_REPOSITORY: ("RepositoryPolicyText", "policy of a public repository"),
    "AWS::ECR::RepositoryCreationTemplate": ("RepositoryPolicy", "policy of a creation template"),
    "AWS::ECR::RegistryPolicy": ("PolicyText", "registry policy"),
    POLICY: ("PolicyDocument", "policies"),
    ROLE: ("AssumeRolePolicyDocument", "trust policy"),
}
TRUST_WHAT: Final = _DOCUMENTS[ROLE][1]
ROLE_WHAT: Final = _DOCUMENTS[POLICY][1]
PUBLIC_WHAT: Final = _DOCUMENTS[PUBLIC_REPOSITORY][1]
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
_FIRST_VERSION: Final = "2008-10-17"
Statement = Mapping[str, Any]
#: A policy in the templates: where it is, what it is, and whose.
_Key = tuple[Location, str, str]


@dataclass
class _Policy:
    """The statements of a policy, or of all policies of a role, and the parts of the templates that they stand in."""

    version: str
    statements: list[Statement] = field(default_factory=list)
    parts: set[Part] = field(default_factory=set)

    def text(self, without: Sequence[str] = ()) -> str:
        """The document; empty where nothing is left of it."""
        statements, ids = [], set()
        for each in self.statements:
            if (left := _left(each, without)) is None:
                continue
            if (sid := left.get("Sid")) in ids:  # of another policy of the role; in one they are unique
                left = {key: value for key, value in left.items() if key != "Sid"}
            ids.add(sid)
            statements.append(left)
        document = {"Version": self.version, "Statement": statements}
        return json.dumps(document, sort_keys=True) if statements else ""

    def document(self) -> Mapping[str, Any]:
        """The whole of it."""
        found: Mapping[str, Any] = json.loads(self.text())
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One comparison, and the policies that it is about: a default that reaches 80 repositories is asked once.

    `old` is empty for a policy that is new. `new` is compared with it for more: without what it says of repositories
    that the old side has not. `whole` is compared for less.
    """

    identity: bool
    old: str
    new: str
    whole: str
    about: Mapping[str, frozenset[Part]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What AWS says. Of a policy that is new, `more` is that it allows some of NOBODY; `where` names statements."""

    more: bool
    less: bool = False
    where: tuple[str, ...] = ()


def questions(sides: Sides, old: Templates, new: Templates) -> tuple[Question, ...]:
    """One for every two documents that differ. A policy that goes allows nothing, and nothing is asked about it.

    A role that is new is not asked about: who may take it has nothing to be compared with.
    """
    before, after = policies_in(old), policies_in(new)
    added = _arns(sides.new) - (known := _arns(sides.old))
    asked: dict[tuple[bool, str, str, str], dict[str, frozenset[Part]]] = {}
    for (at, what, name), policy in after.items():
        was = before.get((at, what, name))
        whole, text = policy.text(), was.text() if was else ""
        if whole == text or not whole or (was is None and what == TRUST_WHAT):
            continue
        fresh = [it for it in dict.fromkeys(_resources(policy.statements)) if _is_fresh(it, added, known)]
        key = (what == ROLE_WHAT, text, policy.text(fresh), whole)
        label = f"{name} ({what} in {at.beside(sides.new.registry.home)})"
        asked.setdefault(key, {})[label] = frozenset(policy.parts | (was.parts if was else set()))
    return tuple(
        Question(identity=identity, old=text, new=fewer, whole=whole, about=about)
        for (identity, text, fewer, whole), about in asked.items()
    )


def answered(asked: Sequence[Question], verdicts: Sequence[Verdict], changes: Sequence[Change]) -> Iterator[Change]:
    """What AWS says of each policy; where it finds more and no change of the plan does, that is a change that opens."""
    told = {
        part[:2]
        for each in changes
        if each.kind in _TOLD or (each.risk is Risk.OPENS and each.kind.subject in _HEADINGS)
        for part in each.explains
        if part[1]
    }
    for question, verdict in zip(asked, verdicts, strict=True):
        as_told = {label for label, parts in question.about.items() if {part[:2] for part in parts} & told}
        for labels in (as_told, question.about.keys() - as_told):
            if labels:
                yield _change(question, verdict, tuple(sorted(labels)), told=labels is as_told)


def _change(question: Question, verdict: Verdict, labels: tuple[str, ...], *, told: bool) -> Change:
    where = ", ".join(verdict.where)
    if not question.old:
        if verdict.more:
            message = "AWS: new, and lets somebody administer repositories or policies"
            return Change(kind=ADMINISTERS, subjects=labels, message=message, after=where)
        return Change(kind=AGREES, subjects=labels, message="AWS: new, and lets nobody administer anything")
    if verdict.more and not told:
        message = f"AWS: {'more and less' if verdict.less else 'more'} access than before, and no change here says so"
        return Change(kind=MORE, subjects=labels, message=message, after=where)
    words = {(True, True): "more and less access", (True, False): "more access", (False, True): "less access"}
    said = words.get((verdict.more, verdict.less), "the same access")
    told_too = ", as other changes here say" if verdict.more else ""
    return Change(kind=AGREES, subjects=labels, message=f"AWS: {said}{told_too}", after=where)


def policies_in(templates: Templates) -> dict[_Key, _Policy]:
    """Every policy in templates of what ECR and IAM have, those of a role together."""
    found: dict[_Key, _Policy] = {}
    for stack, template in templates.items():
        resources = resources_in(template)
        for logical_id, resource in resources.items():
            if resource["Type"] not in _DOCUMENTS:
                continue
            key, what = _DOCUMENTS[resource["Type"]]
            said = resource.get("Properties", {}).get(key)
            document = json.loads(said) if isinstance(said, str) else said
            if not document:
                continue
            place = (stack[0], what, _name(resource, logical_id, resources))
            policy = found.setdefault(place, _Policy(document.get("Version", _FIRST_VERSION)))
            policy.statements += document["Statement"]
            policy.parts.add((stack, logical_id, key))
    return found


def _name(resource: Resource, logical_id: str, resources: Mapping[str, Resource]) -> str:
    """Whose policy it is: a repository's, or the role's that it is attached to."""
    properties = resource.get("Properties", {})
    if "Prefix" in properties:
        return names_below(properties["Prefix"])
    if roles := properties.get("Roles"):
        ids = [it["Ref"] if isinstance(it, dict) else it for it in roles]
        return ", ".join(_name(resources[it], it, resources) if it in resources else it for it in ids)
    keys = ("RepositoryName", "RoleName", "ManagedPolicyName")
    named = next((properties[key] for key in keys if key in properties), logical_id)
    return "the registry" if "PolicyText" in properties else str(named)


def _resources(statements: Sequence[Statement]) -> Iterator[str]:
    """Every repository, or pattern of their names, that statements speak of."""
    for each in statements:
        yield from (it for it in many(each.get("Resource")) if ":repository/" in it)


def _arns(side: Side) -> frozenset[str]:
    registry = side.registry
    return frozenset(
        naming.repository_arn(at, it.name) for at in registry.locations for it in registry.repositories_in(at)
    )


def _is_fresh(resource: str, added: frozenset[str], known: frozenset[str]) -> bool:
    """Whether of all declared repositories it means only those that the other side has not, at that place.

    The plan compares these with the others of their namespace, so what is said of them is no gain by itself.
    """
    if "*" not in resource:
        return resource in added
    return any(covers(resource, it) for it in added) and not any(covers(resource, it) for it in known)


def _left(statement: Statement, without: Sequence[str]) -> Statement | None:
    """A statement that speaks of some resources no longer; nothing where it allows on none of the others."""
    resources = [it for it in many(statement.get("Resource")) if it not in without]
    if len(resources) == len(many(statement.get("Resource"))):
        return statement
    return {**statement, "Resource": resources} if resources else None
