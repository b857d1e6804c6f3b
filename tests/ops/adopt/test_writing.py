"""The file of an account says what is there, whatever the account looks like."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ops.adopt import statistic
from ops.adopt.account import LiveAccount
from ops.adopt.folding.registry_file import ROOT_FILE
from ops.adopt.writing import AdoptedFile, adopted_file
from ops.drift.compare import State
from ops.drift.reading import Keys, ResourceKey
from registry.locations import Location
from registry.reading import yaml_reader
from tests.live_accounts import HOME, OTHERS, PULL, REPLICA, as_deployed, document, drawn, statement
from tests.synth import SHIPPED, SMALL, declared

TODAY = date(2026, 11, 26)
OWN = Location("123456789012", HOME)


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keys, "_asked", staticmethod(lambda region, key: None))


def adopted(account: LiveAccount, *, teams: bool = False) -> AdoptedFile:
    return adopted_file(account, teams=teams, today=TODAY)


def left(file: AdoptedFile) -> list[tuple[str, str, str]]:
    """What the file says otherwise than AWS, and not because it is not there yet."""
    return [(str(it.thing.at), it.thing.name, it.setting) for it in statistic.wrong(file)]


def with_home(account: LiveAccount, noun: str, name: str = "", **settings: Any) -> LiveAccount:
    key = ResourceKey(account.home, noun, name)
    return replace(account, settings={**account.settings, key: {**account.settings.get(key, {}), **settings}})


def small(text: str = "repositories: {web/api: }") -> LiveAccount:
    return as_deployed(declared(f"{SMALL}{text}"))


def without_comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("#")]


def root_of(file: AdoptedFile) -> dict[str, Any]:
    value = yaml_reader.parse(file.folded.texts[ROOT_FILE].encode(), ROOT_FILE).root.value
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("teams", [False, True], ids=["one-file", "teams"])
@pytest.mark.parametrize("seed", range(8))
def test_the_file_of_a_drawn_account_is_valid_and_says_what_is_there(seed: int, teams: bool) -> None:
    file = adopted(drawn(seed, 40), teams=teams)
    assert (dict(file.unsaid), file.checked.errors) == ({}, ())
    assert left(file) == []
    assert {it.thing.noun for it in file.differences if it.state is State.MISSING} <= {"creation template"}


@pytest.mark.parametrize("seed", range(3))
def test_five_hundred_repositories_are_a_file_that_a_person_keeps(seed: int) -> None:
    file = adopted(drawn(seed, 500))
    assert left(file) == []
    assert sum(text.count("\n") for text in file.folded.texts.values()) < 1_500


@pytest.mark.parametrize("seed", range(4))
def test_the_file_of_an_account_that_was_adopted_is_the_same(seed: int) -> None:
    first = adopted(drawn(seed, 40))
    assert first.checked.registry is not None
    second = adopted(as_deployed(first.checked.registry))  # with our descriptions in place of theirs
    assert second.folded.texts.keys() == first.folded.texts.keys()
    for name, text in second.folded.texts.items():
        assert without_comments(text) == without_comments(first.folded.texts[name])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_an_example_that_was_deployed_can_be_adopted(path: Path) -> None:
    from registry.load import load

    registry = load(path)[0]
    file = adopted(as_deployed(registry))
    assert {what for what, _ in statistic.unsaid(file) if not what.startswith("signing rules in ")} == set()
    assert file.checked.errors == ()
    assert [it for it in left(file) if it[0] == str(registry.home)] == []
    assert [it for it in statistic.wrong(file) if it.thing.noun in ("public repository", "suppression filter")] == []
    again = file.checked.registry
    assert again is not None
    assert dict(again.accepted_findings) == dict(registry.accepted_findings)
    assert again.scanning == registry.scanning
    assert [it.name for it in again.public_repositories] == [it.name for it in registry.public_repositories]


def test_seventy_repositories_with_three_accounts_that_pull_are_three_principals_and_one_line_of_grants() -> None:
    account = small("repositories:\n" + "".join(f"  app/service-{number}: \n" for number in range(70)))
    policy = document(statement({"AWS": [f"arn:aws:iam::{it}:root" for it in OTHERS[:3]]}), version="2008-10-17")
    for number in range(70):
        account = with_home(account, "repository", f"app/service-{number}", repositoryPolicy=policy)
    root = root_of(adopted(account))
    accounts = [f"account-{it}" for it in OTHERS[:3]]
    assert list(root["principals"]) == accounts
    assert root["namespaces"] == {"app": {"pull": accounts}}
    assert set(map(str, root["repositories"].values())) == {"None"}


def test_forty_six_repositories_with_sixty_four_accounts_each() -> None:
    numbers = [f"{100_000_000_000 + number}" for number in range(64)]
    names = [f"repo-{number}" for number in range(46)]
    account = small("repositories:\n" + "".join(f"  {name}: \n" for name in names))
    policy = document(statement({"AWS": [f"arn:aws:iam::{it}:root" for it in numbers]}, Sid="AllowCrossAccountPull"))
    for name in names:
        account = with_home(account, "repository", name, repositoryPolicy=policy)
    file = adopted(account)
    assert left(file) == []
    assert len(root_of(file)["principals"]) == 64
    assert sum(text.count("\n") for text in file.folded.texts.values()) < 200


PUSHING = [
    *("ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:BatchCheckLayerAvailability", "ecr:PutImage"),
    *("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:DescribeRepositories"),
    *("ecr:GetRepositoryPolicy", "ecr:ListImages"),
]


@pytest.mark.parametrize(
    "policy",
    [  # shapes of public Terraform code
        document(
            statement(
                {"AWS": [f"arn:aws:iam::{OTHERS[0]}:root"]}, [*PUSHING, "ecr:DeleteRepository"], Sid="new policy"
            ),
            version="2008-10-17",
        ),
        document(statement({"AWS": list(OTHERS[:2])}, PUSHING, Sid="1")),
        document(statement("*", PUSHING, Sid="new policy"), version="2008-10-17"),
        document(statement({"Service": ["lambda.amazonaws.com"]}, [*PULL[:2], "ecr:DescribeImages"], Sid="InAccount")),
        document(statement({"AWS": f"arn:aws:iam::{OWN.account}:user/ci"}, "ecr:*")),
        {"Version": "2012-10-17", "Statement": statement({"AWS": OTHERS[0]})},
        {"Version": "2012-10-17", "Id": "some id", "Statement": [statement({"AWS": OTHERS[0]}, "ecr:BatchGetImage")]},
    ],
)
def test_policies_as_people_write_them_are_said(policy: dict[str, Any]) -> None:
    file = adopted(with_home(small(), "repository", "web/api", repositoryPolicy=policy))
    assert (dict(file.unsaid), file.checked.errors, left(file)) == ({}, (), [])


def test_a_policy_of_a_role_that_was_deleted_is_named_and_not_written() -> None:
    policy = document(statement({"AWS": "AIDAJQABLZS4A3QDU576Q"}))
    file = adopted(with_home(small(), "repository", "web/api", repositoryPolicy=policy))
    assert file.checked.errors == ()
    assert list(file.unsaid) == [("repositories", "web/api", "repository_policy")]
    text = " ".join(file.folded.texts[ROOT_FILE].replace("# ", "").split())
    assert "a role or user that has been deleted [repository-policy-principal]" in text
    assert "\n  web/api:\n" in file.folded.texts[ROOT_FILE]
    assert [it[2] for it in left(file)] == ["repositoryPolicy"]


def test_an_account_whose_access_is_one_registry_policy() -> None:
    organization = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    everything = f"arn:aws:ecr:{HOME}:{OWN.account}:repository/*"
    policy = document(
        statement("*", PULL, Sid="OrganizationPulls", Resource=everything, Condition=organization),
        statement(
            {"AWS": f"arn:aws:iam::{OTHERS[0]}:root"},
            ["ecr:CreateRepository", "ecr:ReplicateImage"],
            Sid="ReplicationFromElsewhere",
            Resource=[everything],
        ),
    )
    account = with_home(small("repositories: {web/api: , data/x: }"), "registry policy", policyText=policy)
    file = adopted(account)
    assert (dict(file.unsaid), file.checked.errors, left(file)) == ({}, (), [])
    assert root_of(file)["registry_policy"] == policy
    assert "principals" not in root_of(file)


def test_what_the_file_says_by_itself_is_not_written_as_a_registry_policy() -> None:
    text = (
        "principals: {company: {organization: o-a1b2c3d4e5}}\nnamespaces: {quay: {pull: [company]}}\n"
        "pull_through_cache_rules: {quay: {upstream_registry: quay}}\nrepositories: {web/api: }"
    )
    deployed = as_deployed(declared(f"{SMALL}{text}"))
    assert deployed.named("registry policy")[""]["policyText"] is not None
    file = adopted(deployed)
    assert left(file) == []


def test_with_a_file_for_each_namespace_the_root_file_has_what_they_share() -> None:
    account = small("repositories: {web/api: , web/x: , data/x: }")
    policy = document(statement({"AWS": OTHERS[0]}))
    for name in ("web/api", "web/x"):
        account = with_home(account, "repository", name, repositoryPolicy=policy)
    file = adopted(account, teams=True)
    assert left(file) == []
    assert list(file.folded.texts) == [ROOT_FILE, "teams/data.yaml", "teams/web.yaml"]
    assert root_of(file)["principals"] == {f"account-{OTHERS[0]}": {"account": OTHERS[0], "teams": ["web"]}}
    assert "repositories" not in root_of(file)
    assert f"defaults:\n  pull: [account-{OTHERS[0]}]\n" in file.folded.texts["teams/web.yaml"]


def test_what_cannot_be_said_is_named_where_it_would_stand_and_the_rest_is_said() -> None:
    account = small("repositories: {web/api: {tags: {team: web}}}")
    account = with_home(account, "repository", "web/api", tags={"team": "web", "empty": ""})
    file = adopted(account)
    assert file.checked.errors == ()
    assert [it[2] for it in left(file)] == ["tags"]
    assert root_of(file)["repositories"] == {"web/api": {"tags": {"team": "web"}}}


def test_a_policy_that_lets_in_everybody_is_accepted_for_a_while_and_aloud() -> None:
    account = with_home(small(), "repository", "web/api", repositoryPolicy=document(statement("*")))
    (accepted,) = root_of(adopted(account))["acceptances"]
    assert accepted["rule"] == "repository-policy-open"
    assert accepted["until"] == "2027-02-24"


def test_a_registry_policy_that_lets_in_everybody_is_accepted_too() -> None:
    """A synth refuses it otherwise, so that nothing of the account could be imported."""
    file = adopted(with_home(small(), "registry policy", policyText=document(statement("*", Resource="*"))))
    assert [it["rule"] for it in root_of(file)["acceptances"]] == ["registry-policy-open"]
    assert left(file) == []


def with_a_cache(prefix: str, *names: str) -> LiveAccount:
    """Repositories that another account pulls from, beside a cache that it does not have filled."""
    account = small(f"repositories: {{{', '.join(f'{name}: ' for name in names)}}}")
    for name in names:
        account = with_home(account, "repository", name, repositoryPolicy=document(statement({"AWS": OTHERS[0]})))
    rule = {"upstreamRegistry": "quay", "upstreamRegistryUrl": "quay.io", "upstreamRepositoryPrefix": "ROOT"}
    return with_home(account, "pull-through cache rule", prefix, credentialArn=None, customRoleArn=None, **rule)


def test_a_grant_beside_a_cache_of_the_namespace_has_nothing_fetched_for_anybody() -> None:
    file = adopted(with_a_cache("web/cache", "web/a", "web/b"))
    assert (left(file), file.checked.errors) == ([], ())
    assert root_of(file)["repositories"]["web/a"]["pull"] == [f"account-{OTHERS[0]}"]


@pytest.mark.parametrize("let_in", [None, OTHERS[0], OTHERS[1]])
def test_a_cache_of_everything_is_filled_by_whoever_fills_it_today(let_in: str | None) -> None:
    account = with_a_cache("ROOT", "web/a", "web/b")
    if let_in is not None:
        filling = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
        everything = f"arn:aws:ecr:{HOME}:{OWN.account}:repository/web/*"
        policy = document(statement({"AWS": let_in}, filling, Resource=everything))
        account = with_home(account, "registry policy", policyText=policy)
    file = adopted(account)
    assert (left(file), file.checked.errors) == ([], ())
    assert ("principals" in root_of(file)) == (let_in == OTHERS[0])


#: What a later version of ECR may have: two things of one rule that no version of this project knows.
LATER: dict[str, Any] = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "any", "countType": "sinceMoon", "countNumber": 3, "later": 1},
            "action": {"type": "expire"},
        }
    ]
}


def test_a_lifecycle_that_no_file_can_have_takes_nothing_else_with_it() -> None:
    account = small("repositories: {web/a: , web/b: , web/c: , data/x: , data/y: }")
    days = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 3}
    known = {"rules": [{"rulePriority": 1, "selection": days, "action": {"type": "expire"}}]}
    for name in ("web/a", "web/b", "data/y"):
        account = with_home(account, "repository", name, lifecyclePolicy=known)
    for name in ("web/c", "data/x"):
        account = with_home(account, "repository", name, lifecyclePolicy=LATER)
    file = adopted(account)
    assert file.checked.errors == ()
    assert left(file) == [(str(OWN), name, "lifecyclePolicy") for name in ("data/x", "web/c")]
    assert {it.expected for it in file.differences if it.setting == "lifecyclePolicy"} == {None}  # deletes nothing
    ((place, why),) = file.unsaid.items()
    assert place[0] == "lifecycles"
    assert '"later"' in why
    assert '"later"' in file.folded.texts[ROOT_FILE]


def test_a_setting_of_all_that_no_file_can_have_leaves_the_others_of_all() -> None:
    account = with_home(small(), "account setting", "REGISTRY_POLICY_SCOPE", value="V1")
    file = adopted(with_home(account, "account setting", "BLOB_MOUNTING", value="ENABLED"))
    assert root_of(file)["account_settings"] == {"blob_mounting": "ENABLED"}
    assert list(file.unsaid) == [("account_settings", "registry_policy_scope")]


def test_what_has_no_place_in_the_file_is_named_at_its_beginning() -> None:
    rules = [{"signingProfileArn": "arn:aws:signer:of-a-later-form", "filter": "*"}]
    file = adopted(with_home(small(), "signing configuration", rules=rules))
    assert list(file.unsaid) == [("signing",)]
    assert "\n# signing is not as in AWS: " in file.folded.texts[ROOT_FILE]


def test_a_namespace_that_no_stack_can_hold_gets_shards() -> None:
    account = small()
    settings = account.repositories["web/api"]
    for number in range(500):
        account = replace(
            account, settings={**account.settings, ResourceKey(OWN, "repository", f"web/app-{number}"): settings}
        )
    file = adopted(account)
    assert file.checked.errors == ()
    assert root_of(file)["namespaces"]["web"]["shards"] == 3


def test_policies_that_are_the_same_in_every_region_stay_the_same_there() -> None:
    account = small(f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}")
    functions = document(
        statement(
            {"Service": "lambda.amazonaws.com"},
            ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Condition={"StringLike": {"aws:SourceArn": f"arn:aws:lambda:{HOME}:{OWN.account}:function:*"}},
        )
    )
    for at in (HOME, REPLICA):
        key = ResourceKey(Location(OWN.account, at), "repository", "web/api")
        account = replace(
            account, settings={**account.settings, key: {**account.settings[key], "repositoryPolicy": functions}}
        )
    assert left(adopted(account)) == []


def key(region: str, number: int) -> str:
    return f"arn:aws:kms:{region}:{OWN.account}:key/{number}2345678-1234-1234-1234-123456789012"


def encrypted(account: LiveAccount, at: Location, **numbers: int | None) -> LiveAccount:
    """With keys by the last part of the repository's name; none: AES256, as ECR makes repositories at a replica."""
    settings = dict(account.settings)
    for name, number in numbers.items():
        place = ResourceKey(at, "repository", f"web/{name}")
        said = ("AES256", None) if number is None else ("KMS", key(at.region, number))
        settings[place] = {**settings[place], "encryptionType": said[0], "kmsKey": said[1]}
    return replace(account, settings=settings)


