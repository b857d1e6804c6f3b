"""HCP Terraform: the variables of the workspace by which its runs take the role, and what reads an image there.

Terraform's JSON is made of data; what is `${` or `%{` in a text is doubled there, as Terraform would read it.
https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import re
from typing import Any, Final

from ops.snippet.subject import Subject
from ops.snippet.yaml_text import as_json
from registry.limits import TERRAFORM_HOST
from registry.model import Federated
from registry.shape.issuers import TERRAFORM_AUDIENCE

#: By the phases that the role trusts. https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/aws-configuration
_ROLES: Final = {
    ("apply",): "TFC_AWS_APPLY_ROLE_ARN",
    ("plan",): "TFC_AWS_PLAN_ROLE_ARN",
    ("apply", "plan"): "TFC_AWS_RUN_ROLE_ARN",
}


def files(subject: Subject, image: str, command: str) -> dict[str, str]:
    """Two configurations: of whoever manages the workspace, and of the workspace itself.

    :param image: a tag or a digest, which the configuration reads.
    """
    principal, registry = subject.principal, subject.registry
    assert isinstance(principal, Federated)
    said, phases = _workspace(principal)
    variables = {"TFC_AWS_PROVIDER_AUTH": "true", _ROLES[phases]: _literal(principal.arn)}
    if principal.audience != TERRAFORM_AUDIENCE:
        variables["TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE"] = _literal(principal.audience)
    host = {} if principal.issuer == TERRAFORM_HOST else {"hostname": principal.issuer}
    workspace: dict[str, Any] = {
        "//": f"Variables of the workspace {said['workspace']}. Written by `{command}`.",
        "terraform": {"required_providers": {"tfe": {"source": "hashicorp/tfe", "version": "~> 0.60"}}},
        "provider": {"tfe": {**host, "organization": said["organization"]}},
        "data": {"tfe_workspace": {"this": {"name": said["workspace"], "organization": said["organization"]}}},
        "resource": {
            "tfe_variable": {
                key: {"workspace_id": "${data.tfe_workspace.this.id}", "category": "env", "key": key, "value": value}
                for key, value in variables.items()
            }
        },
    }
    name = re.sub(r"[^a-z0-9]+", "_", f"ecr_{subject.repository.name}")
    which = {"image_digest" if image.startswith("sha256:") else "image_tag": image}
    reads: dict[str, Any] = {
        "//": f"The image of {subject.repository.name}. Written by `{command}`.",
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 6.0"}}},
        "provider": {"aws": {"region": registry.region, "allowed_account_ids": [registry.account]}},
        "data": {
            "aws_ecr_image": {
                name: {"registry_id": registry.account, "repository_name": subject.repository.name, **which}
            }
        },
        "output": {name: {"value": f"{subject.uri}@${{data.aws_ecr_image.{name}.image_digest}}"}},
    }
    return {"workspace/ecr.tf.json": as_json(workspace), "ecr.tf.json": as_json(reads)}


def notes(subject: Subject) -> list[str]:
    """What these files do not do."""
    principal = subject.principal
    assert isinstance(principal, Federated)
    found = []
    if "plan" not in _workspace(principal)[1]:
        found.append(
            f"{principal.name} is trusted in the phase apply alone, and a plan reads the image already\n"
            f"    way out: run_phases: [plan, apply] of {principal.name}, or leave ecr.tf.json out"
        )
    if subject.may("push"):
        found.append(
            "HCP Terraform's own machines have no docker: images come from a CI "
            "(https://github.com/hashicorp/terraform-provider-docker/issues/227)"
        )
    return found


def _workspace(principal: Federated) -> tuple[dict[str, str], tuple[str, ...]]:
    """The words of the workspace that a principal is named for, and the phases in which it is trusted there."""
    before = principal.subject.rpartition(":")[0]
    words = before.split(":")
    phases = {it.rpartition(":")[2] for it in principal.subjects if it.rpartition(":")[0] == before}
    return dict(zip(words[::2], words[1::2], strict=False)), tuple(sorted(phases))


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")
