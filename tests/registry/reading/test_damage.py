"""A file in which every key occurs, damaged anywhere: it is refused with findings, never with an exception."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.load import check_sources
from registry.reading.yaml_reader import parse
from registry.shape import FileShape, Settings, Shape, keys_of
from tests.examples import examples
from tests.registry.reading.test_yaml_reader import shapes, survives

Step = str | int
POLICY = {
    "Version": "2012-10-17",
    "Id": "p",
    "Statement": [
        {
            "Sid": "a",
            "Effect": "Allow",
            "Principal": {"AWS": ["123456789012"], "Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage"],
            "Condition": {"StringEquals": {"aws:SourceAccount": ["123456789012"]}},
        },
        {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "ecr:*"},
    ],
}
REGISTRY_POLICY = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "ecr:PutImage", "Resource": ["*"]},
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:DeleteRepository", "NotResource": "*"},
    ],
}
KEY = {region: f"arn:aws:kms:{region}:123456789012:key/k" for region in ("ap-northeast-2", "us-west-2")}
ROLE = "arn:aws:iam::123456789012:role/r"
UUID = "00000000-0000-4000-8000-000000000000"
OTHER_UUID = "b1a2c3d4-0000-4000-8000-000000000099"
EKS = f"oidc.eks.us-west-2.amazonaws.com/id/{'0A' * 16}"
CONNECTION = "arn:aws:codeconnections:us-west-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
WHOLE: dict[str, Any] = {
    "registry": {"name": "acme", "account": "123456789012", "region": "ap-northeast-2"},
    "manage": ["repositories", "registry"],
    "required_tags": ["owner"],
    "replicas": {
        "us-west-2": {"namespaces": ["web"]},
        "eu-west-1": {"all_repositories": True, "registry_policy": REGISTRY_POLICY},
    },
    "registry_policy": REGISTRY_POLICY,
    "lifecycles": {"releases": [{"keep": {"tagged": "v*", "last": 5}}]},
    "defaults": {
        "owner": "me",
        "image_tag_mutability": "IMMUTABLE",
        "moving_tags": ["latest*"],
        "fixed_tags": [],
        "tags_must_match": ["v*", "latest*", "build-*"],
        "encryption_type": "KMS",
        "kms_key": "alias/ecr",
        "lifecycle": "releases",
        "scan_on_push": True,
        "empty_on_delete": False,
        "tags": {"a": "b"},
        "repository_policy": POLICY,
        "pull": ["nodes", "functions"],
    },
    "access": {
        "organization": "o-a1b2c3d4e5",
        "path": "/ci/",
        "permissions_boundary": "arn:aws:iam::123456789012:policy/b",
        "max_session_duration": 3600,
        "oidc_providers": ["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"],
    },
    "principals": {
        "ci": {"github": "acme/web", "owner_id": 1, "repository_id": 2, "branch": "main", "teams": [], "stack": "more"},
        "lab": {"gitlab": "acme/web", "gitlab_host": "git.example.com", "tag": "v*"},
        "nodes": {"role": "arn:aws:iam::210987654321:role/x", "outside_organization": True},
        "agent": {"role": "arn:aws:iam::123456789012:role/x", "without_boundary": True},
        "org": {"organization": "o-a1b2c3d4e5"},
        "unit": {"organizational_unit": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"},
        "functions": {"lambda_account": "123456789012", "lambda_function": "resize"},
        "thumbnails": {"lambda_account": "123456789012", "lambda_function_pattern": "thumb-*"},
        "several": {
            **{"github": "a/b", "owner_id": 1, "repository_id": 3, "branch": "main", "classic_subject": True},
            "also": [
                {"github": "a/c", "owner_id": 1, "repository_id": 4, "branch": "x"},
                {"tag": "v*"},
                {"environment": "prod"},
                {"pull_requests": True},
            ],
        },
        "projects": {"gitlab": "acme/api", "branch": "main", "also": [{"gitlab": "acme/old", "branch": "main"}]},
        "circle": {
            "circleci": {"organization": UUID, "project": UUID, "repository": "github.com/a/b"},
            "branch": "main",
            "also": [{"circleci": {"project": OTHER_UUID, "repository": "github.com/a/c"}, "branch": "main"}],
        },
        "kite": {
            **{"buildkite": {"organization": "a", "pipeline": "b"}, "branch": "main"},
            "also": [{"buildkite": {"pipeline": "c"}, "branch": "main"}],
        },
        "bucket": {
            "bitbucket": {"workspace": "a", "workspace_id": UUID, "repository_id": UUID, "deployment": UUID},
            "also": [
                {"bitbucket": {"repository_id": OTHER_UUID, "deployment": UUID}},
                {"bitbucket": {"repository_id": OTHER_UUID, "every_branch": True}},
            ],
        },
        "steps": {"bitbucket": {"workspace": "a", "workspace_id": UUID, "repository_id": UUID, "every_branch": True}},
        "runs": {
            "terraform": {
                "organization": "a",
                "project": "b",
                "workspace": "c",
                "run_phases": ["apply"],
                "host": "tfe.example.com",
                "audience": "aws",
            },
            "also": [{"terraform": {"project": "d", "workspace": "e", "run_phases": ["plan"]}}],
        },
        "irsa": {
            "irsa": {"issuer": EKS, "namespace": "a", "service_account": "b"},
            "also": [{"irsa": {"namespace": "c", "service_account": "d"}}],
        },
        "pods": {
            "pod_identity": {
                "cluster": "arn:aws:eks:ap-northeast-2:123456789012:cluster/c",
                "namespace": "a",
                "service_account": "b",
                "association": True,
            },
            "also": [
                {
                    "pod_identity": {
                        "cluster": "arn:aws:eks:ap-northeast-2:123456789012:cluster/d",
                        "namespace": "c",
                        "service_account": "d",
                    }
                }
            ],
        },
        "other": {
            "oidc": {"issuer": "id.example.com/x", "audience": "sts", "subject": "job"},
            "also": [{"oidc": {"subject": "other"}}, {"oidc": {"subject_pattern": "more:*"}}],
        },
        "others": {"oidc": {"issuer": "id.example.com/x", "audience": "sts", "subject_pattern": "job:*"}},
        "builds": {
            "service": {
                "name": "codebuild.amazonaws.com",
                "source_arn": "arn:aws:codebuild:us-west-2:123456789012:project/a",
            },
        },
        "every-build": {"service": {"name": "codebuild.amazonaws.com", "source_account": "123456789012"}},
        "partner": {"account": "345678901234", "every_role_writes": True},
    },
    "namespaces": {
        "web": {"shards": 2, "push": ["ci"], "promote": ["lab"], "pull": ["org", "unit"], "read": ["irsa"]},
        "small": {"stack": "small"},
    },
    "repositories": {
        "web/api": {"repository_policy": POLICY, "delete": ["ci"], "failover_push": ["ci"]},
        "web/ui": None,
    },
    "network": [
        {
            "account": "123456789012",
            "region": "ap-northeast-2",
            "vpc": {
                "id": "vpc-12345678",
                "cidr": ["10.0.0.0/16"],
                "subnets": ["subnet-12345678"],
                "security_groups": ["sg-12345678"],
                "existing": ["ecr.api"],
                "s3": "gateway",
                "route_tables": ["rtb-12345678"],
            },
            "also": ["sts"],
            "dual_stack": True,
            "callers": "organization",
            "pull_from": ["602401143452"],
            "pull_through_cache": True,
        },
        {"region": "us-west-2", "trial_vpc": {"name": "trial", "cidr": "10.99.0.0/24"}, "fips": True},
    ],
    "scanning": {
        "scan_type": "ENHANCED",
        "scan_on_push": ["*"],
        "continuous_scan": ["web/*"],
        "suppression_filters": True,
    },
    "account_settings": {"blob_mounting": "ENABLED"},
    "monitoring": {
        "severity": "HIGH",
        "events": ["scans", "deletions"],
        "trail": "arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all",
        "kms_key": {"us-west-2": "alias/messages"},
        "email": ["platform@example.com"],
        "https": ["https://hooks.example.com/ecr"],
        "sqs": ["arn:aws:sqs:ap-northeast-2:123456789012:events"],
        "slack": [{"workspace": "T0123ABCD", "channel": "C0123ABCD"}],
        "microsoft_teams": [
            {
                "tenant": "01234567-89ab-cdef-0123-456789abcdef",
                "team": "76543210-89ab-cdef-0123-456789abcdef",
                "channel": "19%3a0123456789abcdef%40thread.tacv2",
            }
        ],
        "teams": {
            "web": {"namespaces": ["web"], "severity": "LOW", "email": ["web@example.com"]},
            "me": {"owner": "me", "https": ["https://me.example.com"]},
        },
        "alarms": {
            "quota_percent": 80,
            "quotas": {
                "images_per_repository": 1,
                "registered_repositories": 1,
                "calls_per_second": {"PutImage": 20},
            },
            "watch": ["images", "calls"],
            "pulls_stop": [{"repositories": ["web/*"], "hours": 6, "locations": ["ap-northeast-2"]}],
        },
        "dashboards": ["web"],
    },
    "kms_keys": {"alias/images": {"rotation_period_in_days": 365, "pending_window_in_days": 30}},
    "creation_templates": {
        "hub": {
            "applied_for": ["PULL_THROUGH_CACHE"],
            "description": "d",
            "image_tag_mutability": "IMMUTABLE",
            "moving_tags": ["latest"],
            "fixed_tags": [],
            "encryption_type": "KMS",
            "kms_key": KEY,
            "lifecycle": "releases",
            "repository_policy": POLICY,
            "tags": {"a": "b"},
            "custom_role_arn": ROLE,
        },
        "ROOT": {"applied_for": ["PULL_THROUGH_CACHE", "CREATE_ON_PUSH"]},
    },
    "pull_through_cache_rules": {
        "hub": {
            "upstream_registry": "docker-hub",
            "upstream_registry_url": "registry-1.docker.io",
            "upstream_repository_prefix": "library",
            "credential_arn": {"us-west-2": SECRET.replace("ap-northeast-2", "us-west-2"), "ap-northeast-2": SECRET},
            "locations": ["us-west-2", "ap-northeast-2"],
        },
        "gh": {"upstream_registry": "github-container-registry", "secret": "ecr-pullthroughcache/gh"},
        "ecr": {
            "upstream_registry": "ecr",
            "upstream_registry_url": "210987654321.dkr.ecr.us-east-1.amazonaws.com",
            "custom_role_arn": ROLE,
        },
    },
    "signing": [
        {
            "signing_profile_arn": "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases",
            "repository_filters": ["web/*"],
        },
        {"signing_profile": "releases", "repository_filters": ["data/*"]},
    ],
    "signing_profiles": {"releases": {"signature_validity_in_months": 12}},
    "pull_time_update_exclusions": [ROLE],
    "accepted_findings": {"CVE-2026-1": {"repositories": ["web/api"], "reason": "none", "until": "2027-06-30"}},
    "public_repositories": {
        "hello": {
            "repository_description": "What it is",
            "about_text": "What is in it",
            "usage_text": "How it is used",
            "operating_systems": ["Linux"],
            "architectures": ["x86-64"],
            "owner": "team-web",
            "tags": {"cost-center": "42"},
            "push": ["ci"],
        }
    },
    "pipelines": {
        "web/api": {
            "connection": CONNECTION,
            "source": "acme/web",
            "branch": "main",
            "context": ".",
            "dockerfile": "Dockerfile",
            "platforms": ["linux/amd64"],
            "compute": "SMALL",
            "test": ["make test"],
            "cache": "latest",
            "buildkit": "moby/buildkit:v0.25.1",
            "provenance": False,
            "scan_gate": "HIGH",
            "version_file": "VERSION",
            "promote_to": ["latest"],
            "approval": ["latest"],
            "deploy": {"latest": {"lambda_function": {"function": "f", "alias": "live"}}},
            "log_retention_in_days": 30,
        },
        "web/ui": {
            "connection": CONNECTION,
            "source": "acme/web",
            "promote_to": ["latest"],
            "deploy": {"latest": {"ecs_service": {"cluster": "c", "service": "s", "container": "x", "roles": [ROLE]}}},
        },
    },
    "budgets": {"me": 100},
    "acceptances": [],
}


def paths(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """Where something stands in a document."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield (*path, step)
        yield from paths(inner, (*path, step))


