"""Both sides of limits that only a deploy would meet: quotas, caches and signing, regions, addresses, keys."""

from __future__ import annotations

from typing import Any

import pytest

from registry.load import check_sources
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from tests.synth import SMALL, declared

API = "repositories: {web/api: }\n"
PROFILE = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"
REGIONS = (
    *(f"{area}-{side}-{n}" for area in ("us", "eu") for side in ("east", "west") for n in (1, 2)),
    *(f"ap-{side}-{n}" for side in ("northeast", "south", "southeast") for n in (1, 2)),
)
NODES = 'principals: {nodes: {role: "arn:aws:iam::123456789012:role/nodes"}}\n'


def told(text: str, begin: str = SMALL) -> dict[str, Any]:
    """The findings by rule: of several the last."""
    return {each.rule: each for each in check_sources(parse((begin + text).encode(), "f.yaml")).findings}


def template(rest: str, applied_for: str = "PULL_THROUGH_CACHE") -> str:
    return f"creation_templates: {{it: {{applied_for: [{applied_for}], {rest}}}}}\n{API}"


def signed(filters: str, prefix: str = "hub") -> str:
    return (
        f"signing: [{{signing_profile_arn: '{PROFILE}'{filters}}}]\n"
        f"pull_through_cache_rules: {{{prefix}: {{upstream_registry: k8s}}}}\n"
        f"creation_templates: {{ROOT: {{applied_for: [PULL_THROUGH_CACHE]}}}}\n{API}"
    )


def apart(count: int) -> str:
    """Replicas of which each receives a namespace of its own, so that each needs a rule."""
    replicas = "".join(f"  {region}: {{namespaces: [n{n}]}}\n" for n, region in enumerate(REGIONS[:count]))
    return f"replicas:\n{replicas}repositories: {{{', '.join(f'n{n}/a: ' for n in range(count))}}}\n"


def pulling(count: int) -> str:
    """Grants on so many repositories with long names; some thirty fill a policy."""
    names = "".join(f"  {'x' * 200}{n:03}/api: {{pull: [nodes]}}\n" for n in range(count))
    return f"{NODES}repositories:\n{names}"


def trusting(length: int) -> str:
    """A role whose trust policy has about 230 characters more."""
    role = f"principals: {{ci: {{gitlab: acme/{'x' * length}, branch: main}}}}\n"
    return role + "repositories: {web/api: {push: [ci]}}\n"


def published(count: int) -> str:
    """Public repositories with texts as long as they may be."""
    rows = "".join(f"  p{n}: {{about_text: {'a' * 10_240}, usage_text: {'b' * 10_240}}}\n" for n in range(count))
    return f"{API}public_repositories:\n{rows}"


def network(switches: str, region: str = "us-east-1") -> str:
    return (
        f'registry: {{name: acme, account: "123456789012", region: {region}}}\n{NODES}'
        "pull_through_cache_rules: {k8s: {upstream_registry: k8s}}\n"
        "creation_templates: {ROOT: {applied_for: [PULL_THROUGH_CACHE]}}\nnamespaces: {k8s: {pull: [nodes]}}\n"
        f"{API}network: [{{vpc: {{id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [subnet-12345678]}}, {switches}}}]\n"
    )


def telling(tags: int = 1, teams: int = 0, events: str = "[tags]") -> str:
    """A repository with so many tags that are allowed, of which so many teams hear."""
    patterns = ", ".join(f"{'x' * 100}{n:03}*" for n in range(tags))
    heard = "".join(f"    t{n:03}: {{namespaces: [web], email: [t@example.com]}}\n" for n in range(teams))
    return (
        f"repositories: {{web/api: {{tags_must_match: [{patterns}]}}}}\n"
        f"monitoring:\n  email: [a@example.com]\n  events: {events}\n" + (f"  teams:\n{heard}" if teams else "")
    )


