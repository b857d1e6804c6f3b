"""Shells of the roles that a registry file names: what a person types in them, AWS asks that role for."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection
from pathlib import Path

from registry import naming
from registry.model import ExistingRole, Federated, Registry
from sandbox.clients import client
from sandbox.environment import aws_environment, write_shell_file
from sandbox.place import ROOT, Place


def write_shells(place: Place, registry: Registry, *, auditors: Collection[str] = ()) -> dict[str, Path]:
    """A file for `. FILE` for every role that the registry grants something, by the name of the principal.

    Jobs of CI come in with a token of their issuer, as they do outside.

    :param auditors: principals, existing roles, that get the audit policy of the Access stack.
    """
    folder = place.folder / registry.name
    folder.mkdir(exist_ok=True)
    shells: dict[str, Path] = {}
    for principal in dict.fromkeys(grant.principal for grant in registry.grants):
        if isinstance(principal, Federated):
            token = folder / f"{principal.name}.token"
            token.write_text(job_token(principal.issuer, principal.subject, principal.audience))
            who = {"AWS_ROLE_ARN": principal.arn, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}
        elif isinstance(principal, ExistingRole) and principal.account == registry.account:
            if principal.name in auditors:
                _attach_audit_policy(place, registry, principal)
            who = _assumed(place, registry, principal.arn)
        else:
            continue
        shells[principal.name] = _written(place, registry, folder / principal.name, who)
    return shells


def job_token(issuer: str, subject: str, audience: str) -> str:
    """A token as CI systems give their jobs; the emulator looks at its claims, not at its signature."""
    claims = {"iss": f"https://{issuer}", "aud": audience, "sub": subject, "exp": 4102444800, "iat": 0}
    parts = ({"alg": "RS256", "typ": "JWT", "kid": "k"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*encoded, "c2lnbmF0dXJl"))


def _written(place: Place, registry: Registry, file: Path, who: dict[str, str]) -> Path:
    account = aws_environment(place, registry.account, registry.region)
    others = {name: value for name, value in account.items() if "_ACCESS_KEY" not in name}
    # PYTHONPATH: `python -m sandbox` is typed in the folder of an image, too.
    wanted = {**others, **who, "AWS_ROLE_SESSION_NAME": file.name, "PYTHONPATH": str(ROOT)}
    write_shell_file(file, wanted, f"As {file.name}")
    return file


def _assumed(place: Place, registry: Registry, role: str) -> dict[str, str]:
    sts = client(place, registry.account, registry.region, "sts")
    found = sts.assume_role(RoleArn=role, RoleSessionName="sandbox")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": found["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": found["SecretAccessKey"],
        "AWS_SESSION_TOKEN": found["SessionToken"],
    }


def _attach_audit_policy(place: Place, registry: Registry, role: ExistingRole) -> None:
    name = naming.audit_policy_name(registry.name)
    policy = naming.policy_arn(registry.account, registry.region, registry.roles.path, name)
    client(place, registry.account, "us-east-1", "iam").attach_role_policy(RoleName=role.role_name, PolicyArn=policy)