anything = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "*", "x", "ROOT", "arn:", "us-west-2", "ecr"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "*", "AWS", "add"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """The whole file with one to three places removed, or with something else in them."""
    data = copy.deepcopy(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        *above, step = draw(st.sampled_from(list(paths(data))))
        parent: Any = data
        for key in above:
            parent = parent[key]
        if draw(st.booleans()):
            parent[step] = draw(anything)
        else:
            del parent[step]
    return data


@examples(150)
@given(damaged())
def test_no_damage_makes_it_raise(data: dict[str, Any]) -> None:
    survives(json.dumps(data).encode())


def test_the_file_is_accepted_as_long_as_nothing_is_damaged() -> None:
    outcome = check_sources(parse(json.dumps(WHOLE).encode(), "f.yaml"))
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))


def test_every_key_that_stands_once_in_an_account_occurs() -> None:
    written = {step for path in paths(WHOLE) for step in path}
    of_lifecycles = {key for shape in shapes() if "lifecycles" in shape.__module__ for key in keys_of(shape)}
    wanted: list[type[Shape]] = [
        FileShape,
        Settings,
        *(s for s in shapes() if s.__module__.rpartition(".")[2] in ("registry_wide", "network", "pipeline")),
    ]
    assert {key for shape in wanted for key in keys_of(shape)} - of_lifecycles - written <= {"include"}