def test_a_key_of_the_home_is_kept_where_a_replica_has_none() -> None:
    west = Location(OWN.account, REPLICA)
    account = small(f"replicas: {{{REPLICA}: }}\nrepositories: {{web/a: , web/b: , web/c: }}")
    account = encrypted(encrypted(account, OWN, a=1, b=1, c=2), west, a=3, b=None, c=None)
    file = adopted(account)
    assert dict(file.unsaid) == {}
    assert file.checked.registry is not None
    keys = {it.name: dict(it.encryption.keys) for it in file.checked.registry.repositories}
    assert keys["web/a"] == keys["web/b"] == {HOME: key(HOME, 1), REPLICA: key(REPLICA, 3)}  # as its like has there
    assert keys["web/c"] == {HOME: key(HOME, 2), REPLICA: "alias/aws/ecr"}
    assert {it[:2] for it in left(file) if "/" in it[1]} == {(str(west), "web/b"), (str(west), "web/c")}


def test_a_key_of_a_replica_is_kept_where_the_home_has_the_one_of_ecr() -> None:
    account = small(f"replicas: {{{REPLICA}: }}\nrepositories: {{web/a: , web/b: }}")
    account = encrypted(encrypted(account, OWN, a=1), Location(OWN.account, REPLICA), a=3, b=3)
    file = adopted(replace(account, own_keys=frozenset({key(HOME, 1)})))
    assert file.checked.registry is not None
    keys = {it.name: dict(it.encryption.keys) for it in file.checked.registry.repositories}
    assert keys == {"web/a": {HOME: "alias/aws/ecr", REPLICA: key(REPLICA, 3)}, "web/b": {}}


