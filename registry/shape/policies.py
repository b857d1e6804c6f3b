"""IAM policy documents as AWS writes them, with its capitalised keys, so that one can be pasted as it is."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Discriminator, StrictStr, Tag

from registry.limits import IAM_GUIDE
from registry.shape.base import NotNull, Shape, optional, required, text_or_map, unwritten
from registry.shape.forms import Form, Limit, Refusal, count, exactly_one


def text_or_list(value: Any) -> str:
    """Which of the forms `(text)` and `(list)` is written."""
    return "(list)" if isinstance(value, list | tuple) else "(text)"


#: Kept as written: AWS answers with the text it was given, and one word is not a list of one.
Words = Annotated[
    Annotated[StrictStr, Tag("(text)")] | Annotated[tuple[StrictStr, ...], Tag("(list)")], Discriminator(text_or_list)
]
Principals = Annotated[
    Annotated[StrictStr, Tag("(text)")] | Annotated[dict[StrictStr, Words], Tag("(map)")], Discriminator(text_or_map)
]


POLICY_EXAMPLE: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        }
    ],
}


#: Its rule says more: how statements stand to each other.
_POLICY: Final = Limit("repository-policy", f"{IAM_GUIDE}/reference_policies_grammar.html")


def _either(key: str) -> Form:
    """A statement has one of a key and its opposite."""
    other = f"Not{key}"
    return exactly_one(
        _POLICY,
        (key, other),
        f"a statement has either {key} or {other}",
        f"{key}, or {other}",
        (f"write {key}", f"remove {other}"),
        none=f"neither {key} nor {other}",
    )


def _named(key: str) -> Form:
    """One action or more."""
    way_out = "name actions, or remove the statement"
    refusal = Refusal(f"this {key} is an empty list", "an empty list", "one action or more", way_out)
    return Form(_POLICY, lambda value: refusal if value == () else None, {"minItems": 1}, key=True)


class StatementShape(Shape):
    """One statement. There is no Resource: it is the repository that has the policy."""

    forms: ClassVar[tuple[Form, ...]] = (_either("Principal"), _either("Action"))

    Sid: Annotated[StrictStr | None, NotNull] = optional("A name for it.", examples=["LambdaPulls"])
    Effect: Literal["Allow", "Deny"] = required("Allow or Deny.")
    Principal: Annotated[Principals | None, NotNull] = optional(
        "Who: `*`, or a map from AWS, Service or Federated to one or several. This or NotPrincipal.",
        examples=[{"Service": "lambda.amazonaws.com"}],
    )
    NotPrincipal: Annotated[Principals | None, NotNull] = optional("Everyone but these; with Deny only.")
    Action: Annotated[Words | None, _named("Action"), NotNull] = optional(
        "ECR's actions on a repository; `*` is a wildcard. This or NotAction.",
        examples=[["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]],
    )
    NotAction: Annotated[Words | None, _named("NotAction"), NotNull] = optional("Every action but these.")
    Condition: Annotated[dict[StrictStr, dict[StrictStr, Words]] | None, NotNull] = optional(
        "Conditions: a map from operator to a map from condition key to one or several values.",
        examples=[{"StringLike": {"aws:SourceArn": "arn:aws:lambda:ap-northeast-2:123456789012:function:*"}}],
    )


class RepositoryPolicyShape(Shape):
    """A repository's policy: who may do what with its images, besides what IAM allows them.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
    """

    Version: Annotated[StrictStr | None, NotNull] = unwritten(
        "Version of the policy language, in quotes.", "2008-10-17", examples=["2012-10-17"]
    )
    Id: Annotated[StrictStr | None, NotNull] = optional("A name for it.")
    Statement: Annotated[
        tuple[StatementShape, ...],
        count(
            _POLICY,
            (1, None),
            "statements",
            too_few=("this policy has no statement", "write a statement, or remove repository_policy"),
            allowed="one statement or more",
        ),
    ] = required("What it allows and denies.")
