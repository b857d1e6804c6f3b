"""What is signed where, who may sign it, and what stands in the templates for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry.access.other_accounts import policies_for_account
from registry.access.policies import role_policies
from registry.access.profiles import named_in, permissions_in, signing_accounts
from registry.access.signers import profiles_in, rules_in
from registry.load import check_sources, load
from registry.locations import Location
from registry.model import Registry
from registry.reading.yaml_reader import parse
from tests.synth import ROOT, SMALL, declared, resources, synthesized

HOME, WEST = Location("123456789012", "ap-northeast-2"), Location("123456789012", "us-west-2")
NOWHERE = Location("123456789012", "eu-west-1")
PROFILE, PERMISSION = "AWS::Signer::SigningProfile", "AWS::Signer::ProfilePermission"


@pytest.fixture(scope="module")
def golden() -> Registry:
    return load(ROOT / "tests" / "golden" / "signing.yaml")[0]


@pytest.fixture(scope="module")
def templates(golden: Registry, tmp_path_factory: pytest.TempPathFactory) -> dict[Location, dict[str, Any]]:
    found = synthesized(golden, tmp_path_factory.mktemp("signing"), packs=())[1]
    return {Location(*path.split("/")[:2]): it for path, it in found.items() if path.endswith("/Registry")}


def arn(name: str, at: Location = HOME) -> str:
    return f"arn:aws:signer:{at.region}:{at.account}:/signing-profiles/{name}"


def signed(registry: Registry, principal: str) -> list[str]:
    """The profiles that a principal's policies let it sign with."""
    for account in registry.accounts:
        for who, documents in role_policies(registry, account).items():
            if who.name == principal:
                return [
                    profile
                    for document in documents
                    for statement in document["Statement"]
                    if statement["Action"] == ["signer:SignPayload"]
                    for profile in statement["Resource"]
                ]
    return []


def test_a_made_profile_signs_wherever_its_images_are_pushed(golden: Registry) -> None:
    assert [(it.made, it.signing_profile_arn) for it in rules_in(golden, HOME)] == [
        ("releases", arn("releases")),
        ("models", arn("models")),
    ]
    assert [it.signing_profile_arn for it in rules_in(golden, WEST)] == [arn("releases", WEST), arn("edge", WEST)]
    assert rules_in(golden, NOWHERE) == ()
    assert [profiles_in(golden, at) for at in (HOME, WEST, NOWHERE)] == [("models", "releases"), ("releases",), ()]


def test_a_profile_that_exists_signs_in_its_region_what_is_pushed_to_another_account_too() -> None:
    """Found by the judge with random registries: what was pushed there was not signed, and no file could have it so."""
    there = Location("210987654321", HOME.region)
    text = f"""{SMALL}
replicas: {{{there}: , us-west-2: }}
principals:
  ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  nodes: {{role: "arn:aws:iam::210987654321:role/nodes"}}
repositories: {{web/api: {{failover_push: [ci, nodes]}}, web/db: }}
signing: [{{signing_profile_arn: "{arn("releases")}", repository_filters: [web/api]}}]
"""
    outcome = check_sources(parse(text.encode(), "registry.yaml"))
    assert outcome.registry
    assert rules_in(outcome.registry, there) == rules_in(outcome.registry, HOME)
    assert rules_in(outcome.registry, WEST) == ()
    assert signed(outcome.registry, "ci") == [arn("releases")]
    assert signing_accounts(outcome.registry) == {arn("releases"): {there.account}}
    assert [it.message for it in outcome.warnings if it.rule == "signing-failover"] == [
        "what is pushed to us-west-2 (failover_push) is not signed there, as it is at home"
    ]


def test_who_pushes_signs_with_exactly_the_profiles_of_what_is_pushed_and_where(golden: Registry) -> None:
    assert signed(golden, "main") == [arn("releases"), arn("releases", WEST)]
    assert signed(golden, "scanner") == []  # it pulls
    (theirs,) = policies_for_account(golden, "345678901234").values()
    said = [it["Resource"] for document in theirs for it in document["Statement"] if it["Sid"] == "Sign"]
    assert said == [[arn("models")]]


def test_a_profile_that_is_made_lets_in_the_accounts_that_push_what_it_signs(golden: Registry) -> None:
    assert list(permissions_in(golden, HOME)) == [("models", "345678901234"), ("releases", "210987654321")]
    assert next(permissions_in(golden, WEST)) == ("releases", "210987654321")  # web/edge is of `web/*`


OTHER = Location("210987654321", HOME.region)


