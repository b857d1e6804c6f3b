"""The role in which a deploy workflow on GitHub works: who may assume it, and what it may do, as a template.

An administrator deploys the template once, apart from the registry's stacks: a deploy must not change its own role.
"""

from __future__ import annotations

import re
from typing import Any, Final

from ops.aws.permissions import policy_documents
from registry import naming
from registry.access.trust import trust_policy
from registry.limits import GITHUB_ISSUER
from registry.model import Federated, Registry
from registry.resolve.subjects import STS_AUDIENCE

#: With the ids of owner and repository, where their tokens have the immutable form.
#: https://docs.github.com/en/actions/reference/security/oidc
REPOSITORY: Final = re.compile(r"[A-Za-z0-9-]+(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?")
#: A `*` would make a pattern of the subject.
ENVIRONMENT: Final = re.compile(r"[^\s*?:]+( [^\s*?:]+)*")
_CREATE: Final = "CreateProvider"


def deployer_template(registry: Registry, repository: str, environment: str) -> dict[str, Any]:
    """A CloudFormation template: the role with its policies, and GitHub's provider where the account has none.

    :param repository: ORG/REPO, or ORG@ID/REPO@ID.
    :param environment: the one of the job; GitHub puts it into the token, and lets a job have it only as its protection
        rules allow.
    """
    account, region, name = registry.account, registry.region, naming.deployer_role_name(registry.name)
    who = Federated(
        name=name,
        arn=naming.role_arn(account, region, "/", name),
        issuer=GITHUB_ISSUER,
        audience=STS_AUDIENCE,
        subjects=(f"repo:{repository}:environment:{environment}",),
    )
    policies = {
        f"Policy{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": f"{name}-{number}",
                "Description": f"What a deploy of the registry {registry.name} does; `ecrctl permissions deploy`",
                "PolicyDocument": document,
            },
        }
        for number, document in enumerate(policy_documents("deploy", registry, account), start=1)
    }
    boundary = registry.roles.boundary_in(account)
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "Description": f"Deploys the registry {registry.name} from {repository} on GitHub",
            "AssumeRolePolicyDocument": trust_policy(who, account, region),
            "ManagedPolicyArns": [{"Ref": each} for each in policies],
            **({"PermissionsBoundary": boundary} if boundary is not None else {}),
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The role that deploys the registry {registry.name}; made by ecrctl bootstrap --deployer",
        "Parameters": {
            "GitHubProvider": {
                "Type": "String",
                "AllowedValues": ["exists", "create"],
                "Default": "exists",
                "Description": f"Whether the account has the identity provider {GITHUB_ISSUER}",
            }
        },
        "Conditions": {_CREATE: {"Fn::Equals": [{"Ref": "GitHubProvider"}, "create"]}},
        "Resources": {
            "Provider": {
                "Type": "AWS::IAM::OIDCProvider",
                "Condition": _CREATE,
                # Other roles of the account may trust it by then.
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {"Url": f"https://{GITHUB_ISSUER}", "ClientIdList": [STS_AUDIENCE]},
            },
            **policies,
            "Role": role,
        },
        "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }
