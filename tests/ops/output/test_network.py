"""`ecrctl network`: what is made in each VPC, and what the owners of existing endpoints add."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from tests.synth import SMALL

RUN = CliRunner()
TEXT = f"""\
{SMALL}principals: {{nodes: {{role: "arn:aws:iam::123456789012:role/eks-node"}}}}
repositories: {{web/api: {{pull: [nodes]}}}}
network:
  - vpc: {{id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [subnet-12345678], existing: [ecr.api]}}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "registry.yaml"
    path.write_text(TEXT)
    return str(path)


def test_programs_get_the_endpoints_and_the_statements(file: str) -> None:
    answer = RUN.invoke(app, ["network", "-f", file, "--json"])
    assert answer.exit_code == 0
    (row,) = json.loads(answer.stdout)
    assert (row["network"], row["account"], row["region"]) == ("vpc-12345678", "123456789012", "ap-northeast-2")
    assert row["made"] == ["com.amazonaws.ap-northeast-2.ecr.dkr"]
    api, s3 = row["existing"]
    assert api["service"] == "com.amazonaws.ap-northeast-2.ecr.api"
    assert [statement["Sid"] for statement in api["statements"]] == ["LoginRoles", "PullRoles"]
    assert s3["service"] == "com.amazonaws.ap-northeast-2.s3"
    assert s3["statements"] == [
        {
            "Sid": "EcrImageLayers",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::prod-ap-northeast-2-starport-layer-bucket/*",
        }
    ]


def test_people_get_words_and_the_statement_to_paste(file: str) -> None:
    answer = RUN.invoke(app, ["network", "-f", file])
    assert "vpc-12345678 of 123456789012 in ap-northeast-2" in answer.stdout
    assert "made here: com.amazonaws.ap-northeast-2.ecr.dkr" in answer.stdout
    assert "Its owner adds this statement" in answer.stdout
    assert '"Resource": "arn:aws:s3:::prod-ap-northeast-2-starport-layer-bucket/*"' in answer.stdout


def test_the_first_pull_through_a_cache_needs_a_route_to_the_internet(tmp_path: Path) -> None:
    """At a replica, too, where the cache is. https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""
    path = tmp_path / "registry.yaml"
    text = TEXT.replace(
        "existing: [ecr.api]}", "existing: [ecr.api]}\n    region: us-west-2\n    pull_through_cache: true"
    )
    path.write_text(
        text.replace("repositories:", "replicas: {us-west-2: {namespaces: [web]}}\nnamespaces: {k8s: {pull: [nodes]}}\n"
                     "pull_through_cache_rules: {k8s: {upstream_registry: k8s, locations: [us-west-2]}}\n"
                     "creation_templates: {k8s: {applied_for: [PULL_THROUGH_CACHE]}}\nrepositories:")
    )  # fmt: skip
    assert "needs a route from these subnets to the internet" in RUN.invoke(app, ["network", "-f", str(path)]).stdout
    (row,) = json.loads(RUN.invoke(app, ["network", "-f", str(path), "--json"]).stdout)
    assert "NAT gateway" in row["firstPull"]
    (through,) = [it for it in row["existing"][0]["statements"] if "ecr:BatchImportUpstreamImage" in it["Action"]]
    assert through["Resource"] == "arn:aws:ecr:us-west-2:123456789012:repository/k8s/*"


def test_a_file_without_a_network_says_so(tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    assert RUN.invoke(app, ["network", "-f", str(path)]).stdout == "the file declares no network\n"
    assert json.loads(RUN.invoke(app, ["network", "-f", str(path), "--json"]).stdout) == []
