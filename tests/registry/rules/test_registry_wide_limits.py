"""Both sides of every limit of scanning, creation templates, caches, signing and repository policies."""

from __future__ import annotations

import pytest

from tests.registry.rules.test_rules import broken
from tests.synth import SMALL, declared

API = "repositories: {web/api: }\n"
PROFILE = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/"
KMS_KEY = "arn:aws:kms:ap-northeast-2:123456789012:key/1234"
ROLE = "arn:aws:iam::123456789012:role/r"
TEMPLATE = "creation_templates: {ROOT: {applied_for: [PULL_THROUGH_CACHE]}}\n"


REST = TEMPLATE + API


def scanning(rest: str) -> str:
    return f"scanning: {{{rest}}}\n{API}"


def template(rest: str, prefix: str = "it", applied_for: str = "[CREATE_ON_PUSH]") -> str:
    return f"creation_templates: {{{prefix}: {{applied_for: {applied_for}, {rest}}}}}\n{API}"


def cache(rest: str, prefix: str = "it") -> str:
    return f"pull_through_cache_rules: {{{prefix}: {{{rest}}}}}\n{TEMPLATE}{API}"


def signing(rest: str = "", profile: str = PROFILE) -> str:
    return f"signing: [{{signing_profile_arn: '{profile}', {rest}}}]\n{API}"


def policy(rest: str) -> str:
    return f"defaults: {{repository_policy: {rest}}}\n{API}"


def statement(rest: str) -> str:
    return policy(f"{{Statement: [{{Effect: Allow, {rest}}}]}}")


def words(count: int) -> str:
    return "[" + ", ".join(f"n{number}" for number in range(count)) + "]"


def registry_policy(rest: str, statement: str = "Effect: Allow", more: str = "") -> str:
    return f"registry_policy: {{Statement: [{{{statement}, {rest}}}]}}\n{more}{API}"


HERE = "Resource: 'arn:aws:ecr:ap-northeast-2:123456789012:repository/*'"
OTHERS = "Principal: {AWS: '210987654321'}, " + HERE
OUR = "access: {organization: o-a1b2c3d4e5}\n"
PULL = "Principal: {AWS: '123456789012'}, Action: ecr:BatchGetImage"
SPACE = "{Version: '2012-10-17', Statement: [{Sid: '%s', Effect: Allow, " + PULL + "}]}"
FRAME = len(declared(SMALL + policy(SPACE % "")).repositories[0].policies["*"])


