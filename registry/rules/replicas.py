"""Rules about replicas: what they receive besides images, such as templates and deletions."""

from __future__ import annotations

from collections.abc import Iterator

from registry.access.policies import size
from registry.access.registry_policy import registry_policy
from registry.findings import Severity, YamlPath, listed
from registry.limits import ECR_API, ECR_GUIDE, REGISTRY_POLICY_LENGTH, ROOT_PREFIX
from registry.model import Replica
from registry.naming import ROOT_NAMESPACE
from registry.rules.rule import Problem, RuleContext, rule

TEMPLATES_PAGE = f"{ECR_GUIDE}/repository-creation-templates.html"


def replica_place(declared: RuleContext, replica: Replica) -> YamlPath:
    """Where a replica is declared."""
    return ("replicas", replica.location.beside(declared.registry.home))


@rule(
    "replica-delete-replication",
    "Let replicas outlive deletions at home, or accept it with a reason",
    f"{ECR_API}/API_ReplicationRule.html",
    Severity.WARNING,
)
def replica_delete_replication(declared: RuleContext) -> Iterator[Problem]:
    """A wrong deletion or lifecycle at home removes the image from the replica too, and no copy is left."""
    for replica in declared.registry.replicas:
        if replica.delete_replication:
            yield Problem(
                at=(*replica_place(declared, replica), "delete_replication"),
                message="ECR deletes here every image that is deleted at home, even if a lifecycle expires it there",
                given="delete_replication: true",
                allowed="replicas that keep images after a mistake at home; their own lifecycle cleans up",
                way_out="remove it, or accept this warning with a reason",
            )


@rule(
    "replica-all-repositories",
    "Copy what is declared, not everything, or accept it with a reason",
    f"{ECR_GUIDE}/replication.html",
    Severity.WARNING,
)
def replica_all_repositories(declared: RuleContext) -> Iterator[Problem]:
    """Whatever anybody creates at home leaves the region, and perhaps the account: nobody decides it, and each copy is
    paid for. In another account the home may write to every repository.
    """
    registry = declared.registry
    for replica in registry.replicas:
        if not replica.all_repositories:
            continue
        other = replica.location.account != registry.account
        made = any(it.prefix == ROOT_PREFIX for it in registry.templates_in(replica.location))
        yield Problem(
            at=(*replica_place(declared, replica), "all_repositories"),
            message="ECR copies here every repository of the home, also those that no file declares, such as the CDK's "
            "own; it creates them "
            + ("by the template ROOT" if made else "mutable, without a lifecycle, where no template has their prefix")
            + (f", and the account {registry.account} may create and write every repository here" if other else ""),
            given="all_repositories: true",
            allowed="replicas of what is declared, or of some namespaces",
            way_out="remove the key, or accept this warning with a reason"
            + ("" if made else " and apply creation_templates.ROOT for REPLICATION"),
        )


@rule(
    "replica-template", "Apply the creation template for REPLICATION too", TEMPLATES_PAGE, Severity.WARNING, waits=True
)
def replica_template(declared: RuleContext) -> Iterator[Problem]:
    """Without a template ECR creates replicated repositories mutable and without a lifecycle."""
    replicated = {namespace for replica in declared.registry.replicas for namespace in replica.namespaces}
    for template in declared.registry.creation_templates:
        if template.prefix in replicated and "REPLICATION" not in template.applied_for:
            yield Problem(
                at=("creation_templates", template.prefix, "applied_for"),
                message=f"undeclared repositories under {template.prefix}/ are created at replicas without a template: "
                "mutable, and without a lifecycle",
                given=listed(template.applied_for),
                allowed="REPLICATION too; or no template of this prefix: then one like the namespace is made",
                way_out="add REPLICATION",
            )


@rule(
    "replica-template-key",
    "Give what replication creates a key by its ARN",
    f"{ECR_API}/API_EncryptionConfigurationForRepositoryCreationTemplate.html",
    Severity.WARNING,
)
def replica_template_key(declared: RuleContext) -> Iterator[Problem]:
    """A template takes no alias, so undeclared repositories are encrypted with AWS's own key, and that cannot be
    changed later.
    """
    for replica in declared.registry.replicas:
        for template in replica.templates:
            key = template.encryption.key_in(replica.location)
            if key and declared.registry.template_key_in(template, replica.location) is None:
                yield Problem(
                    at=replica_place(declared, replica),
                    message=f"undeclared repositories under {template.prefix}/ are encrypted with AWS's own key: "
                    "a template takes the ARN of a key, not an alias",
                    given=key,
                    allowed="the ARN or id of a key, or an alias under kms_keys",
                    way_out=f"write kms_keys: {{{key}: }} to have it made, or the key's ARN"
                    if key.startswith("alias/")
                    else "write the key's ARN",
                    key=True,
                )


@rule(
    "creation-template-shadowed",
    "Apply the longer prefix for everything that the shorter one is applied for",
    TEMPLATES_PAGE,
    Severity.WARNING,
)
def creation_template_shadowed(declared: RuleContext) -> Iterator[Problem]:
    """AWS does not say whether ECR falls back to the shorter prefix. If not, it creates repositories with its
    defaults.
    """
    templates = {template.prefix: template for template in declared.registry.creation_templates}
    for prefix, template in templates.items():
        outer = max((p for p in templates if p != prefix and prefix.startswith(f"{p}/")), key=len, default=None)
        wider = templates[outer].applied_for if outer is not None else ()
        if hidden := [word for word in wider if word not in template.applied_for]:
            yield Problem(
                at=("creation_templates", prefix),
                message=f"the longest prefix decides, and AWS does not say whether {outer} applies below {prefix} "
                f"for {listed(hidden)}",
                given=f"{prefix}: {listed(template.applied_for)}; {outer}: {listed(wider)}",
                allowed="a longer prefix that is applied for all that the shorter one is",
                way_out=f"add {listed(hidden)} to {prefix}, or accept this warning with a reason",
                key=True,
            )


@rule(
    "registry-policy-length",
    "Keep a registry policy within 10,240 characters",
    f"{ECR_API}/API_PutRegistryPolicy.html",
)
def registry_policy_length(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a longer policy, and the deploy of the Registry stack is rolled back."""
    registry = declared.registry
    for at in registry.locations:
        document = registry_policy(registry, at)
        if document and (length := size(document)) > REGISTRY_POLICY_LENGTH:
            written = registry.registry_policies.get(at)
            home = at.account == registry.account  # there caches alone add to what is written
            namespaces = {r.namespace for r in registry.repositories_in(at)} - {ROOT_NAMESPACE}
            place = ("pull_through_cache_rules",) if home else ("replicas", at.beside(registry.home))
            yield Problem(
                at=written.at if written else place,
                message="this policy and what the file adds to it do not fit into the registry policy"
                if written
                else "the principals that pull cached images do not fit into the registry policy"
                if home
                else "the statements for replication do not fit into the registry policy of the other account",
                given=f"{length:,} characters for {len(document['Statement'])} statements"
                if written
                else f"{length:,} characters for {len(document['Statement'])} kinds of principals"
                if home
                else f"{length:,} characters for {len(namespaces)} namespaces",
                allowed=f"at most {REGISTRY_POLICY_LENGTH:,}",
                way_out="join statements, or name an organization in a condition (aws:PrincipalOrgID) instead of many "
                "accounts"
                if written
                else "grant pull to an organization or to accounts instead of many roles"
                if home
                else "give repositories a namespace in common, or replicate fewer of them",
                key=True,
            )
