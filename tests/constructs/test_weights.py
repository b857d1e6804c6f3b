"""What stacks are estimated to come to, against what is synthesized; and that every stack is weighed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registry.access.trust import trust_policy
from registry.load import check_sources
from registry.locations import Location
from registry.model import MadeRole, Registry
from registry.reading.yaml_reader import parse
from registry.rules.weights import Weight, access_parts, monitoring_weight, registry_parts, total
from tests.synth import SMALL, declared, synthesized

HEAVY = (
    "access: {permissions_boundary: 'arn:aws:iam::123456789012:policy/boundary', path: /of/the/registry/}\n"
    "replicas: {us-west-2: , 210987654321/eu-west-1: {namespaces: [n1, n2, n3]}}\n"
    "principals:\n"
    + "".join(
        f"  p{n}: {{gitlab: acme/p{n}, gitlab_host: git{n}.example.com, branch: main{', stack: more' * (n > 30)}}}\n"
        for n in range(40)
    )
    + "  nodes: {role: 'arn:aws:iam::123456789012:role/nodes'}\n"
    "  there: {role: 'arn:aws:iam::210987654321:role/nodes'}\n"
    + "kms_keys: {"
    + ", ".join(f"alias/k{n}: " for n in range(40))
    + "}\ncreation_templates:\n"
    + "".join(
        f"  t{n}: {{applied_for: [PULL_THROUGH_CACHE], encryption_type: KMS, kms_key: alias/k{n}, tags: {{a: b}}}}\n"
        for n in range(40)
    )
    + "pull_through_cache_rules: {"
    + ", ".join(f"t{n}: {{upstream_registry: quay}}" for n in range(40))
    + "}\nnamespaces: {"
    + ", ".join(f"t{n}: {{pull: [nodes, there]}}" for n in range(40))
    + "}\nsigning: [{signing_profile_arn: 'arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases', "
    "repository_filters: [" + ", ".join(f"n{n}/*" for n in range(90)) + "]}]\n"
    "monitoring:\n"
    "  trail: 'arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all'\n"
    "  kms_key: {us-west-2: alias/messages}\n"
    "  email: [platform@example.com]\n"
    "  alarms: {pulls_stop: [{repositories: ['n1/*', 'n2/*'], hours: 6}]}\n"
    "  dashboards: [n1, n2, n3]\n"
    "  teams:\n"
    + "".join(
        f"    t{n}: {{namespaces: [n{n}, n{n + 1}], https: ['https://hooks.example.com/a/long/path/{n}']}}\n"
        for n in range(30)
    )
    + "repositories:\n"
    + "".join(f"  n{n % 40}/s{n}: {{push: [p{n % 40}], pull: [nodes, there], tags: {{team: t}}}}\n" for n in range(400))
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, dict[str, Weight]]:
    """A heavy registry, and what its Access and Registry stacks come to as CloudFormation gets them."""
    registry = declared(SMALL + HEAVY)
    folder = tmp_path_factory.mktemp("weights")
    app, _ = synthesized(registry, folder)
    stacks: dict[str, Weight] = {}
    for stack in app.synth().stacks_recursively:
        text = Path(stack.template_full_path).read_text(encoding="utf-8")
        path = stack.hierarchical_id
        stacks[path] = Weight(resources=len(json.loads(text)["Resources"]), size=len(text.encode()))
    return registry, stacks


def estimated(registry: Registry, path: str) -> Weight:
    account, region, kind = path.split("/")
    if kind == "Monitoring":
        return monitoring_weight(registry, Location(account, region))
    if kind == "Registry":
        return total(registry_parts(registry, Location(account, region)).values())
    return total(access_parts(registry, account, kind.removeprefix("Access").removeprefix("-")).values())


def test_resources_are_counted_and_bytes_estimated_a_little_above(made: tuple[Registry, dict[str, Weight]]) -> None:
    registry, stacks = made
    weighed = [
        path for path in stacks if path.rpartition("/")[2] in ("Access", "Access-more", "Monitoring", "Registry")
    ]
    assert len(weighed) == 9
    for path in weighed:
        found, real = estimated(registry, path), stacks[path]
        assert found.resources == real.resources, path
        assert real.size <= found.size <= 2 * real.size + 5_000, path


CLUSTER = "arn:aws:eks:ap-northeast-2:123456789012:cluster/c"
ISSUER = "issuer: ci.example.com, audience: a"


@pytest.mark.parametrize(
    ("alone", "further"),
    [
        (
            f"pod_identity: {{cluster: '{CLUSTER}', namespace: n, service_account: s}}",
            [f"pod_identity: {{service_account: s{n}}}" for n in range(16)],
        ),
        (f"oidc: {{{ISSUER}, subject: s}}", ["oidc: {subject: t}", "oidc: {subject_pattern: 'u:*'}"]),
    ],
)
def test_each_identity_that_takes_a_role_is_weighed_as_it_stands_in_a_template(alone: str, further: list[str]) -> None:
    estimates, real = [], []
    for also in ([], further):
        each = f"{{{alone}, also: [{', '.join(f'{{{it}}}' for it in also)}]}}"
        registry = declared(f"{SMALL}principals: {{ci: {each}}}\nrepositories: {{web/api: {{pull: [ci]}}}}\n")
        (principal,) = registry.principals
        assert isinstance(principal, MadeRole)
        trust = trust_policy(principal, registry.account, registry.region)
        real.append(len(json.dumps({"Resources": {"Role": {"Properties": {"Trust": trust}}}}, indent=1)))
        estimates.append(access_parts(registry, registry.account)["roles"].size)
    assert real[1] - real[0] <= estimates[1] - estimates[0] <= 2 * (real[1] - real[0])


def findings(text: str) -> dict[str, Any]:
    return {each.rule: each for each in check_sources(parse((SMALL + text).encode(), "f.yaml")).findings}


def roles(count: int, repositories: int) -> str:
    names = [f"web{n // 100}/service-{n}" for n in range(repositories)]
    return (
        "principals:\n"
        + "".join(f"  p{n}: {{role: 'arn:aws:iam::123456789012:role/p{n}'}}\n" for n in range(count))
        + "repositories:\n"
        + "".join(f"  {name}: {{pull: [{', '.join(f'p{n}' for n in range(count))}]}}\n" for name in names)
    )


def test_bytes_of_the_access_stack_are_weighed() -> None:
    assert "access-stack-size" not in findings(roles(20, 300))
    found = findings(roles(60, 300))["access-stack-size"]
    assert found.position.line == 2
    assert "a template of about 1.7 MB" in found.given
    assert "namespaces" in found.way_out


def hosts(count: int, rest: str = "") -> str:
    return (
        "principals:\n"
        + "".join(
            f"  p{n}: {{gitlab: acme/p{n}, gitlab_host: git{n}.example.com, branch: main}}\n" for n in range(count)
        )
        + f"repositories: {{web/api: {{pull: [{', '.join(f'p{n}' for n in range(count))}]}}}}\n{rest}"
    )


def test_providers_count_as_resources_and_the_way_out_takes_them_out() -> None:
    assert "access-stack-size" not in findings(hosts(159))  # 3 each, and the audit policy
    assert findings(hosts(160))["access-stack-size"].given.startswith("481 resources")
    arns = ", ".join(f"'arn:aws:iam::123456789012:oidc-provider/git{n}.example.com'" for n in range(160))
    assert "access-stack-size" not in findings(hosts(160, f"access: {{oidc_providers: [{arns}]}}\n"))


def keys(count: int) -> str:
    return (
        "kms_keys: {" + ", ".join(f"alias/k{n}: " for n in range(count)) + "}\nrepositories: {"
        + ", ".join(f"n{n}/a: {{encryption_type: KMS, kms_key: alias/k{n}}}" for n in range(count)) + "}\n"
    )  # fmt: skip


def test_kms_keys_are_weighed() -> None:
    assert "registry-stack-size" not in findings(keys(239))
    found = findings(keys(240))["registry-stack-size"]
    assert found.given.startswith("481 resources")
    assert "share keys" in found.way_out
    assert found.position.line == 2


def test_the_creation_roles_policy_is_split_as_iam_wants_it(tmp_path: Path) -> None:
    namespaces = [f"namespace-{n}" for n in range(24)]
    text = (
        "replicas: {us-east-1: , us-west-2: , eu-west-1: , eu-west-2: }\ndefaults: {tags: {team: it}}\n"
        "repositories: {" + ", ".join(f"{name}/api: " for name in namespaces) + "}\n"
    )
    _, templates = synthesized(declared(SMALL + text), tmp_path)
    access = templates["123456789012/ap-northeast-2/Access"]["Resources"].values()
    policies = {
        each["Properties"]["ManagedPolicyName"]: each["Properties"]
        for each in access
        if each["Properties"].get("ManagedPolicyName", "").startswith("acme-ecr-creation")
    }
    assert set(policies) == {"acme-ecr-creation-templates", "acme-ecr-creation-templates-2"}
    named = [arn for each in policies.values() for it in each["PolicyDocument"]["Statement"] for arn in it["Resource"]]
    assert len(named) == len(set(named)) == 24 * 4
    for each in policies.values():
        assert len(json.dumps(each["PolicyDocument"], separators=(",", ":"))) <= 6_144
        assert each["Roles"] == policies["acme-ecr-creation-templates"]["Roles"]


def test_ten_thousand_repositories_with_namespaces_and_four_replicas_fit() -> None:
    """The bar: every template is within CloudFormation's limits, with grants on namespaces."""
    names = [f"team{n:03}" for n in range(100)]
    text = (
        "replicas: {us-east-1: , us-west-2: , eu-west-1: , eu-central-1: }\nprincipals:\n"
        + "".join(f"  {name}: {{gitlab: acme/{name}, branch: main}}\n" for name in names)
        + "namespaces:\n"
        + "".join(f"  {name}: {{push: [{name}], tags: {{team: {name}}}}}\n" for name in names)
        + "repositories:\n"
        + "".join(f"  {name}/app-{n:02}:\n" for name in names for n in range(100))
    )
    registry = declared(SMALL + text)
    assert (len(registry.repositories), len(registry.locations)) == (10_000, 5)
    for path in ["123456789012/ap-northeast-2/Access", *(f"{at}/Registry" for at in registry.locations)]:
        weight = estimated(registry, path)
        assert (weight.resources <= 500, weight.size <= 1_000_000) == (True, True), path
