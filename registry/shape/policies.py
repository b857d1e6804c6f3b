"""IAM policy documents as AWS writes them, with its capitalised keys, so that one can be pasted as it is."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Discriminator, StrictStr, Tag

from registry.limits import ECR_GUIDE, IAM_GUIDE
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


def registry_policy_example(region: str) -> dict[str, Any]:
    """A registry policy by which an organization pulls everything of a region."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "OrganizationPulls",
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": f"arn:aws:ecr:{region}:123456789012:repository/*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
            }
        ],
    }


#: Its rule says more: how statements stand to each other.
_POLICY: Final = Limit("repository-policy", f"{IAM_GUIDE}/reference_policies_grammar.html")
_OF_REGISTRY: Final = Limit(
    "registry-policy-statement",
    f"{ECR_GUIDE}/registry-permissions-examples.html",
    "Write which repositories a statement of a registry policy is about",
    "The policy of a registry is about all its repositories at once, so ECR cannot know which ones are meant.",
    subject="Registry policies",
)


def _either(key: str, limit: Limit = _POLICY) -> Form:
    """A statement has one of a key and its opposite."""
    other = f"Not{key}"
    return exactly_one(
        limit,
        (key, other),
        f"a statement has either {key} or {other}",
        f"{key}, or {other}",
        (f"write {key}", f"remove {other}"),
        none=f"neither {key} nor {other}",
    )


def _named(key: str, one: str = "action", several: str = "actions", limit: Limit = _POLICY) -> Form:
    """One action or more, or one of something else."""
    way_out = f"name {several}, or remove the statement"
    refusal = Refusal(f"this {key} is an empty list", "an empty list", f"one {one} or more", way_out)
    return Form(limit, lambda value: refusal if value == () else None, {"minItems": 1}, key=True)


def _some(key: str, limit: Limit = _POLICY) -> Form:
    """One statement or more."""
    return count(
        limit,
        (1, None),
        "statements",
        too_few=("this policy has no statement", f"write a statement, or remove {key}"),
        allowed="one statement or more",
    )


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
    Statement: Annotated[tuple[StatementShape, ...], _some("repository_policy")] = required(
        "What it allows and denies."
    )


_REPOSITORY: Final = ("repository", "repositories", _OF_REGISTRY)


class RegistryStatementShape(StatementShape):
    """One statement of a registry policy: of which repositories it speaks stands in its Resource."""

    forms: ClassVar[tuple[Form, ...]] = (*StatementShape.forms, _either("Resource", _OF_REGISTRY))

    Action: Annotated[Words | None, _named("Action"), NotNull] = optional(
        "ECR's actions, on repositories and on the registry; `*` is a wildcard. This or NotAction.",
        examples=[["ecr:CreateRepository", "ecr:ReplicateImage"]],
    )
    Resource: Annotated[Words | None, _named("Resource", *_REPOSITORY), NotNull] = optional(
        "ARNs of repositories of this registry, `*` is a wildcard; or `*` alone. This or NotResource.",
        examples=["arn:aws:ecr:ap-northeast-2:123456789012:repository/*"],
    )
    NotResource: Annotated[Words | None, _named("NotResource", *_REPOSITORY), NotNull] = optional(
        "Every repository but these."
    )


class RegistryPolicyShape(Shape):
    """A policy of a whole registry: who may do what in it, besides what IAM and repository policies say.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """

    Version: Annotated[StrictStr | None, NotNull] = unwritten(
        "Version of the policy language, in quotes.", "2008-10-17", examples=["2012-10-17"]
    )
    Id: Annotated[StrictStr | None, NotNull] = optional("A name for it.")
    Statement: Annotated[tuple[RegistryStatementShape, ...], _some("registry_policy", _OF_REGISTRY)] = required(
        "What it allows and denies."
    )
