"""The registry that the scenarios change."""

from __future__ import annotations

#: The whole policy of data/raw, and what it says first.
RAW = """\
    repository_policy:
      Statement:
        - Effect: Allow
          Principal: {AWS: "456789012345"}
          Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        - Effect: Deny
          Principal: "*"
          Action: "ecr:BatchDeleteImage"
"""
ACTIONS = '["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]'
BASE = """\
registry: {name: acme, account: "123456789012", region: ap-northeast-2}
access: {organization: o-a1b2c3d4e5, permissions_boundary: "arn:aws:iam::123456789012:policy/ci-boundary"}
replicas:
  us-west-2: {namespaces: [web]}
principals:
  ci: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}
  prod: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, environment: prod}
  nodes: {role: "arn:aws:iam::210987654321:role/eks-node"}
  deployer: {role: "arn:aws:iam::123456789012:role/deployer"}
  partner: {account: "345678901234"}
kms_keys: {alias/images: , alias/other: }
lifecycles:
  releases:
    - protect: {tagged: {any_of: ["prod*", latest]}}
    - keep: {tagged: "v*", last: 5}
    - expire: {untagged: true, after_days: 14}
defaults:
  moving_tags: [latest]
namespaces:
  web: {owner: team-web, lifecycle: releases, pull: [nodes]}
  data: {owner: team-data}
repositories:
  web/api: {push: [ci], promote: [prod]}
  web/frontend: {push: [ci]}
  web/worker:
  data/models: {encryption_type: KMS, kms_key: alias/images, pull: [partner]}
  data/raw:
    repository_policy:
      Statement:
        - Effect: Allow
          Principal: {AWS: "456789012345"}
          Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        - Effect: Deny
          Principal: "*"
          Action: "ecr:BatchDeleteImage"
scanning: {scan_on_push: ["*"]}
pull_through_cache_rules:
  hub: {upstream_registry: quay}
creation_templates:
  hub: {applied_for: [PULL_THROUGH_CACHE]}
signing:
  - {signing_profile_arn: "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases", repository_filters: ["web/*"]}
network:
  - vpc: {id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [subnet-12345678, subnet-87654321]}
"""  # noqa: E501


def edited(*edits: tuple[str, str], text: str = BASE) -> str:
    """A text with some of its words replaced; each stands there."""
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text
