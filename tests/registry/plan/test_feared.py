"""Changes that a reviewer fears. None of them comes out as safe, and each with its rule and its risk."""

from __future__ import annotations

import pytest

from registry.plan.change import Risk
from tests.registry.plan.base import ACTIONS, BASE, edited
from tests.registry.plan.planned import planned

Edits = tuple[tuple[str, str], ...]
OWN_ACCOUNT = ("456789012345", "123456789012")
ALL_OF_A_PULL = (ACTIONS, f'{ACTIONS[:-1]}, "ecr:BatchCheckLayerAvailability"]')
ACCEPTED = "acceptances: [{rule: signing-lifecycle, reason: because, until: 2027-01-31}]"
REGISTRY_POLICY = (
    'registry_policy: {Statement: [{Effect: Allow, Principal: "*", Action: "ecr:BatchGetImage", '
    'Resource: "arn:aws:ecr:ap-northeast-2:123456789012:repository/web/*"'
)
#: What is edited, and the changes that have to be told: risk and rule.
FEARED: dict[str, tuple[Edits, set[str]]] = {
    "a namespace is moved": (
        (("web/api:", "shop/api:"), ("web/frontend:", "shop/frontend:")),
        {"breaks repository-renamed", "opens access-gained"},
    ),
    "a repository is renamed": ((("web/worker:", "web/workers:"),), {"breaks repository-renamed"}),
    "a repository is removed": ((("  web/worker:\n", ""),), {"breaks repository-removed"}),
    "what was to be emptied is removed": (
        (("  web/worker:\n", ""),),
        {"destroys repository-deleted"},
    ),
    "retain is dropped by a default": (
        (("  moving_tags: [latest]\n", "  moving_tags: [latest]\n  empty_on_delete: true\n"),),
        {"destroys empty-on-delete"},
    ),
    "a protect sentence is moved last": (
        (
            ('    - protect: {tagged: {any_of: ["prod*", latest]}}\n', ""),
            ("after_days: 14}\n", 'after_days: 14}\n    - protect: {tagged: {any_of: ["prod*", latest]}}\n'),
        ),
        {"destroys lifecycle-takes-more"},
    ),
    "a protect sentence is dropped": (
        (('    - protect: {tagged: {any_of: ["prod*", latest]}}\n', ""),),
        {"destroys lifecycle-takes-more"},
    ),
    "any_of becomes all_of (instantdb/instant PR 2759)": (
        (("any_of: [", "all_of: ["),),
        {"destroys lifecycle-takes-more"},
    ),
    "fewer images are kept": ((("last: 5", "last: 4"),), {"destroys lifecycle-takes-more"}),
    "days are shortened": ((("after_days: 14", "after_days: 1"),), {"destroys lifecycle-takes-more"}),
    "a rule takes any image of 180 days (METR/inspect-action PR 565)": (
        (("after_days: 14}\n", "after_days: 14}\n    - expire: {any: true, after_days: 180}\n"),),
        {"destroys lifecycle-takes-more"},
    ),
    "the default lifecycle takes all but 100 images (chanzuckerberg/single-cell-data-portal 5885)": (
        (
            ("lifecycles:\n", 'lifecycles:\n  hundred: [{keep: {tagged: "*", last: 100}}]\n'),
            ("  moving_tags: [latest]\n", "  moving_tags: [latest]\n  lifecycle: hundred\n"),
        ),
        {"destroys lifecycle-takes-more"},
    ),
    "images are archived": (
        (("after_days: 14}\n", "after_days: 14}\n    - archive: {any: true, unpulled_days: 90}\n"),),
        {"destroys lifecycle-takes-more"},
    ),
    "a lifecycle is left out": ((("lifecycle: releases, ", ""),), {"costs lifecycle-takes-less"}),
    "`latest` is made immutable": ((("  moving_tags: [latest]\n", "  moving_tags: []\n"),), {"breaks tags-fixed"}),
    "every tag may move": (
        (("  moving_tags: [latest]\n", "  image_tag_mutability: MUTABLE\n"),),
        {"opens tags-loosened"},
    ),
    "one more tag may move": ((("moving_tags: [latest]", 'moving_tags: [latest, "v*"]'),), {"opens tags-loosened"}),
    "an account id has two digits swapped": (
        (("345678901234", "345678901243"),),
        {"opens principal-changed", "breaks principal-replaced"},
    ),
    "a role's account has two digits swapped": (
        (("210987654321", "210987654312"),),
        {"opens principal-changed", "breaks principal-replaced"},
    ),
    "a branch is widened to `*`": ((("branch: main", 'branch: "*"'),), {"opens trust-widened"}),
    "a trust moves to another branch": (
        (("branch: main", "branch: develop"),),
        {"opens principal-changed", "breaks principal-replaced"},
    ),
    "a principal is renamed": (
        (("  ci: {", "  builder: {"), ("[ci]", "[builder]")),
        {"breaks principal-renamed"},
    ),
    "somebody gains push on three repositories": (
        (("web: {owner: team-web,", "web: {owner: team-web, push: [deployer],"),),
        {"opens access-gained"},
    ),
    "somebody gains push on a namespace of which this file declares nothing": (
        (("namespaces:\n", "namespaces:\n  tools: {push: [deployer]}\n"),),
        {"opens access-gained"},
    ),
    "who could promote may push": (
        (("promote: [prod]", "push: [prod]"), ("{push: [ci], push", "{push")),
        {"opens access-gained", "breaks access-lost"},
    ),
    "a grant is dropped": ((("web/frontend: {push: [ci]}", "web/frontend:"),), {"breaks access-lost"}),
    "a whole account may pull where a role could": (
        (('nodes: {role: "arn:aws:iam::210987654321:role/eks-node"}', 'nodes: {account: "210987654321"}'),),
        {"opens trust-widened"},
    ),
    "a raw policy is opened to everybody": (
        (('Principal: {AWS: "456789012345"}', 'Principal: "*"'),),
        {"opens access-gained"},
    ),
    "a raw policy gets a wildcard of actions": (
        (('Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]', 'Action: "ecr:*"'),),
        {"opens access-gained"},
    ),
    "a condition on addresses is dropped": ((), {"opens access-gained"}),
    "a role gets what a policy left to its account": (
        (("    repository_policy:", "    pull: [deployer]\n    repository_policy:"), OWN_ACCOUNT, ALL_OF_A_PULL),
        {"opens access-gained"},
    ),
    "a fixed tag among mutable ones may move": (
        (("  moving_tags: [latest]\n", "  image_tag_mutability: MUTABLE\n"),),
        {"opens tags-loosened"},
    ),
    "names to come are not scanned": (
        (('scan_on_push: ["*"]', 'scan_on_push: ["web/*", "data/*"]'),),
        {"breaks scanning-less"},
    ),
    "what was to be emptied is renamed": (
        (("  web/worker:\n", "  web/workers: {empty_on_delete: true}\n"),),
        {"destroys repository-deleted", "breaks repository-renamed"},
    ),
    "a Deny is dropped": (
        (('        - Effect: Deny\n          Principal: "*"\n          Action: "ecr:BatchDeleteImage"\n', ""),),
        {"opens deny-removed"},
    ),
    "a Deny spares somebody": (
        (
            (
                '          Action: "ecr:BatchDeleteImage"\n',
                '          Action: "ecr:BatchDeleteImage"\n'
                '          Condition: {ArnNotEquals: {"aws:PrincipalArn": "arn:aws:iam::456789012345:role/x"}}\n',
            ),
        ),
        {"opens deny-removed", "breaks deny-added"},
    ),
    "a statement speaks twice of who asks": (
        (
            (
                "      Statement:\n",
                """      Statement:
        - Effect: Allow
          Principal: {Service: lambda.amazonaws.com}
          Action: "ecr:BatchGetImage"
          Condition:
            StringLike: {"aws:SourceArn": "arn:aws:lambda:ap-northeast-2:123456789012:function:*"}
            StringEquals: {"aws:SourceAccount": "123456789012"}
""",
            ),
        ),
        {"opens access-gained", "opens policy-unclear"},
    ),
    "the registry policy lets an account into everything": (
        (
            (
                "scanning:",
                'registry_policy: {Statement: [{Effect: Allow, Principal: {AWS: "567890123456"}, '
                'Action: "ecr:*", Resource: "arn:aws:ecr:ap-northeast-2:123456789012:repository/*"}]}\nscanning:',
            ),
        ),
        {"opens access-gained"},
    ),
    "the organization is no longer asked for": (
        (("organization: o-a1b2c3d4e5, ", ""),),
        {"opens access-gained"},
    ),
    "the permissions boundary is dropped": (
        ((', permissions_boundary: "arn:aws:iam::123456789012:policy/ci-boundary"', ""),),
        {"opens boundary-removed"},
    ),
    "every team may grant to a principal": (
        (("branch: main}", 'branch: main, teams: ["*"]}'),),
        {"opens principal-more-teams"},
    ),
    "a replica is added": (
        (("  us-west-2:", "  eu-west-1:\n  us-west-2:"),),
        {"costs replica-added", "costs kms-key-made"},
    ),
    "a replica is added in another account": (
        (("  us-west-2:", "  567890123456/eu-west-1:\n  us-west-2:"),),
        {"costs replica-added", "costs kms-key-made", "opens replica-account"},
    ),
    "a replica is removed": ((("replicas:\n  us-west-2: {namespaces: [web]}\n", ""),), {"breaks replica-removed"}),
    "a replica receives another namespace": (
        (("namespaces: [web]", "namespaces: [web, data]"),),
        {"costs replica-more", "costs kms-key-made"},
    ),
    "deletions are replicated": (
        (("{namespaces: [web]}", "{namespaces: [web], delete_replication: true}"),),
        {"destroys replica-deletes"},
    ),
    "a namespace shares a stack that it did not share": (
        (("web: {owner", "web: {stack: small, owner"),),
        {"breaks shards-changed"},
    ),
    "a principal names a stack": (
        (("branch: main}", "branch: main, stack: more}"),),
        {"breaks principal-moved"},
    ),
    "the last principal of a stack leaves": (
        (
            ("branch: main}", "branch: main, stack: more}"),
            ("web/api: {push: [ci], promote", "web/api: {promote"),
            ("web/frontend: {push: [ci]}", "web/frontend:"),
        ),
        {"breaks access-stack-left", "breaks access-lost"},
    ),
    "a shard count is raised": ((("web: {owner", "web: {shards: 3, owner"),), {"breaks shards-changed"}),
    "a shard count is raised where repositories are emptied on delete": (
        (
            ("web: {owner", "web: {shards: 3, owner"),
            ("  web/worker:\n", "  web/worker: {empty_on_delete: true}\n"),
        ),
        {"breaks shards-changed", "destroys shards-emptied"},
    ),
    "a KMS key is swapped": (
        (("kms_key: alias/images", "kms_key: alias/other"),),
        {"breaks repository-encryption", "breaks kms-key-left", "costs kms-key-made"},
    ),
    "an encryption is switched on (cloudformation-coverage-roadmap 2502)": (
        (("  moving_tags: [latest]\n", "  moving_tags: [latest]\n  encryption_type: KMS\n"),),
        {"breaks repository-encryption"},
    ),
    "the registry is renamed": ((("name: acme", "name: acme-two"),), {"breaks registry-renamed"}),
    "the home moves": (
        (
            ("region: ap-northeast-2", "region: ap-northeast-1"),
            ("arn:aws:signer:ap-northeast-2", "arn:aws:signer:ap-northeast-1"),
        ),
        {
            "breaks registry-moved",
            "breaks signing-less",
            "breaks network-removed",
            "breaks kms-key-left",
            "costs kms-key-made",
            "costs network-added",
        },
    ),
    "the IAM path is changed": ((("access: {", "access: {path: /ci/, "),), {"breaks access-path"}),
    "fewer repositories are scanned": (
        (('scan_on_push: ["*"]', 'scan_on_push: ["web/*"]'),),
        {"breaks scanning-less"},
    ),
    "scans are paid": (
        (('scanning: {scan_on_push: ["*"]}', 'scanning: {scan_type: ENHANCED, scan_on_push: ["*"]}'),),
        {"costs scanning-paid"},
    ),
    "a cache is added": (
        (
            (
                "  hub: {upstream_registry: quay}\n",
                "  hub: {upstream_registry: quay}\n  k8s: {upstream_registry: k8s}\n",
            ),
        ),
        {"opens cache-added"},
    ),
    "a cache comes to a replica": (
        (("hub: {upstream_registry: quay}", "hub: {upstream_registry: quay, locations: [ap-northeast-2, us-west-2]}"),),
        {"opens cache-added"},
    ),
    "a cache moves to a replica": (
        (("hub: {upstream_registry: quay}", "hub: {upstream_registry: quay, locations: [us-west-2]}"),),
        {"opens cache-added", "breaks cache-removed"},
    ),
    "a cache with a secret that is made is added": (
        (
            (
                "  hub: {upstream_registry: quay}\n",
                "  hub: {upstream_registry: quay}\n  hub/lib: {upstream_registry: docker-hub, secret: "
                "ecr-pullthroughcache/hub, locations: [ap-northeast-2, us-west-2]}\n",
            ),
        ),
        {"opens cache-added", "costs cache-secret-made"},
    ),
    "a cache of another account's ECR is added": (
        (
            (
                "  hub: {upstream_registry: quay}\n",
                "  hub: {upstream_registry: quay}\n  hub/base: {upstream_registry: ecr, upstream_registry_url: "
                "345678901234.dkr.ecr.us-east-1.amazonaws.com}\n",
            ),
        ),
        {"opens cache-added"},
    ),
    "a cache gets another upstream": (
        (("upstream_registry: quay", "upstream_registry: k8s"),),
        {"breaks cache-changed"},
    ),
    "a push creates repositories": (
        (("[PULL_THROUGH_CACHE]", "[PULL_THROUGH_CACHE, CREATE_ON_PUSH]"),),
        {"opens template-on-push"},
    ),
    "images are signed no longer": (
        (('repository_filters: ["web/*"]', 'repository_filters: ["web/api"]'),),
        {"breaks signing-less"},
    ),
    "a network opens to more addresses": ((("cidr: 10.0.0.0/16", "cidr: 10.0.0.0/8"),), {"opens network-opened"}),
    "a network opens to other registries": (
        (("subnet-87654321]}", 'subnet-87654321]}\n    pull_from: ["602401143452"]'),),
        {"opens network-opened"},
    ),
    "a network's endpoint is left to others": (
        (("vpc: {id: vpc-12345678,", "vpc: {id: vpc-12345678, existing: [ecr.api],"),),
        {"breaks network-less", "breaks network-replaced"},
    ),
    "a namespace is copied to an account that has only others": (
        (
            ("  us-west-2: {", "  567890123456/us-west-2: {namespaces: [web]}\n  us-west-2: {"),
            ("567890123456/us-west-2: {namespaces: [web]}", "567890123456/us-west-2: {namespaces: [web, data]}"),
        ),
        {"costs replica-more", "opens replica-account", "costs kms-key-made"},
    ),
    "a region more of an account gets what that account had not": (
        (
            ("  us-west-2: {", "  567890123456/eu-west-1: {namespaces: [data]}\n  us-west-2: {"),
            ("  us-west-2: {", "  567890123456/us-west-2: {namespaces: [web]}\n  us-west-2: {"),
        ),
        {"costs replica-added", "opens replica-account", "costs kms-key-made"},
    ),
    "tags of any name are allowed": ((), {"opens tag-names-freed"}),
    "tags of some names are no longer allowed": (
        (("  web/worker:\n", '  web/worker: {tags_must_match: ["v*", latest]}\n'),),
        {"breaks tag-names-bound"},
    ),
    "a registry policy holds for every action": (
        (("scanning:", "account_settings: {registry_policy_scope: V2}\nscanning:"),),
        {"opens registry-policy-scope"},
    ),
    "the condition of a registry policy is dropped": (
        (("scanning:", f"{REGISTRY_POLICY}}}]}}\nscanning:"),),
        {"opens access-gained"},
    ),
    "a network lets the whole organization pass": (
        (("subnet-87654321]}", "subnet-87654321]}\n    callers: organization"),),
        {"opens network-opened"},
    ),
    "another organization is asked for": (
        (("o-a1b2c3d4e5", "o-a1b2c3d4e6"),),
        {"opens access-gained", "breaks access-lost"},
    ),
    "somebody may delete": ((("web/api: {", "web/api: {delete: [deployer], "),), {"opens access-gained"}),
    "the jobs of pull requests may push (they run what a stranger wrote)": (
        (("branch: main", "pull_requests: true"),),
        {"opens principal-changed", "breaks principal-replaced"},
    ),
    "images are signed by another profile": (
        (("signing-profiles/releases", "signing-profiles/tests"),),
        {"breaks signing-less"},
    ),
    "a pattern that nothing matches becomes every image (ustaxcourt/ef-cms 10265)": (
        (
            ('    - keep: {tagged: "v*", last: 5}\n', ""),
            ("expire: {untagged: true, after_days: 14}", "keep: {any: true, last: 15}"),
        ),
        {"destroys lifecycle-takes-more"},
    ),
    "a tag that a policy asks for is set": (
        (
            (
                "scanning:",
                f'{REGISTRY_POLICY}, Condition: {{StringEquals: {{"aws:ResourceTag/Public": "yes"}}}}}}]}}\nscanning:',
            ),
            ("web: {owner: team-web,", 'web: {owner: team-web, tags: {public: "yes"},'),
        ),
        {"opens resource-tag-of-policy"},
    ),
    "an acceptance holds for longer": (
        (("scanning:", f"{ACCEPTED}\nscanning:"), ("2027-01-31", "2029-01-31")),
        {"breaks acceptance-longer"},
    ),
    "an acceptance silences something new": (
        (
            ("scanning:", "acceptances: [{rule: cache-lifecycle, reason: because}]\nscanning:"),
            (
                "hub: {applied_for: [PULL_THROUGH_CACHE]}",
                "hub: {applied_for: [PULL_THROUGH_CACHE], lifecycle: untagged-14-days}",
            ),
        ),
        {"breaks accepted", "destroys lifecycle-takes-more"},
    ),
    "an acceptance silences that more may push": (
        (
            ("scanning:", "acceptances: [{rule: grant-failover-push, reason: because}]\nscanning:"),
            ("promote: [prod]}", "promote: [prod], failover_push: [ci]}"),
        ),
        {"opens accepted-opens", "opens access-gained"},
    ),
    "a role of one's own may be without the boundary": (
        (('role/deployer"}', 'role/deployer", without_boundary: true}'),),
        {"opens boundary-exception"},
    ),
    "an acceptance silences that deletions are replicated": (
        (
            ("scanning:", "acceptances: [{rule: replica-delete-replication, reason: because}]\nscanning:"),
            ("{namespaces: [web]}", "{namespaces: [web], delete_replication: true}"),
        ),
        {"destroys accepted-destroys", "destroys replica-deletes"},
    ),
}
#: What the old side is edited by, where it is not the base.
BEFORE: dict[str, Edits] = {
    "a namespace is copied to an account that has only others": (
        ("  us-west-2: {", "  567890123456/us-west-2: {namespaces: [web]}\n  us-west-2: {"),
    ),
    "a region more of an account gets what that account had not": (
        ("  us-west-2: {", "  567890123456/us-west-2: {namespaces: [web]}\n  us-west-2: {"),
    ),
    "tags of any name are allowed": (("  web/worker:\n", '  web/worker: {tags_must_match: ["v*", latest]}\n'),),
    "the condition of a registry policy is dropped": (
        (
            "scanning:",
            f'{REGISTRY_POLICY}, Condition: {{StringEquals: {{"aws:PrincipalOrgID": o-a1b2c3d4e5}}}}}}]}}\nscanning:',
        ),
    ),
    "a pattern that nothing matches becomes every image (ustaxcourt/ef-cms 10265)": (
        ('tagged: "v*", last: 5', 'tagged: "SNAPSHOT-*", last: 5'),
    ),
    "a tag that a policy asks for is set": (
        (
            "scanning:",
            f'{REGISTRY_POLICY}, Condition: {{StringEquals: {{"aws:ResourceTag/Public": "yes"}}}}}}]}}\nscanning:',
        ),
    ),
    "an acceptance holds for longer": (("scanning:", f"{ACCEPTED}\nscanning:"),),
    "a condition on addresses is dropped": (
        (
            f"          Action: {ACTIONS}\n",
            f'          Action: {ACTIONS}\n          Condition: {{IpAddress: {{"aws:SourceIp": "192.0.2.0/24"}}}}\n',
        ),
    ),
    "the last principal of a stack leaves": (("branch: main}", "branch: main, stack: more}"),),
    "a role gets what a policy left to its account": (OWN_ACCOUNT, ALL_OF_A_PULL),
    "a fixed tag among mutable ones may move": (
        ("  moving_tags: [latest]\n", '  image_tag_mutability: MUTABLE\n  fixed_tags: ["v*"]\n'),
    ),
    "what was to be emptied is renamed": (("  web/worker:\n", "  web/worker: {empty_on_delete: true}\n"),),
    "a shard count is raised where repositories are emptied on delete": (
        ("  web/worker:\n", "  web/worker: {empty_on_delete: true}\n"),
    ),
    "what was to be emptied is removed": (("  web/worker:\n", "  web/worker: {empty_on_delete: true}\n"),),
}


@pytest.mark.parametrize("name", FEARED)
def test_what_a_reviewer_fears_is_told_and_never_safe(name: str) -> None:
    edits, expected = FEARED[name]
    old = edited(*BEFORE.get(name, ()))
    found = planned(old, edited(*edits))
    told = {f"{it.risk} {it.kind.id}" for it in found}
    assert expected <= told
    extra = {it for it in told - expected if not it.startswith(Risk.SAFE)}
    assert not extra, "\n".join(f"{it.risk} {it.kind.id} {it.about}: {it.message}" for it in found)


def test_giving_up_what_the_registry_has_once_is_told() -> None:
    old = "repositories: {web/api: }\n"
    assert [it.kind.id for it in planned(old, f"manage: [repositories]\n{old}")] == ["registry-unmanaged"]
    assert [it.kind.id for it in planned(f"manage: [repositories]\n{old}", old)] == ["registry-managed"]


def test_there_are_at_least_forty() -> None:
    assert len(FEARED) >= 40
    assert BASE
