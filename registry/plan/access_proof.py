"""What IAM Access Analyzer is asked about every policy that a file makes, and what its answers come to.

Pure: ops/plan/prove_all.py asks. proof.py is about what a change makes anew; this is about all of it, so that what
`ecrctl access` shows is proven by AWS and not by our own reading.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-checks-validating-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from registry.access.openings import Audience, Opening, openings
from registry.access.policy_language import many
from registry.locations import Location
from registry.plan.proof import NOBODY, PUBLIC_WHAT, ROLE_WHAT, TRUST_WHAT, policies_in
from registry.plan.unexplained import Templates

Document = Mapping[str, Any]


class Check(StrEnum):
    """What is asked. Custom checks are billed by AWS, each; VALID is not."""

    VALID = "valid"  #: ValidatePolicy: grammar, and what AWS advises against
    ADMINISTERS = "administers"  #: CheckAccessNotGranted: nobody may write policies, or delete repositories
    SHOWN = "as shown"  #: CheckNoNewAccess: nobody may more than `ecrctl access` shows
    PUBLIC = "not public"  #: CheckNoPublicAccess: of trust policies; AWS has the check for no type of ECR


#: https://aws.amazon.com/iam/access-analyzer/pricing/
BILLED: Final = frozenset({Check.ADMINISTERS, Check.SHOWN, Check.PUBLIC})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One check of one document, and the policies that are it: 80 repositories with one policy are asked once.

    `reference` is what the document must not allow more than, of SHOWN. `administers` are the actions of ADMINISTERS.
    """

    check: Check
    identity: bool
    trust: bool
    document: str
    about: tuple[str, ...]
    reference: str = ""
    administers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What AWS says: whether it is as it should be, and where not in the document, in AWS's words."""

    question: Question
    fine: bool
    said: tuple[str, ...] = ()


def questions_about(home: Location, templates: Templates) -> tuple[Question, ...]:
    """Every check of every policy in the templates of a file, each document once."""
    asked: dict[Question, list[str]] = {}
    for (at, what, name), policy in policies_in(templates).items():
        document = _with_resource(policy.document())
        for each in _checks(what, name, document):
            asked.setdefault(each, []).append(f"{name} ({what} in {at.beside(home)})")
    return tuple(
        Question(
            check=each.check,
            identity=each.identity,
            trust=each.trust,
            document=each.document,
            about=tuple(sorted(about)),
            reference=each.reference,
            administers=each.administers,
        )
        for each, about in asked.items()
    )


def _checks(what: str, name: str, document: Document) -> Iterator[Question]:
    trust, text = what == TRUST_WHAT, json.dumps(document, sort_keys=True)

    def question(check: Check, **more: Any) -> Question:
        return Question(check=check, identity=what == ROLE_WHAT, trust=trust, document=text, about=(), **more)

    yield question(Check.VALID)
    if trust:
        yield question(Check.PUBLIC)
        return
    # A pipeline that deploys to ECS passes on the roles that the file names.
    deploys = "@pipeline" in name
    yield question(Check.ADMINISTERS, administers=tuple(it for it in NOBODY if not (deploys and it == "iam:PassRole")))
    if what not in (ROLE_WHAT, PUBLIC_WHAT) and (reference := reference_of(document)):
        yield question(Check.SHOWN, reference=json.dumps(reference, sort_keys=True))


def _with_resource(document: Document) -> Document:
    """A policy of a repository speaks of that one alone and names none; AWS's checks want to read which.

    Trust policies have none either, and AWS is told that they are such.
    """
    return {
        **document,
        "Statement": [
            each if "Resource" in each or "NotResource" in each or _takes_a_role(each) else {**each, "Resource": "*"}
            for each in document["Statement"]
        ],
    }


def _takes_a_role(statement: Document) -> bool:
    return all(action.startswith("sts:") for action in many(statement.get("Action")))


def reference_of(document: Document) -> Document | None:
    """What `ecrctl access` shows of a policy, as a policy: for each audience its actions, and no condition but who.

    None where it opens nothing to anybody, or to somebody whom IAM knows otherwise (a provider, a unique id).
    """
    found = openings(document)
    if not found or any(it.audience.other for it in found):
        return None
    statements = [each for it in found for each in _opened(it, document["Statement"][it.statement])]
    return {"Version": "2012-10-17", "Statement": statements}


def _opened(opening: Opening, statement: Document) -> Iterator[Document]:
    about = {key: statement[key] for key in ("Resource", "NotResource") if key in statement}
    for principal, condition in _forms(opening.audience):
        yield {
            "Effect": "Allow",
            "Principal": principal,
            "Action": sorted(opening.actions),
            **about,
            **({"Condition": condition} if condition else {}),
        }


def _forms(who: Audience) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The ways in which a policy may name an audience: all mean the same, and AWS's solver need not know that."""
    if who.service is not None:
        yield {"Service": who.service}, _source(who)
        return
    within: dict[str, Any] = {}
    if who.path is not None:
        within["ForAnyValue:StringLike"] = {"aws:PrincipalOrgPaths": who.path}
    elif who.organization is not None:
        within["StringEquals"] = {"aws:PrincipalOrgID": who.organization}
    root = {"AWS": f"arn:aws:iam::{who.account}:root"}
    if who.arn is not None:
        named = {**within, "ArnLike": {"aws:PrincipalArn": who.arn}}
        yield "*", named
        if who.account:
            yield root, named
        if "*" not in who.arn:
            yield {"AWS": who.arn}, within
    elif who.account is not None:
        equals = {**within.get("StringEquals", {}), "aws:PrincipalAccount": who.account}
        yield root, within
        yield "*", {**within, "StringEquals": equals}
    else:
        yield "*", within


def _source(who: Audience) -> dict[str, Any]:
    if who.source is None:
        return {}
    if who.source.startswith("arn:"):
        return {"StringLike": {"aws:SourceArn": who.source}}
    key = "aws:SourceOrgID" if who.source.startswith("o-") else "aws:SourceAccount"
    return {"StringEquals": {key: who.source}}


def summary(answers: Sequence[Answer]) -> Mapping[str, int]:
    """How many answers of each check are as they should be, and how many are not: `as shown: no`."""
    found: dict[str, int] = {}
    for each in answers:
        word = f"{each.question.check}: {'yes' if each.fine else 'no'}"
        found[word] = found.get(word, 0) + 1
    return found