@pytest.mark.parametrize(
    ("rule", "legal", "refused"),
    [
        ("monitoring-pattern", telling(tags=16), telling(tags=17)),
        ("monitoring-stack-size", telling(teams=117), telling(teams=120)),
        ("monitoring-nobody", telling().replace("email: [a@example.com]", "slack: [{workspace: T1, channel: C1}]"),
         telling().replace("  email: [a@example.com]\n", "")),
        ("monitoring-nobody", telling(), telling().replace("  email: [a@example.com]\n", "")),
        ("cache-lifecycle", template(""), template("lifecycle: untagged-14-days")),
        ("cache-lifecycle", template("lifecycle: untagged-14-days", "CREATE_ON_PUSH"),
         template("lifecycle: untagged-14-days", "CREATE_ON_PUSH, PULL_THROUGH_CACHE")),
        ("cache-lifecycle",
         "lifecycles: {a: [{protect: {tagged: v*}}, {archive: {untagged: true, unpulled_days: 9}}]}\n"
         + template("lifecycle: a"),
         "lifecycles: {a: [{protect: {tagged: v*}}, {keep: {any: true, last: 9}}]}\n" + template("lifecycle: a")),
        ("signing-cache", signed(", repository_filters: [web/*, hubs/*]"), signed(", repository_filters: [hub*]")),
        ("signing-cache", signed(", repository_filters: [web/*]"), signed("")),
        ("signing-cache", signed(", repository_filters: [web/*]", "ROOT"),
         signed(", repository_filters: ['*']", "ROOT")),
        ("replication-quota", apart(10), apart(11)),
        ("access-policy-count", pulling(150), pulling(300)),
        ("access-policy-length", pulling(360), pulling(560)),
        ("access-trust-quota", trusting(1_700), trusting(1_800)),
        ("access-trust-length", trusting(7_800), trusting(8_000)),
        ("region-known", f"replicas: {{us-west-2: }}\n{API}", f"replicas: {{us-wst-2: }}\n{API}"),
        ("region-known", f"replicas: {{210987654321/us-west-2: }}\n{API}",
         f"replicas: {{210987654321/us-wst-2: }}\n{API}"),
        ("repository-name-uri", "repositories: {mirror/123456789012.dkr.ecr.us-east-1.amazonaws.com: }",
         "repositories: {123456789012.dkr.ecr.us-east-1.amazonaws.com/web: }"),
        ("repository-name-uri", "repositories: {12345678901.dkr.ecr.x/web: }",
         "repositories: {123456789012.dkr-ecr.us-east-1.on.aws/web: }"),
        ("kms-key-near", "kms_keys: {alias/images: }\ndefaults: {encryption_type: KMS, kms_key: alias/other}\n" + API,
         "kms_keys: {alias/images: }\ndefaults: {encryption_type: KMS, kms_key: alias/image}\n" + API),
        ("budget-owner", "budgets: {team-web: 5}\nrepositories: {web/api: {owner: team-web}}\n",
         f"budgets: {{team-web: 5}}\n{API}"),
        ("stack-count", "repositories:\n" + "".join(f"  n{n}/a:\n" for n in range(1_998)),
         "repositories:\n" + "".join(f"  n{n}/a:\n" for n in range(1_999))),
        ("public-stack-size", published(46), published(47)),
        ("namespace-unused", template("", "CREATE_ON_PUSH").replace("it:", "hub/x:") + "namespaces: {hub: }\n",
         template("", "CREATE_ON_PUSH").replace("it:", "hubs:") + "namespaces: {hub: }\n"),
    ],
)  # fmt: skip
def test_the_limit_is_where_aws_has_it(rule: str, legal: str, refused: str) -> None:
    assert rule not in told(legal)
    assert rule in told(refused)


def test_a_region_whose_quota_was_raised_is_not_warned_about() -> None:
    canada = SMALL.replace("ap-northeast-2", "ca-central-1")
    assert "replication-quota" in told(apart(11))
    assert "replication-quota" not in told(apart(11), canada)


@pytest.mark.parametrize(
    ("switches", "refused"),
    [
        ("fips: true", set()),
        ("pull_through_cache: true", set()),
        ("fips: true, pull_through_cache: true", {"network-fips-cache"}),
    ],
)
def test_nothing_is_fetched_from_upstream_over_fips_endpoints(switches: str, refused: set[str]) -> None:
    assert set(told(network(switches), "")) == refused


def test_an_endpoint_for_caches_needs_somebody_who_pulls_from_them() -> None:
    text = network("pull_through_cache: true").replace("namespaces: {k8s: {pull: [nodes]}}\n", "").replace(
        "{web/api: }", "{web/api: {pull: [nodes]}}"
    )  # fmt: skip
    found = told(text, "")["network-cache"]
    assert found.way_out == "write namespaces: {k8s: {pull: [...]}}, or remove it"
    assert "network-cache" not in told(text + "namespaces: {k8s: {pull: [nodes]}}\n", "")


