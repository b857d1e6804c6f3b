"""What issuers of OpenID Connect, EKS and AWS services call things, and what people paste instead.

No value takes `*`, `?` or `$`: IAM reads the first two as wildcards, and `${…}` as what a request says of itself.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import StrictStr

from registry.limits import (
    AUDIENCE,
    CLUSTER_ARN,
    EKS_ISSUER,
    HOST,
    ISSUER,
    ISSUER_LENGTH,
    KUBERNETES_NAMESPACE,
    SERVICE,
    SERVICE_ACCOUNT,
    SLUG,
    SOURCE_ARN,
    SUBJECT,
    SUBJECTS,
    TERRAFORM_NAME,
    TERRAFORM_PROJECT,
    UUID,
    VCS_REPOSITORY,
)
from registry.shape.forms import each_once
from registry.shape.identities import VALUE, value_of

_FROM_ADDRESS: Final = "copy it from its address in the browser"
_UUID: Final = re.compile(UUID.pattern)


def _bare_uuid(value: str) -> str:
    found = _UUID.search(value.lower())
    return f"write {found[0]}" if found else "copy the id, not the name"


def _without_scheme(value: str) -> str:
    host, slash, path = value.removeprefix("https://").rstrip("/").partition("/")
    return f"write {host.lower()}{slash}{path}, as `iss` of a token without https://; IAM has no port there"


def _without_host(value: str) -> str:
    return f"write {value.rpartition('://')[2].partition('/')[0].lower()}"


Uuid = Annotated[
    StrictStr, value_of("this id", UUID, "a UUID in lower case, without braces", _bare_uuid, lengths=(36, 36))
]
Issuer = Annotated[
    StrictStr,
    value_of(
        "issuer",
        ISSUER,
        "a host in lower case and perhaps a path, without https:// and without / at the end",
        _without_scheme,
        lengths=(3, ISSUER_LENGTH),
    ),
]
EksIssuer = Annotated[
    StrictStr,
    value_of(
        "issuer",
        EKS_ISSUER,
        "oidc.eks.REGION.amazonaws.com/id/ and 32 capital hexadecimal digits",
        "copy it from `aws eks describe-cluster --query cluster.identity.oidc.issuer`, without https://",
    ),
]
Audience = Annotated[
    StrictStr,
    value_of("audience", AUDIENCE, "`aud` of the tokens, whole and without wildcards", "copy it from a token"),
]
Subject = Annotated[
    StrictStr,
    value_of(
        "subject",
        SUBJECT,
        "`sub` of the tokens, whole and without wildcards",
        "copy it from a token; where a part of it differs from job to job, write subject_pattern",
    ),
]
SubjectPattern = Annotated[
    StrictStr,
    value_of(
        "subject_pattern",
        SUBJECTS,
        "`sub` of the tokens, with `*` only behind `:`, `/` or `|`",
        "write what never differs, up to the `:` or `/` that ends it, and `*` for the rest",
    ),
]
Host = Annotated[
    StrictStr, value_of("host", HOST, "a host's name in lower case, without https:// and path", _without_host)
]
VcsRepository = Annotated[
    StrictStr,
    value_of(
        "repository",
        VCS_REPOSITORY,
        "HOST/OWNER/NAME, such as github.com/acme/web",
        "copy vcs-origin from `sub` of a token",
    ),
]
Slug = Annotated[
    StrictStr,
    value_of("this name", SLUG, "the name as in its address: lower-case letters, digits, - and _", _FROM_ADDRESS),
]
TerraformName = Annotated[StrictStr, value_of("this name", TERRAFORM_NAME, "letters, digits, - and _", _FROM_ADDRESS)]
TerraformProject = Annotated[
    StrictStr,
    value_of(
        "project", TERRAFORM_PROJECT, "the project's name: letters, digits, spaces, - and _", "copy it from its page"
    ),
]
RunPhases = Annotated[
    tuple[Literal["plan", "apply"], ...],
    each_once(VALUE, "run phase", "a role for no phase lets in nobody", "plan and apply, each", "write [apply]"),
]
Namespace = Annotated[
    StrictStr,
    value_of(
        "namespace",
        KUBERNETES_NAMESPACE,
        "a namespace of Kubernetes: lower-case letters, digits and -",
        "copy it from `kubectl get namespaces`",
    ),
]
ServiceAccount = Annotated[
    StrictStr,
    value_of(
        "service_account",
        SERVICE_ACCOUNT,
        "a service account of Kubernetes by name: lower-case letters, digits, - and .",
        "write the name alone; the namespace has a key of its own",
    ),
]
ClusterArn = Annotated[
    StrictStr,
    value_of(
        "cluster",
        CLUSTER_ARN,
        "arn:aws:eks:REGION:ACCOUNT:cluster/NAME, without wildcards",
        "copy it from `aws eks describe-cluster --query cluster.arn`",
    ),
]
ServiceName = Annotated[
    StrictStr,
    value_of(
        "name",
        SERVICE,
        "a service as IAM knows it, such as codebuild.amazonaws.com",
        "copy it from the service's guide",
    ),
]
SourceArn = Annotated[
    StrictStr,
    value_of(
        "source_arn",
        SOURCE_ARN,
        "the ARN of one thing, with its account and without wildcards",
        "write source_account for everything of an account that the service acts for",
    ),
]