def test_a_key_of_the_home_is_kept_where_a_replica_was_not_read() -> None:
    account = encrypted(small(), OWN, api=1)
    there = Location(OTHERS[0], HOME)
    rows = [{"destination": str(there), "filter": "", "deleteReplication": False}]
    account = replace(with_home(account, "replication configuration", rules=rows), unread=(there,))
    file = adopted(account)
    assert dict(file.unsaid) == {}
    assert file.checked.registry is not None
    (repository,) = file.checked.registry.repositories
    assert repository.encryption.key_in(OWN) == key(HOME, 1)
    assert repository.encryption.key_in(there) == "alias/aws/ecr"


def test_what_a_file_does_not_declare_is_told() -> None:
    account = replace(small(), cached=frozenset({"docker-hub/library/nginx"}))
    account = with_home(account, "repository", "docker-hub/library/nginx", **account.repositories["web/api"])
    file = adopted(account)
    assert list(root_of(file)["repositories"]) == ["web/api"]
    assert ("repositories of pull-through caches", 1) in [
        (row.what, row.number) for row in statistic.there(account, file)
    ]


QUAY: dict[str, Any] = {
    "upstreamRegistry": "quay",
    "upstreamRegistryUrl": "quay.io",
    "upstreamRepositoryPrefix": "ROOT",
    "credentialArn": None,
    "customRoleArn": None,
}


