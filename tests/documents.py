"""Registries as hypothesis draws them: most are accepted, every key occurs, layers overlap."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from registry.reading.document import Document
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse

Map = dict[str, Any]

REGIONS = ("us-west-2", "eu-west-1", "210987654321/eu-west-1", "210987654321/ap-northeast-2")
REPLICA_SWITCHES = ("delete_replication", "all_repositories")
NAMESPACES = ("web", "data", "a__b")
LIFECYCLES: Map = {
    "releases": [
        {"protect": {"tagged": {"any_of": ["prod*", "champion"]}}},
        {"keep": {"tagged": "v*", "last": 5}},
        {"expire": {"untagged": True, "after_days": 1}},
    ],
    "cold": [
        {"archive": {"tagged": {"all_of": ["model-*", "*-final"]}, "unpulled_days": 90}},
        {"expire_archived": {"any": True, "after_days": 365}},
    ],
    "own": {
        "rules": [
            {
                "rulePriority": 3,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 100},
                "action": {"type": "expire"},
            }
        ]
    },
    "none": [],
}
POLICY: Map = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {"StringLike": {"aws:SourceArn": "arn:aws:lambda:ap-northeast-2:123456789012:function:*"}},
        }
    ],
}
REGISTRY_POLICY: Map = {
    "Statement": [
        {**POLICY["Statement"][0], "Resource": "arn:aws:ecr:ap-northeast-2:123456789012:repository/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "ecr:DeleteRepository", "NotResource": "*/web/x"},
    ],
}
CONNECTION = "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef"
PROFILE = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"
filters = st.sampled_from([[], ["*"], ["web/*", "data/api"]])
PREFIXES = st.sampled_from([["hub"], ["ROOT", "hub"], ["quay/x"], ["web/a__b", "hub"]])
TEMPLATES = st.fixed_dictionaries(
    {"applied_for": st.sampled_from([["REPLICATION"], ["PULL_THROUGH_CACHE", "CREATE_ON_PUSH"]])},
    optional={"fixed_tags": st.just(["v*"]), "lifecycle": st.sampled_from([*LIFECYCLES])},
)
CACHES = st.sampled_from(
    [
        {"upstream_registry": "quay"},
        {"upstream_registry": "k8s", "upstream_repository_prefix": "e2e-test-images"},
        {"upstream_registry": "docker-hub", "secret": "ecr-pullthroughcache/hub", "locations": ["us-west-2"]},
        {
            "upstream_registry": "ecr",
            "upstream_registry_url": "345678901234.dkr.ecr.eu-west-1.amazonaws.com",
            "locations": ["ap-northeast-2", "210987654321/eu-west-1"],
        },
    ]
)
TRAIL = "arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all"
QUEUE = "arn:aws:sqs:ap-northeast-2:123456789012:events"
SLACK = {"workspace": "T0123ABCD", "channel": "C0123ABCD"}
MICROSOFT_TEAMS = {
    "tenant": "01234567-89ab-cdef-0123-456789abcdef",
    "team": "76543210-89ab-cdef-0123-456789abcdef",
    "channel": "19%3a0123456789abcdef%40thread.tacv2",
}
SEVERITIES = st.sampled_from(["CRITICAL", "LOW"])
TARGETS: Map = {
    "email": st.sampled_from([[], ["platform@example.com"], ["platform@example.com", "a.b+c@example.com"]]),
    "https": st.just(["https://hooks.example.com/ecr?team=web"]),
    "sqs": st.just([QUEUE]),
    "slack": st.sampled_from([[], [SLACK], [SLACK, {"workspace": "T0123ABCD", "channel": "C9"}]]),
    "microsoft_teams": st.just([MICROSOFT_TEAMS]),
}
TEAMS = st.fixed_dictionaries(
    {"namespaces": st.sampled_from([["web"], ["_", "data"]])}, optional={"severity": SEVERITIES, **TARGETS}
) | st.fixed_dictionaries({"owner": st.sampled_from(["team-web", "Ops and Co"])}, optional=TARGETS)
QUOTAS: Map = {"images_per_repository": 200_000, "registered_repositories": 5, "calls_per_second": {"PutImage": 20}}
ALARMS = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "quota_percent": st.sampled_from([50, 90]),
        "quotas": st.just(QUOTAS),
        "watch": st.sampled_from([[], ["images"], ["repositories", "delivery"]]),
        "pulls_stop": st.sampled_from([[{"repositories": ["*"], "hours": 6}], [{"repositories": ["*"], "hours": 24}]]),
    },
)
MONITORING = st.fixed_dictionaries(
    {},
    optional={
        "severity": SEVERITIES,
        "events": st.sampled_from([["scans", "tags"], ["replication", "pull_through_cache", "findings"]]),
        "trail": st.just(TRAIL),
        "kms_key": st.sampled_from(["alias/messages", {"us-west-2": "alias/other"}]),
        "teams": st.dictionaries(st.sampled_from(["web", "web-ops"]), TEAMS, max_size=2),
        "alarms": ALARMS,
        "dashboards": st.sampled_from([[], ["*"]]),
        **TARGETS,
    },
)
EXCLUDED = "arn:aws:iam::345678901234:role/scanner"
ACCEPTED = st.fixed_dictionaries(
    {
        "repositories": st.sampled_from([["web/*"], ["api", "data/*"]]),
        "reason": st.sampled_from(["It is never called.", "No version fixes it."]),
        "until": st.sampled_from(["2027-06-30", "2099-12-31"]),
    }
)
PUBLIC = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "repository_description": st.just("What it is"),
        "about_text": st.just("# What is in it\n"),
        "usage_text": st.just("`docker pull`"),
        "operating_systems": st.just(["Linux", "Windows"]),
        "architectures": st.just(["ARM 64"]),
        "owner": st.just("Ops and Co"),
        "tags": st.just({"team": "x"}),
        "push": st.lists(st.sampled_from(["ci", "runtime", "nodes", "partner"]), max_size=2, unique=True),
    },
)
#: Keys of what AWS keeps once per account and region, and of what is watched there.
REGISTRY_WIDE = st.fixed_dictionaries(
    {},
    optional={
        "scanning": st.fixed_dictionaries(
            {"scan_type": st.just("ENHANCED")},
            optional={"suppression_filters": st.just(True), "scan_on_push": filters, "continuous_scan": filters},
        ),
        "registry_policy": st.just(REGISTRY_POLICY),
        "creation_templates": st.builds(dict.fromkeys, PREFIXES, TEMPLATES),
        "pull_through_cache_rules": st.builds(dict.fromkeys, PREFIXES, CACHES),
        "monitoring": MONITORING,
        "public_repositories": st.dictionaries(st.sampled_from(["hello", "tools/base"]), PUBLIC, max_size=2),
        "signing": st.sampled_from(
            [
                [],
                [{"signing_profile_arn": PROFILE}],
                [{"signing_profile_arn": PROFILE, "repository_filters": ["web/*"]}],
                [{"signing_profile": "releases"}, {"signing_profile": "models", "repository_filters": ["data/*"]}],
                [{"signing_profile": "models", "repository_filters": ["web/*", "*"]}],
            ]
        ),
        "pull_time_update_exclusions": st.sampled_from([[], ["nodes"], ["nodes", "ci", EXCLUDED]]),
        "accepted_findings": st.dictionaries(st.sampled_from(["CVE-2026-1", "GHSA-a1b2"]), ACCEPTED, max_size=2),
        "signing_profiles": st.sampled_from(
            [
                {"releases": None, "models": {"signature_validity_in_months": 12}},
                {"releases": {"signature_validity_in_months": 24}, "models": {}},
            ]
        ),
    },
)
UUIDS = tuple(f"00000000-0000-4000-8000-00000000000{number}" for number in range(3))
#: Principals of every kind; team files may grant to all of them.
_SHAPES: dict[str, Map] = {
    "ci": {"github": "acme/web", "owner_id": 84790634, "repository_id": 1304267049, "branch": "main"},
    "prod": {"github": "acme/web", "owner_id": 84790634, "repository_id": 1304267049, "environment": "prod"},
    "lab": {"gitlab": "acme/team/web", "branch": "main"},
    "runtime": {"role": "arn:aws:iam::123456789012:role/jobs/runtime"},
    "nodes": {"role": "arn:aws:iam::210987654321:role/eks-node"},
    "partner": {"role": "arn:aws:iam::345678901234:role/x", "outside_organization": True},
    "account": {"account": "456789012345"},
    "org": {"organization": "o-a1b2c3d4e5"},
    "unit": {"organizational_unit": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"},
    "functions": {"lambda_account": "123456789012"},
    "thumbnails": {"lambda_account": "123456789012", "lambda_function_pattern": "thumb-*"},
    "several": {
        **{"github": "acme/api", "owner_id": 84790634, "repository_id": 7, "branch": "main", "classic_subject": True},
        "also": [{"branch": "next"}, {"github": "acme/old", "tag": "v*"}],
    },
    "circle": {
        "circleci": {"organization": UUIDS[0], "project": UUIDS[1], "repository": "github.com/acme/web"},
        "tag": "v*",
        "also": [{"circleci": {"project": UUIDS[2], "repository": "github.com/acme/api"}, "branch": "main"}],
    },
    "kite": {
        **{"buildkite": {"organization": "acme", "pipeline": "web"}, "branch": "main"},
        "also": [{"buildkite": {"pipeline": "api"}, "tag": "v*"}],
    },
    "bucket": {
        "bitbucket": {"workspace": "a", "workspace_id": UUIDS[0], "repository_id": UUIDS[1], "deployment": UUIDS[2]},
        "also": [{"bitbucket": {"repository_id": UUIDS[0], "every_branch": True}}],
    },
    "runs": {
        "terraform": {"organization": "a", "project": "b c", "workspace": "d", "run_phases": ["plan", "apply"]},
        "also": [{"terraform": {"project": "e", "workspace": "f", "run_phases": ["plan"]}}],
    },
    "irsa": {
        "irsa": {
            **{"issuer": f"oidc.eks.us-west-2.amazonaws.com/id/{'0A' * 16}", "namespace": "a", "service_account": "b"},
        },
        "also": [{"irsa": {"namespace": "c", "service_account": "d"}}],
    },
    "pods": {
        "pod_identity": {
            **{"cluster": "arn:aws:eks:us-west-2:123456789012:cluster/c", "namespace": "a", "service_account": "b"},
        },
        "also": [{"pod_identity": {"namespace": "c", "service_account": "d"}}],
    },
    "other": {
        "oidc": {"issuer": "id.example.com/x", "audience": "sts", "subject_pattern": "job:*"},
        "also": [{"oidc": {"subject": "one"}}, {"oidc": {"subject_pattern": "two:*"}}],
    },
    "builds": {"service": {"name": "codebuild.amazonaws.com", "source_account": "123456789012"}},
}
PRINCIPALS: Map = {name: {**shape, "teams": ["*"]} for name, shape in _SHAPES.items()}
#: Some of those that get something in an Access stack: their stacks may be others.
_IN_STACKS = ("ci", "runtime", "pods", "circle")
pullers = st.lists(st.sampled_from([*PRINCIPALS]), max_size=2, unique=True)
readers = st.lists(
    st.sampled_from([it for it in PRINCIPALS if it not in ("functions", "thumbnails", "builds")]),
    max_size=2,
    unique=True,
)
writers = st.lists(st.sampled_from(["ci", "prod", "lab", "runtime", "nodes", "partner", "circle", "pods"]), max_size=1)


def granted() -> st.SearchStrategy[Map]:
    """The grants of one layer."""
    return st.fixed_dictionaries(
        {},
        optional={
            "pull": pullers,
            "read": readers,
            **dict.fromkeys(("push", "promote", "delete", "failover_push"), writers),
        },
    )


patterns = st.lists(st.sampled_from(["latest", "v*.x", "dev", "prod"]), max_size=3, unique=True)
added = patterns | patterns.map(lambda words: {"add": words[:1]})


def settings() -> st.SearchStrategy[Map]:
    """The settings of one layer; some contradict those of another, and are refused."""
    return st.builds(lambda said, grants: {**said, **grants}, _said(), granted())


def _said() -> st.SearchStrategy[Map]:
    return st.fixed_dictionaries(
        {},
        optional={
            "owner": st.sampled_from(["team-web", "Ops and Co"]),
            "image_tag_mutability": st.just("IMMUTABLE"),
            "moving_tags": added,
            "tags_must_match": st.sampled_from([[], ["*"], ["v*", "latest", "dev", "prod"]]),
            "encryption_type": st.sampled_from(["AES256", "KMS"]),
            "lifecycle": st.sampled_from([*LIFECYCLES, "untagged-14-days"]),
            "empty_on_delete": st.booleans(),
            "scan_on_push": st.booleans(),
            "repository_policy": st.just(POLICY),
            "tags": st.dictionaries(st.sampled_from(["team", "cost center", "a/b"]), st.just("x"), max_size=2),
        },
    ) | st.sampled_from(
        [
            {"image_tag_mutability": "MUTABLE", "moving_tags": []},
            {"image_tag_mutability": "MUTABLE", "moving_tags": [], "fixed_tags": ["v*"]},
            {"encryption_type": "KMS", "kms_key": "alias/ecr"},
            {"encryption_type": "KMS", "kms_key": {"*": "alias/other"}},
            {"encryption_type": "KMS", "kms_key": {"us-west-2": "alias/made", "*": "alias/ecr"}},
        ]
    )


def repositories(namespace: str) -> st.SearchStrategy[Map]:
    """The repositories of a namespace, by their full names; `_` has names without one."""
    prefix = "" if namespace == "_" else f"{namespace}/"
    names = st.sampled_from(["api", "a--b", "a.b/c", "x_y", "0"]).map(lambda name: f"{prefix}{name}{name}")
    return st.dictionaries(names, settings() | st.none(), min_size=1, max_size=3)


def pipelines(repositories: list[str]) -> st.SearchStrategy[Map]:
    """Pipelines for at most two of the repositories, which promote to nothing that must be able to move."""
    shape = st.fixed_dictionaries(
        {"connection": st.just(CONNECTION), "source": st.just("acme/web"), "scan_gate": st.just("NONE")},
        optional={
            "platforms": st.sampled_from([["linux/arm64"], ["linux/amd64", "linux/arm64"]]),
            "test": st.just(["make test"]),
            "version_file": st.just("VERSION"),
            "provenance": st.booleans(),
            "log_retention_in_days": st.sampled_from([1, 30]),
        },
    )
    return st.dictionaries(st.sampled_from(repositories or ["none"]), shape, max_size=2 if repositories else 0)


@st.composite
def registries(draw: st.DrawFn) -> tuple[Map, dict[str, Map]]:
    """A root file and its team files, as data."""
    root: Map = {"registry": {"name": "acme", "account": "123456789012", "region": "ap-northeast-2"}}
    namespaces = draw(st.lists(st.sampled_from(NAMESPACES), unique=True, max_size=3))
    owned = namespaces[: draw(st.integers(0, 2))]
    root["lifecycles"] = LIFECYCLES
    root["principals"] = {
        name: {key: value for key, value in shape.items() if key != "teams" or owned}
        for name, shape in PRINCIPALS.items()
    }
    root["kms_keys"] = draw(st.sampled_from([{}, {"alias/made": None, "alias/ecr": {"rotation_period_in_days": 90}}]))
    root["budgets"] = draw(st.sampled_from([{}, {"team-web": 200, "Ops and Co": 1}]))
    root["access"] = draw(st.sampled_from([{}, {"path": "/ci/", "organization": "o-a1b2c3d4e5"}]))
    root["repositories"] = draw(repositories("_"))
    for namespace in namespaces[len(owned) :]:
        root["repositories"] |= draw(repositories(namespace))
    root["defaults"] = draw(settings())
    root["namespaces"] = {
        namespace: draw(settings()) | draw(st.sampled_from([{}, {"shards": 3}, {"stack": "small"}]))
        for namespace in namespaces
    }
    root["replicas"] = {
        region: draw(
            st.sampled_from([None, {"namespaces": namespaces[:1]}, *({key: True} for key in REPLICA_SWITCHES)])
        )
        if namespaces
        else None
        for region in draw(st.lists(st.sampled_from(REGIONS), unique=True))
    }
    movable = [*_IN_STACKS, *(["nodes"] if any("/" in region for region in root["replicas"]) else [])]
    for name in draw(st.lists(st.sampled_from(movable), max_size=2, unique=True)):
        root["principals"][name] |= {"stack": draw(st.sampled_from(["more", "jobs"]))}
    teams = {
        f"teams/{namespace}.yaml": {
            "namespace": namespace,
            "defaults": draw(settings()),
            "repositories": draw(repositories(namespace)),
        }
        for namespace in owned
    }
    root |= draw(REGISTRY_WIDE)
    root["pipelines"] = draw(pipelines([*root["repositories"]]))
    if teams:
        root["include"] = ["teams/*.yaml"]
    return root, teams


def sources(root: Map, teams: dict[str, Map]) -> Sources:
    """The same as files that have been read."""
    return Sources(_read(root, "registry.yaml"), {name: _read(team, name) for name, team in sorted(teams.items())})


def _read(data: Map, name: str) -> Document:
    return parse(json.dumps(data).encode(), name)
