"""The month of docs/cost.md: its registry, and what its tables say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from textwrap import dedent

from registry.cost import declared, stored
from registry.cost.assumed import Assumed
from registry.cost.bill import Bill, bill
from registry.cost.price_file import shipped
from registry.load import check_sources
from registry.model import Registry
from registry.reading.yaml_reader import parse
from registry.usage.totals import Bytes, RepositoryUsage
from tests.synth import ROOT

GB = 2**30
NOW = datetime(2026, 11, 26, tzinfo=UTC)
TEXT = """
registry: {name: acme, account: "123456789012", region: ap-northeast-2}
replicas: {ap-northeast-1: {namespaces: [web]}}
principals: {nodes: {role: "arn:aws:iam::210987654321:role/eks-node", outside_organization: true}}
kms_keys: {alias/data: }
namespaces:
  web: {owner: team-web, pull: [nodes]}
  data: {owner: team-data, encryption_type: KMS, kms_key: alias/data}
repositories: {web/api: , web/jobs: , data/train: }
pull_through_cache_rules:
  hub:
    upstream_registry: docker-hub
    credential_arn: arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf
network:
  - vpc:
      id: vpc-0a1b2c3d4e5f60718
      cidr: [10.20.0.0/16]
      subnets: [subnet-0a1b2c3d4e5f60711, subnet-0a1b2c3d4e5f60712, subnet-0a1b2c3d4e5f60713]
      s3: gateway
      route_tables: [rtb-0a1b2c3d4e5f60713]
"""


def registry_of(text: str) -> Registry:
    outcome = check_sources(parse(dedent(text).encode(), "registry.yaml"))
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
    return outcome.registry


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first column is called so."""
    page = (ROOT / "docs" / "cost.md").read_text().partition("## A month by hand")[2]
    lines = re.findall(rf"^\| {heading} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", page, flags=re.MULTILINE)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def holdings(registry: Registry) -> list[RepositoryUsage]:
    return [
        RepositoryUsage(
            at=registry.home,
            repository=name,
            owner=owner,
            images=10,
            standard=Bytes(int(standard) * GB, int(standard) * GB),
            archive=Bytes(int(archive) * GB, int(archive) * GB),
            pushed={"2026-10": Bytes(int(pushed) * GB, int(pushed) * GB)},
        )
        for name, owner, standard, archive, pushed in rows("repository")
    ]


def billed(registry: Registry, home: list[RepositoryUsage], assumed: Assumed | None = None) -> Bill:
    assumed, month = assumed or Assumed(), stored.last_month(NOW)
    usages = stored.replicated(registry, home)
    used = [*declared.used(registry, assumed), *stored.assumed_pushes(registry, assumed)]
    used += stored.used(registry, usages, assumed, month)
    left = [*declared.left(registry, assumed), *stored.left(registry, usages, assumed)]
    return bill(shipped(), used, left)