def test_a_cache_of_several_locations_is_one_rule_with_a_secret_in_each() -> None:
    account = small(f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}")
    west = Location(OWN.account, REPLICA)
    hub = {**QUAY, "upstreamRegistry": "docker-hub", "upstreamRegistryUrl": "registry-1.docker.io"}
    base = {**QUAY, "upstreamRegistry": "ecr", "upstreamRegistryUrl": "345678901234.dkr.ecr.us-east-1.amazonaws.com"}
    name = "ecr-pullthroughcache/hub-AbCdEf"
    arns = {at: f"arn:aws:secretsmanager:{at.region}:{at.account}:secret:{name}" for at in (OWN, west)}
    made = f"arn:aws:iam::{OWN.account}:role/{account.name}-ecr-cache"
    others = {
        **{ResourceKey(at, "pull-through cache rule", "hub"): {**hub, "credentialArn": arns[at]} for at in (OWN, west)},
        ResourceKey(west, "pull-through cache rule", "quay"): QUAY,
        ResourceKey(OWN, "pull-through cache rule", "base"): {**base, "customRoleArn": made},
    }
    file = adopted(replace(account, settings={**account.settings, **others}))
    assert root_of(file)["pull_through_cache_rules"] == {
        "base": {"upstream_registry": "ecr", "upstream_registry_url": base["upstreamRegistryUrl"]},
        "hub": {
            "upstream_registry": "docker-hub",
            "locations": [HOME, REPLICA],
            "credential_arn": {HOME: arns[OWN], REPLICA: arns[west]},
        },
        "quay": {"upstream_registry": "quay", "locations": [REPLICA]},
    }
    assert (left(file), file.checked.errors) == ([], ())