@pytest.mark.parametrize(
    ("where", "replica", "declared_in"),
    [
        (HOME, "", [HOME]),
        (OTHER, OTHER, [OTHER]),
        (OTHER, "", []),
        (OTHER, Location(OTHER.account, "us-west-2"), []),  # an account of the file, without a stack in that region
    ],
)
def test_a_profile_that_exists_lets_in_others_where_the_file_is(
    where: Location, replica: Location | str, declared_in: list[Location]
) -> None:
    """Its owner ran add-profile-permission by hand: terraform-provider-aws 33941, aws-sdk 519, iam-collect 138."""
    found = declared(
        f"""{SMALL}principals:
  ours: {{role: "arn:aws:iam::123456789012:role/builder"}}
  theirs: {{role: "arn:aws:iam::345678901234:role/builder"}}
signing: [{{signing_profile_arn: "{arn("company", where)}"}}]
repositories: {{web/api: {{push: [ours, theirs]}}}}
"""
        + (f"replicas: {{{replica}: {{namespaces: [web]}}}}\n" if replica else "")
    )
    others = {"123456789012", "345678901234"} - {where.account}
    permitted = {at: {account for _, account in permissions_in(found, at)} for at in found.locations}
    assert permitted == {at: others if at in declared_in else set() for at in found.locations}
    assert [at for at in found.locations if named_in(found, at)] == declared_in
    printed = f"signing profile {arn('company', where)}" in policies_for_account(found, where.account)
    assert printed is (not declared_in)


def test_an_account_whose_every_role_pushes_signs_as_the_roles_that_are_named_do() -> None:
    found = declared(
        f"""{SMALL}principals:
  theirs: {{account: "345678901234", every_role_writes: true}}
  reader: {{account: "456789012345"}}
signing: [{{signing_profile_arn: "{arn("company")}"}}]
repositories: {{web/api: {{push: [theirs], pull: [reader]}}}}
"""
    )
    assert list(permissions_in(found, HOME)) == [("company", "345678901234")]


def test_only_the_permission_of_a_profile_that_exists_is_made(templates: dict[Location, dict[str, Any]]) -> None:
    (permission,) = [
        it["Properties"] for it in resources(templates[WEST], PERMISSION) if it["Properties"]["ProfileName"] == "edge"
    ]
    assert permission == {
        "ProfileName": "edge",
        "Action": "signer:SignPayload",
        "Principal": "210987654321",
        "StatementId": "ecr-registry-210987654321",
    }
    assert all(it["Properties"]["ProfileName"] != "edge" for it in resources(templates[WEST], PROFILE))


def test_the_templates_have_the_profiles_before_the_rules_and_keep_them(
    templates: dict[Location, dict[str, Any]],
) -> None:
    assert [it["Properties"]["ProfileName"] for it in resources(templates[HOME], PROFILE)] == ["models", "releases"]
    for at in (HOME, WEST):
        (rules,) = resources(templates[at], "AWS::ECR::SigningConfiguration")
        made = {name for name, it in templates[at]["Resources"].items() if it["Type"] == PROFILE}
        assert set(rules["DependsOn"]) == made
        for it in resources(templates[at], PROFILE):
            assert it["Properties"]["PlatformId"] == "Notation-OCI-SHA384-ECDSA"
            assert (it["DeletionPolicy"], it["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert resources(templates[NOWHERE], PROFILE) == []
    assert resources(templates[NOWHERE], "AWS::ECR::SigningConfiguration") == []


def test_only_the_accounts_of_those_who_push_are_let_in_and_only_to_sign(
    templates: dict[Location, dict[str, Any]],
) -> None:
    of_releases = [
        it["Properties"]
        for it in resources(templates[WEST], PERMISSION)
        if it["Properties"]["ProfileName"] == "releases"
    ]
    assert of_releases == [
        {
            "ProfileName": "releases",
            "Action": "signer:SignPayload",
            "Principal": "210987654321",
            "StatementId": "ecr-registry-210987654321",
        }
    ]
    assert all("DeletionPolicy" not in it for it in resources(templates[HOME], PERMISSION))  # an account is shut out


def test_a_profile_of_aws_that_signed_before_is_named_by_its_arn_and_makes_nothing(tmp_path: Path) -> None:
    """Shape of terraform-aws-transfer-family #106: a name that a cancelled profile has is taken."""
    text = f'{SMALL}signing: [{{signing_profile_arn: "{arn("old")}"}}]\nrepositories: {{web/api: }}\n'
    made = synthesized(declared(text), tmp_path, packs=())[1]
    assert all(resources(template, PROFILE) == [] for template in made.values())


def test_a_role_that_a_pipeline_pushes_with_is_let_in_by_a_profile_of_another_account() -> None:
    """Shape of aws-otel-java-instrumentation #1424: a build that may not use the profile fails late."""
    company = "arn:aws:signer:ap-northeast-2:210987654321:/signing-profiles/company"
    text = f"""{SMALL}signing: [{{signing_profile_arn: "{company}"}}]
pipelines:
  web/api:
    connection: arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
repositories: {{web/api: }}
"""
    assert signing_accounts(declared(text)) == {company: {"123456789012"}}


def test_a_file_that_manages_repositories_only_signs_nothing() -> None:
    found = declared(f"{SMALL}manage: [repositories]\nrepositories: {{web/api: }}\n")
    assert rules_in(found, found.home) == ()
