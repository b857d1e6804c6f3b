"""The ARNs of what commands do something to: the columns of the table in permissions.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ops.aws.needs import On
from registry import naming
from registry.access import audit
from registry.access.cache_role import made_secrets
from registry.access.cloudformation import PATH, execution_policy_name
from registry.access.policies import by_role
from registry.access.profiles import named_in
from registry.access.publishing import public_repository_arn
from registry.access.signers import profiles_in
from registry.access.trust import association_arn
from registry.limits import PUBLIC_REGION
from registry.model import ExistingRole, Registry
from registry.model.accepted_findings import filter_arn
from registry.model.signing_profiles import signing_profile_arn
from registry.model.stacks import PUBLIC_UNIT, access_unit

#: Of every stack that a registry can have. `acme-*` would be the stacks of a registry acme-web as well.
_UNITS: Final = (naming.ACCESS_UNIT, access_unit("*"), naming.REGISTRY_UNIT, naming.MONITORING_UNIT, PUBLIC_UNIT,
                 "Repositories", "Repositories-*",
                 "Network-*", f"{naming.DELIVERY}*")  # fmt: skip


def resources(registry: Registry, account: str) -> Mapping[On, list[str] | str]:
    """The ARNs; region and name are open where a stack or a region may have left the file."""
    name, region, path = registry.name, registry.region, registry.roles.path
    partition, qualifier = naming.partition(region), naming.bootstrap_qualifier(name)
    stacks, iam = f"arn:{partition}:cloudformation:*:{account}:stack", f"arn:{partition}:iam::{account}"
    here = [at for at in registry.locations if at.account == account]
    own, every_public = account == registry.account, public_repository_arn(account, region, "*")
    return {
        On.ANYTHING: "*",
        On.WATCHED: (watched := audit.watched_arns(registry, account)),
        On.WATCHED_LISTS: "*" if watched else [],
        On.PIPELINES: audit.pipeline_arns(registry, account),
        On.REPOSITORIES: [naming.repository_arn(at, "*") for at in here],
        On.PUBLISHED: [every_public] if own and partition == naming.partition(PUBLIC_REGION) else [],
        On.PUBLIC: [every_public] if own and registry.public_repositories else [],
        On.STACKS: [f"{stacks}/{naming.stack_name(name, unit)}/*" for unit in _UNITS],
        On.BOOTSTRAP: [f"{stacks}/{naming.bootstrap_stack(name)}/*"],
        On.ROLES: [naming.role_arn(account, region, path, "*"), *audit.roles_of_ecr(registry, account)],
        On.EXISTING_ROLES: [role.arn for role in by_role(registry, account) if isinstance(role, ExistingRole)],
        On.PEOPLE: [f"{iam}:group/*", f"{iam}:user/*"],
        On.POLICIES: [naming.policy_arn(account, region, path, "*")],
        On.EXECUTION: [f"{iam}:policy{PATH}{execution_policy_name(name, 1)[:-1]}*"],
        On.PROVIDERS: [f"{iam}:oidc-provider/*"],
        On.KEYS: [naming.key_arn(at, "*") for at in here],
        On.FILTERS: [filter_arn(at, "*") for at in here],
        On.PROFILES: [
            signing_profile_arn(at, it) for at in here for it in (*profiles_in(registry, at), *named_in(registry, at))
        ],
        On.CDK: [f"arn:{partition}:iam::{each}:role/cdk-{qualifier}-*" for each in registry.deployed_accounts],
        On.BUCKET: [f"arn:{partition}:s3:::cdk-{qualifier}-assets-{account}-*"],
        On.IMAGES: [f"arn:{partition}:ecr:*:{account}:repository/cdk-{qualifier}-container-assets-{account}-*"],
        On.CLUSTERS: (clusters := audit.clusters_of(registry, account)),
        On.ASSOCIATIONS: [association_arn(it, "*") for it in clusters],
        On.SECRETS: made_secrets(registry, here),
        On.PARAMETER: [f"arn:{partition}:ssm:*:{account}:parameter/cdk-bootstrap/{qualifier}/version"],
    }