def test_what_a_replica_has_of_its_own_is_told() -> None:
    account = small(f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}")
    (template,) = account.named("creation template", Location(OWN.account, REPLICA)).values()
    at = Location(OWN.account, REPLICA)
    others = {
        ResourceKey(at, "creation template", "ROOT"): template,
        ResourceKey(OWN, "pull-through cache rule", "q"): QUAY,
        ResourceKey(at, "pull-through cache rule", "q"): {**QUAY, "upstreamRepositoryPrefix": "other"},
    }
    account = replace(account, settings={**account.settings, **others})
    file = adopted(account)
    told = [(row.what, row.number) for row in statistic.there(account, file) if "of its own" in row.more]
    assert told == [(f"creation templates in {REPLICA}", 1), (f"pull-through cache rules in {REPLICA}", 1)]


def test_the_statistic_counts_what_would_be_safer() -> None:
    account = with_home(
        small(),
        "repository",
        "web/api",
        imageTagMutability="MUTABLE",
        scanOnPush=False,
        lifecyclePolicy=None,
        repositoryPolicy=document(statement("*", PULL)),
    )
    account = with_home(account, "scanning configuration", scanType="BASIC", rules=[])
    file = adopted(account)
    assert [(row.what, row.number) for row in statistic.safer(account, file)][:3] == [
        ("repositories whose tags can be moved", 1),
        ("repositories that are not scanned", 1),
        ("repositories in which nothing ever expires", 1),
    ]