@pytest.mark.parametrize(
    ("rule", "legal", "refused"),
    [
        ("scanning-filter", scanning(f"scan_on_push: ['*', {'a' * 255}]"),
         scanning(f"scan_on_push: ['*', {'a' * 256}]")),
        ("scanning-filter", scanning("scan_on_push: ['*-a/b.*']"), scanning("scan_on_push: ['*-/a']")),
        ("scanning-filter", scanning("scan_on_push: ['*']"), scanning("scan_on_push: ['/*']")),
        ("scanning-filter-count", scanning(f"continuous_scan: {words(100)}"),
         scanning(f"continuous_scan: {words(101)}")),
        ("scanning-continuous", scanning("scan_type: ENHANCED, continuous_scan: ['*']"),
         scanning("scan_type: BASIC, continuous_scan: ['*']")),
        ("scanning-filter-contains", scanning("scan_on_push: [web/api]"), scanning("scan_on_push: [web/ap]")),
        ("scanning-none", scanning("scan_type: ENHANCED, scan_on_push: [], continuous_scan: ['web/*']"),
         scanning("scan_on_push: []")),
        ("scanning-flag", "scanning: {scan_on_push: [api]}\nnamespaces: {web: {scan_on_push: true}}\n" + API,
         "scanning: {scan_on_push: [api]}\nnamespaces: {web: {scan_on_push: false}}\n" + API),
        ("scanning-flag", "scanning: {scan_on_push: []}\ndefaults: {scan_on_push: false}\n" + API,
         "scanning: {scan_on_push: []}\ndefaults: {scan_on_push: true}\n" + API),
        ("registry-policy-statement", registry_policy(f"{OTHERS}, Action: ecr:PutImage"),
         registry_policy("Principal: {AWS: '210987654321'}, Action: ecr:PutImage")),
        ("registry-policy-action", registry_policy(f"{OTHERS}, Action: 'ECR:putregistry*'"),
         registry_policy(f"{OTHERS}, Action: 'ecr:putregistryz*'")),
        ("registry-policy-resource", registry_policy("Principal: {AWS: '210987654321'}, Action: ecr:PutImage, "
         "Resource: ['*', 'arn:aws:ecr:?p-*:123456789012:repository/x', 'arn:aws:ecr:${aws:x}:repository/*']"),
         registry_policy(f"{OTHERS.replace('ap-northeast-2', 'us-west-2')}, Action: ecr:PutImage")),
        ("registry-policy-open", registry_policy(
         f"Principal: '*', {HERE}, Action: ecr:PutImage, Condition: {{StringEquals: {{'aws:PrincipalAccount': '1'}}}}"),
         registry_policy(f"Principal: '*', {HERE}, Action: ecr:PutImage")),
        ("registry-policy-service", registry_policy(
         f"Principal: {{Service: replication.ecr.amazonaws.com}}, {HERE}, Action: ecr:ReplicateImage, "
         "Condition: {StringEquals: {'aws:SourceAccount': '123456789012'}}"),
         registry_policy(f"Principal: {{Service: replication.ecr.amazonaws.com}}, {HERE}, Action: ecr:ReplicateImage")),
        ("registry-policy-kind", registry_policy(f"{OTHERS}, Action: [ecr:CreateRepository, ecr:ReplicateImage]"),
         registry_policy(f"{OTHERS}, Action: [ecr:CreateRepository, ecr:BatchGetImage]")),
        ("registry-policy-kind", registry_policy(f"{OTHERS}, Action: [ecr:CreateRepository, 'ecr:BatchImport*']"),
         registry_policy(f"{OTHERS}, Action: [ecr:PutReplicationConfiguration]")),
        ("registry-policy-kind", registry_policy(f"{OTHERS.replace('210987654321', '123456789012')}, Action: 'ecr:*'"),
         registry_policy(f"Principal: '*', {HERE}, Action: ecr:ReplicateImage, "
         "Condition: {StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}}")),
        ("registry-policy-kind", registry_policy(f"Principal: '*', {HERE}, Action: ecr:PutImage, "
         "Condition: {ArnLike: {'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/ci'}}"),
         registry_policy(f"Principal: '*', {HERE}, Action: ecr:PutImage, "
         "Condition: {ArnLike: {'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/*'}}")),
        ("registry-policy-outside-organization", registry_policy(f"{OTHERS}, Action: ecr:BatchGetImage, "
         "Condition: {StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}}", more=OUR),
         registry_policy(f"{OTHERS}, Action: ecr:BatchGetImage", more=OUR)),
        ("registry-policy-wildcard", registry_policy(f"{OTHERS}, Action: 'ecr:?*'"),
         registry_policy(f"{OTHERS}, Action: 'ECR:**'")),
        ("registry-policy-locked", registry_policy(f"{OTHERS}, Action: 'ecr:*'", "Effect: Deny"),
         registry_policy(f"Principal: {{AWS: '*'}}, {HERE}, Action: 'ecr:*Policy'", "Effect: Deny")),
        ("creation-template-prefix", template("", "a" * 256), template("", "a" * 257)),
        ("creation-template-prefix", template("", "a"), template("", "'a/'")),
        ("creation-template-prefix", template("", "ROOT"), template("", "Root")),
        ("creation-template-description", template(f"description: {'a' * 256}"), template(f"description: {'a' * 257}")),
        ("creation-template-applied-for", template("", applied_for="[REPLICATION, CREATE_ON_PUSH]"),
         template("", applied_for="[REPLICATION, REPLICATION]")),
        ("creation-template-kms-key",
         template(f"encryption_type: KMS, custom_role_arn: '{ROLE}', kms_key: '{KMS_KEY}'"),
         template(f"encryption_type: KMS, custom_role_arn: '{ROLE}', kms_key: '{KMS_KEY.replace('key/', 'alias/')}'")),
        ("creation-template-kms-key",
         template(f"encryption_type: KMS, custom_role_arn: '{ROLE}', kms_key: '{KMS_KEY}'"),
         "replicas: {us-west-2: }\n"
         + template(f"encryption_type: KMS, kms_key: '{KMS_KEY}'", applied_for="[REPLICATION]")),
        ("creation-template-kms-key",
         "replicas: {us-west-2: }\n" + template(
             f"encryption_type: KMS, custom_role_arn: '{ROLE}', kms_key: {{ap-northeast-2: '{KMS_KEY}', us-west-2: "
             f"'{KMS_KEY.replace('ap-northeast-2', 'us-west-2')}'}}"),
         template(f"kms_key: '{KMS_KEY}'")),
        ("creation-template-role", template(f"custom_role_arn: '{ROLE}'"),
         template(f"custom_role_arn: '{ROLE.replace('role/', 'role/path/')}'")),
        ("creation-template-kms-key",
         "kms_keys: {alias/ecr: }\n" + template("encryption_type: KMS, kms_key: alias/ecr"),
         template("encryption_type: KMS, kms_key: alias/ecr")),
        ("creation-template-immutable-cache",
         template("image_tag_mutability: IMMUTABLE, moving_tags: [latest]", applied_for="[PULL_THROUGH_CACHE]"),
         template("image_tag_mutability: IMMUTABLE", applied_for="[PULL_THROUGH_CACHE]")),
        ("creation-template-immutable-cache", template("", applied_for="[PULL_THROUGH_CACHE]"),
         template("image_tag_mutability: IMMUTABLE", applied_for="[PULL_THROUGH_CACHE, REPLICATION]")),
        ("exclusion-filter-count", template("fixed_tags: [a, b, c, d, e]"), template("fixed_tags: [a, b, c, d, e, f]")),
        ("moving-tags-mutable", template("image_tag_mutability: IMMUTABLE, moving_tags: [a]"),
         template("moving_tags: [a]")),
        ("fixed-tags-immutable", template("fixed_tags: [a]"),
         template("image_tag_mutability: IMMUTABLE, fixed_tags: [a]")),
        ("tag", template(f"custom_role_arn: '{ROLE}', tags: {{{'k' * 128}: '', team: {'v' * 256}}}"),
         template(f"custom_role_arn: '{ROLE}', tags: {{{'k' * 129}: ''}}")),
        ("tag", f"defaults: {{tags: {{{'k' * 127}: v, team: {'v' * 255}}}}}\n" + API,
         "defaults: {tags: {team: ''}}\n" + API),
        ("tag-count", template(f"custom_role_arn: '{ROLE}', tags: {{{', '.join(f'k{n}: v' for n in range(50))}}}"),
         template(f"custom_role_arn: '{ROLE}', tags: {{{', '.join(f'k{n}: v' for n in range(51))}}}")),
        ("lifecycle-unused", "lifecycles: {a: []}\n" + template("lifecycle: a"),
         "lifecycles: {a: []}\n" + template("")),
        ("cache-prefix", cache("upstream_registry: k8s", "a" * 30), cache("upstream_registry: k8s", "a" * 31)),
        ("cache-prefix", cache("upstream_registry: k8s", "ab"), cache("upstream_registry: k8s", "a")),
        ("cache-prefix", cache("upstream_registry: k8s, upstream_repository_prefix: a/b"),
         cache("upstream_registry: k8s, upstream_repository_prefix: a/b", "ROOT")),
        ("cache-upstream-url", cache("upstream_registry: k8s, upstream_registry_url: registry.k8s.io"),
         cache("upstream_registry: k8s, upstream_registry_url: k8s.gcr.io")),
        ("cache-upstream-url",
         cache(f"upstream_registry: azure-container-registry, credential_arn: '{SECRET}a', "
               "upstream_registry_url: acme.azurecr.io"),
         cache(f"upstream_registry: azure-container-registry, credential_arn: '{SECRET}a'")),
        ("cache-credential",
         cache(f"upstream_registry: docker-hub, credential_arn: '{SECRET}{'a' * (612 - len(SECRET))}'"),
         cache(f"upstream_registry: docker-hub, credential_arn: '{SECRET}{'a' * (613 - len(SECRET))}'")),
        ("cache-credential", cache(f"upstream_registry: chainguard, credential_arn: '{SECRET}a'"),
         cache(f"upstream_registry: ecr-public, credential_arn: '{SECRET}a'")),
        ("cache-credential", cache("upstream_registry: k8s"),
         cache("upstream_registry: chainguard")),
        ("cache-credential", cache("upstream_registry: docker-hub, secret: ecr-pullthroughcache/hub"),
         cache(f"upstream_registry: docker-hub, locations: [ap-northeast-2, us-west-2], credential_arn: '{SECRET}a'")
         + "replicas: {us-west-2: }\n"),
        ("cache-secret", cache(f"upstream_registry: docker-hub, credential_arn: '{SECRET}a'"),
         cache("upstream_registry: k8s, secret: ecr-pullthroughcache/k8s")),
        ("cache-secret-name", cache(f"upstream_registry: docker-hub, secret: ecr-pullthroughcache/{'a' * 491}"),
         cache(f"upstream_registry: docker-hub, secret: ecr-pullthroughcache/{'a' * 492}")),
        ("cache-secret-name", cache("upstream_registry: docker-hub, secret: ecr-pullthroughcache/a-12345"),
         cache("upstream_registry: docker-hub, secret: ecr-pullthroughcache/a-123456")),
        ("cache-secret-name", cache("upstream_registry: docker-hub, secret: ecr-pullthroughcache/prod/hub"),
         cache("upstream_registry: docker-hub, secret: ecr-pullThroughCache/hub")),
        ("cache-location", "replicas: {us-west-2: }\n" + cache("upstream_registry: k8s, locations: [us-west-2]"),
         cache("upstream_registry: k8s, locations: [us-west-2]")),
        ("cache-of-itself",
         cache("upstream_registry: ecr, upstream_registry_url: 123456789012.dkr.ecr.us-east-1.amazonaws.com"),
         cache("upstream_registry: ecr, upstream_registry_url: 123456789012.dkr.ecr.ap-northeast-2.amazonaws.com")),
        ("cache-role",
         cache("upstream_registry: ecr, upstream_registry_url: 210987654321.dkr.ecr.us-east-1.amazonaws.com"),
         cache("upstream_registry: ecr, upstream_registry_url: 210987654321.dkr.ecr.us-east-1.amazonaws.com, "
               "custom_role_arn: 'arn:aws:iam::210987654321:role/r'")),
        ("cache-count",
         f"pull_through_cache_rules: {{{', '.join(f'n{n}: {{upstream_registry: k8s}}' for n in range(50))}}}\n{REST}",
         f"pull_through_cache_rules: {{{', '.join(f'n{n}: {{upstream_registry: k8s}}' for n in range(51))}}}\n{REST}"),
        ("cache-declared", cache("upstream_registry: k8s", "we"), cache("upstream_registry: k8s", "web")),
        ("cache-template", cache("upstream_registry: k8s"), cache("upstream_registry: k8s").replace("ROOT", "i")),
        ("signing-profile", signing(profile=PROFILE + "a" * (200 - len(PROFILE))),
         signing(profile=PROFILE + "a" * (201 - len(PROFILE)))),
        ("signing-profile", signing(profile=PROFILE.replace("123456789012", "210987654321")),
         signing(profile=PROFILE.replace("ap-northeast-2", "us-west-2"))),
        ("signing-filter", signing(f"repository_filters: [{'a' * 256}]"),
         signing(f"repository_filters: [{'a' * 257}]")),
        ("signing-size", signing(f"repository_filters: {words(100)}"), signing(f"repository_filters: {words(101)}")),
        ("signing-size", signing(), signing("repository_filters: []")),
        ("signing-size", f"signing: [{', '.join([f'{{signing_profile_arn: {PROFILE!r}}}'] * 10)}]\n{API}",
         f"signing: [{', '.join([f'{{signing_profile_arn: {PROFILE!r}}}'] * 11)}]\n{API}"),
        ("repository-policy", policy(SPACE % "a"), policy(SPACE.replace("2012-10-17", "2012-10-18") % "a")),
        ("repository-policy", statement("Principal: '*', NotAction: ecr:PutImage"), statement("Principal: '*'")),
        ("repository-policy-action", statement("Principal: {AWS: a}, Action: ['ecr:*Image', 'ecr:Get?ifecyclePolicy']"),
         statement("Principal: {AWS: a}, Action: ['ecr:*Images?']")),
        ("repository-policy-action", statement("Principal: {AWS: a}, Action: ['ecr:*']"),
         statement("Principal: {AWS: a}, Action: ecr:GetAuthorizationToken")),
        ("repository-policy-length", policy(SPACE % ("a" * (10_240 - FRAME))),
         policy(SPACE % ("a" * (10_241 - FRAME)))),
        ("repository-policy-open", statement("Principal: {Service: '*'}, Action: ecr:PutImage"),
         statement("Principal: {AWS: '*'}, Action: ecr:PutImage")),
        ("repository-policy-open",
         statement("Principal: '*', Action: ecr:PutImage, Condition: {StringEquals: {'aws:PrincipalOrgID': o-1}}"),
         statement("Principal: '*', Action: ecr:PutImage, Condition: {}")),
        ("repository-policy-wildcard", statement("Principal: {AWS: a}, Action: 'ecr:Get*'"),
         statement("Principal: {AWS: a}, Action: 'ECR:*'")),
    ],
)  # fmt: skip
def test_the_limit_is_where_aws_has_it(rule: str, legal: str, refused: str) -> None:
    assert rule not in broken(legal)
    assert rule in broken(refused)