def test_a_trial_has_no_addresses_for_dual_stack() -> None:
    text = (
        f"{NODES}repositories: {{web/api: {{pull: [nodes]}}}}\nnetwork: [{{trial_vpc: {{name: it, cidr: 10.0.0.0/24}}"
    )
    assert "network-dual-stack" in told(f"{text}, dual_stack: true}}]\n")
    assert "network-dual-stack" not in told(f"{text}}}]\n")


def test_nothing_expires_in_a_cache_unless_it_is_said() -> None:
    found = declared(
        f"{SMALL}creation_templates: {{hub: {{applied_for: [PULL_THROUGH_CACHE]}}, "
        f"it: {{applied_for: [CREATE_ON_PUSH]}}}}\n{API}"
    )
    assert {each.prefix: each.lifecycle and each.lifecycle.name for each in found.creation_templates} == {
        "hub": None,
        "it": "untagged-14-days",
    }


@pytest.mark.parametrize(
    ("name", "way_out"),
    [("a", "choose another name"), ("9", "choose another name"),
     ("Acme Web", "write acme-web"), (f"{'x' * 31}-web", f"write {'x' * 31}")],
)  # fmt: skip
def test_the_way_out_for_a_registrys_name_is_one_that_is_accepted(name: str, way_out: str) -> None:
    found = told(API, SMALL.replace("acme", f'"{name}"'))
    assert found["registry-name"].way_out == way_out
    if way_out.startswith("write "):
        assert told(API, SMALL.replace("acme", way_out.removeprefix("write "))) == {}


COMPANY = (
    "access: {organization: o-a1b2c3d4e5, oidc_providers: "
    '["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"]}\n'
    'principals: {nodes: {role: "arn:aws:iam::123456789012:role/nodes", outside_organization: true}}\n'
    "pull_through_cache_rules: {hub: {upstream_registry: docker-hub, credential_arn: "
    '"arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"}}\n'
    "creation_templates: {hub: {applied_for: [PULL_THROUGH_CACHE], "
    'custom_role_arn: "arn:aws:iam::123456789012:role/r", '
    'encryption_type: KMS, kms_key: "arn:aws:kms:ap-northeast-2:123456789012:key/1"}}\n'
    f'signing: [{{signing_profile_arn: "{PROFILE}", repository_filters: ["web/*"]}}]\n'
    "lifecycles: {kept: []}\nrepositories:\n"
    "  web/api: {lifecycle: kept, pull: [nodes], encryption_type: KMS, kms_key: {ap-northeast-2: alias/a}}\n"
)


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ('"123456789012"', '"12345678901"', "account-id"),
        ("ap-northeast-2", "ap-northest-2", "region-known"),
        ("ap-northeast-2", "seoul", "region"),
    ],
)
def test_a_slip_in_the_home_is_told_once_and_not_by_everything_that_is_compared_with_it(
    right: str, wrong: str, rule: str
) -> None:
    assert told(COMPANY) == {}
    assert set(told(COMPANY, SMALL.replace(right, wrong))) == {rule}


def test_a_key_that_every_repository_lacks_in_a_new_location_is_told_once() -> None:
    names = "".join(
        f"  web/service-{n}: {{encryption_type: KMS, kms_key: {{ap-northeast-2: alias/a}}}}\n" for n in range(105)
    )
    outcome = check_sources(parse(f"{SMALL}replicas: {{us-west-2: }}\nrepositories:\n{names}".encode(), "f.yaml"))
    (found,) = [each for each in outcome.findings if each.rule == "kms-key-region"]
    assert found.message == "there is no key for us-west-2, here and in 104 other places"
    assert "and 102 more" in found.given


def test_a_team_file_that_names_another_namespace_than_its_repositories_is_told_once() -> None:
    team = "namespace: shopp\ndefaults: {push: [ci]}\nrepositories: {" + ", ".join(
        f"shop/s{n}: {{pull: [ci]}}" for n in range(32)
    ) + "}\n"  # fmt: skip
    root = (
        f"{SMALL}include: [shop.yaml]\nprincipals:\n"
        "  ci: {github: acme/shop, owner_id: 1, repository_id: 2, branch: main, teams: [shop]}\n"
    )
    files = Sources(parse(root.encode(), "f.yaml"), {"shop.yaml": parse(team.encode(), "shop.yaml")})
    (found,) = check_sources(files).findings
    assert (found.rule, found.position.line, found.way_out) == ("team-repository", 1, "write namespace: shop")
