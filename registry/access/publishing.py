"""Who may push to public repositories: the policies of roles, and the policy that lets in those of other accounts.

Everybody may pull, and no policy takes that away.
https://docs.aws.amazon.com/AmazonECR/latest/public/public-repository-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from registry import naming
from registry.access.purposes import PUBLISH
from registry.model import ExistingRole, MadeRole, Principal, Registry

Publisher = ExistingRole | MadeRole
#: Where everybody pulls from.
PUBLIC_HOST: Final = "public.ecr.aws"
VERSION: Final = "2012-10-17"


def publishers(registry: Registry) -> tuple[Publisher, ...]:
    """The principals that may push to some public repository, by name; single roles, as a rule says."""
    found = {
        who.name: who for it in registry.public_repositories for who, _ in it.pushers if isinstance(who, Publisher)
    }
    return tuple(found[name] for name in sorted(found))


def publish_statements(registry: Registry, *principals: Principal) -> Iterator[dict[str, Any]]:
    """What the role of these principals may do in ECR Public; nothing where they may push nothing there."""
    names = [it.name for it in registry.public_repositories if any(who in principals for who, _ in it.pushers)]
    if not names:
        return
    yield {"Sid": "PublicLogin", "Effect": "Allow", "Action": list(PUBLISH.on_registry), "Resource": "*"}
    yield {
        "Sid": "Publish",
        "Effect": "Allow",
        "Action": list(PUBLISH.on_repositories),
        "Resource": [public_repository_arn(registry.account, registry.region, name) for name in names],
    }


def public_policy(principals: Sequence[Principal], account: str, region: str) -> str | None:
    """The policy of a public repository (JSON) that lets in roles of other accounts; None where there is none.

    The account is named, and the role in a condition, as in policies of private repositories: a role that is made anew
    would be another principal.
    """
    roles = [it for it in principals if isinstance(it, Publisher) and it.account != account]
    statements: list[dict[str, Any]] = []
    for organization in sorted({getattr(it, "of_organization", None) or "" for it in roles}):
        members = [it for it in roles if (getattr(it, "of_organization", None) or "") == organization]
        partition, accounts = naming.partition(region), sorted({it.account for it in members})
        condition: dict[str, Any] = {"ArnEquals": {"aws:PrincipalArn": sorted(it.arn for it in members)}}
        if organization:
            condition["StringEquals"] = {"aws:PrincipalOrgID": organization}
        statements.append(
            {
                "Sid": f"Publish{len(statements) + 1}",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:{partition}:iam::{each}:root" for each in accounts]},
                "Action": list(PUBLISH.on_repositories),
                "Condition": condition,
            }
        )
    if not statements:
        return None
    return json.dumps({"Version": VERSION, "Statement": statements}, separators=(",", ":"))


def public_repository_arn(account: str, region: str, repository: str) -> str:
    """ARN of a public repository, which has no region; `region` says the partition.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
    """
    return f"arn:{naming.partition(region)}:ecr-public::{account}:repository/{repository}"
