"""What is published and what Amazon Inspector hides becomes keys of the file, or is named with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ops.adopt import statistic
from ops.adopt.account import LiveAccount
from ops.adopt.folding.registry_file import ROOT_FILE
from ops.adopt.writing import AdoptedFile, adopted_file
from ops.drift.reading import ResourceKey
from registry.access.purposes import PUBLISH
from registry.limits import PUBLIC_REGION
from registry.locations import Location
from registry.reading import yaml_reader
from tests.live_accounts import HOME, OTHERS, as_deployed, document, statement
from tests.synth import SMALL, declared

OWN = Location("123456789012", HOME)
WORLD = Location(OWN.account, PUBLIC_REGION)
SHOWN: dict[str, Any] = {
    "description": "What it is",
    "aboutText": "# Alpine\n\nwith our certificates\n",
    "usageText": None,
    "operatingSystems": ["Linux"],
    "architectures": [],
    "repositoryPolicy": None,
    "tags": {"owner": "platform", "cost-center": "42"},
}
ROLE = f"arn:aws:iam::{OTHERS[0]}:role/publisher"
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}


def account_with(*things: tuple[Location, str, str, dict[str, Any]], scan_type: str = "BASIC") -> LiveAccount:
    account = as_deployed(declared(f"{SMALL}repositories: {{web/api: }}\nscanning: {{scan_type: {scan_type}}}\n"))
    further = {ResourceKey(at, noun, name): settings for at, noun, name, settings in things}
    return replace(account, settings={**account.settings, **further})


def public(**changed: Any) -> tuple[Location, str, str, dict[str, Any]]:
    return WORLD, "public repository", "tools/base", {**SHOWN, **changed}


def adopted(account: LiveAccount) -> AdoptedFile:
    return adopted_file(account, teams=False, today=date(2026, 11, 26))


def root_of(file: AdoptedFile) -> dict[str, Any]:
    value = yaml_reader.parse(file.folded.texts[ROOT_FILE].encode(), ROOT_FILE).root.value
    assert isinstance(value, dict)
    return value


def pushes(condition: dict[str, Any], *, root: str = OTHERS[0], actions: Any = PUBLISH.on_repositories) -> Any:
    return document(statement({"AWS": f"arn:aws:iam::{root}:root"}, list(actions), Condition=condition))


# Public repositories


def test_a_public_repository_is_what_the_gallery_shows_and_who_pushes() -> None:
    policy = pushes({"ArnLike": {"aws:PrincipalArn": ROLE}})
    file = adopted(account_with(public(repositoryPolicy=policy)))
    assert root_of(file)["public_repositories"] == {
        "tools/base": {
            "repository_description": "What it is",
            "about_text": SHOWN["aboutText"],
            "operating_systems": ["Linux"],
            "owner": "platform",
            "tags": {"cost-center": "42"},
            "push": ["publisher"],
        }
    }
    assert root_of(file)["principals"] == {"publisher": {"role": ROLE}}
    assert (statistic.wrong(file), list(statistic.unsaid(file)), file.checked.errors) == ([], [], ())
    assert "    about_text: |\n      # Alpine\n\n      with our certificates\n" in file.folded.texts[ROOT_FILE]
    assert ("warnings [public-repository]", 1) in [(it.what, it.number) for it in statistic.safer(account_with(), file)]


def test_one_role_that_pushes_to_the_world_and_pulls_at_home_is_one_principal_of_the_organization() -> None:
    bound = {"ArnEquals": {"aws:PrincipalArn": ROLE}, **ORGANIZATION}
    pulls = document(statement({"AWS": f"arn:aws:iam::{OTHERS[0]}:root"}, Condition=bound))
    account = account_with(public(repositoryPolicy=pushes(bound)))
    home = ResourceKey(OWN, "repository", "web/api")
    settings = {**account.settings, home: {**account.settings[home], "repositoryPolicy": pulls}}
    file = adopted(replace(account, settings=settings))
    root = root_of(file)
    assert root["access"] == {"organization": "o-a1b2c3d4e5"}
    assert root["repositories"]["web/api"]["pull"] == root["public_repositories"]["tools/base"]["push"] == ["publisher"]
    assert statistic.wrong(file) == []


@pytest.mark.parametrize(
    "policy",
    [
        document(statement("*", ["ecr-public:PutImage"])),
        pushes({}),  # everybody of an account
        pushes(
            {"ArnEquals": {"aws:PrincipalArn": ROLE}}, actions=(*PUBLISH.on_repositories, "ecr-public:DescribeImages")
        ),
        pushes({"ArnLike": {"aws:PrincipalArn": f"{ROLE}*"}}),
        pushes({"ArnEquals": {"aws:PrincipalArn": ROLE.replace(OTHERS[0], OWN.account)}}, root=OWN.account),
    ],
    ids=["everybody", "account", "more", "pattern", "own"],
)
def test_a_policy_that_no_push_makes_is_named_and_nobody_is_let_in(policy: Any) -> None:
    file = adopted(account_with(public(repositoryPolicy=policy)))
    assert "push" not in root_of(file)["public_repositories"]["tools/base"]
    ((what, why),) = statistic.unsaid(file)
    assert what == "the policy of public repository tools/base"
    assert "computes the policy from push" in why
    assert [(it.thing.noun, it.setting) for it in statistic.wrong(file)] == [("public repository", "repositoryPolicy")]


def test_a_logo_and_texts_that_cloudformation_does_not_take_are_named() -> None:
    """cloudformation-coverage-roadmap #1778. ECR Public's API takes longer texts."""
    file = adopted(account_with(public(logoUrl="https://example.com/logo.png", usageText="x" * 20_000)))
    assert [what for what, _ in statistic.unsaid(file)] == [
        "public_repositories.tools/base.usage_text",
        "the logo of public repository tools/base",
    ]
    assert "# Not in this file: the logo of public repository tools/base: " in file.folded.texts[ROOT_FILE]
    assert [it.setting for it in statistic.wrong(file)] == ["usageText"]


@pytest.mark.parametrize(
    "text", [" begins with a space\nb", "a\n\n", "a\n   \nb", "a\n\tb\n", "a\r\nb", "#\nb: [", "- a\n- b"]
)
def test_a_text_is_the_same_whatever_is_in_it(text: str) -> None:
    file = adopted(account_with(public(aboutText=text)))
    assert root_of(file)["public_repositories"]["tools/base"]["about_text"] == text


def test_in_another_partition_nothing_is_published() -> None:
    china = as_deployed(declared(f"{SMALL}repositories: {{web/api: }}\n".replace(HOME, "cn-north-1")))
    assert "public_repositories" not in root_of(adopted(china))


# Accepted findings


def equals(value: str) -> dict[str, str]:
    return {"comparison": "EQUALS", "value": value}


END = int(datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC).timestamp())
HIDES: dict[str, Any] = {
    "awsAccountId": [equals(OWN.account)],
    "vulnerabilityId": [equals("CVE-2026-31337")],
    "ecrImageRepositoryName": [equals("web/api"), {"comparison": "PREFIX", "value": "data/"}],
    "lastObservedAt": [{"endInclusive": END}],
}
ACCEPTED = {"repositories": ["web/api", "data/*"], "reason": "behind a proxy", "until": "2027-06-30"}


def suppresses(
    name: str = "by hand", action: str = "SUPPRESS", description: str = "behind a proxy", **changed: Any
) -> Any:
    criteria = {key: it for key, it in {**HIDES, **changed}.items() if it}
    return OWN, "suppression filter", name, {"action": action, "description": description, "criteria": criteria}


@pytest.mark.parametrize(
    ("changed", "accepted"),
    [
        ({}, ["CVE-2026-31337"]),
        ({"awsAccountId": None}, ["CVE-2026-31337"]),  # of an account that is no administrator of others
        ({"vulnerabilityId": [equals("CVE-2026-31337"), equals("GHSA-ABCD")]}, ["CVE-2026-31337", "GHSA-ABCD"]),
        ({"action": "NONE"}, []),  # a search that somebody saved hides nothing
    ],
    ids=["as we write it", "without account", "two vulnerabilities", "a saved search"],
)
def test_a_filter_that_hides_what_an_acceptance_does_is_one(changed: dict[str, Any], accepted: list[str]) -> None:
    file = adopted(account_with(suppresses(**changed), scan_type="ENHANCED"))
    assert root_of(file).get("accepted_findings", {}) == dict.fromkeys(accepted, ACCEPTED)
    assert (list(statistic.unsaid(file)), file.checked.errors) == ([], ())
    assert "suppression_filters" not in root_of(file)["scanning"]  # what somebody made by hand stays as it is


def test_a_filter_that_a_deploy_of_this_registry_made_is_its_own() -> None:
    file = adopted(account_with(suppresses("acme-CVE-2026-31337"), scan_type="ENHANCED"))
    assert root_of(file)["scanning"]["suppression_filters"] is True
    assert [it for it in file.differences if it.thing.noun == "suppression filter"] == []


def test_beside_one_that_somebody_made_by_hand_no_deploy_makes_filters() -> None:
    by_hand = suppresses("by hand", vulnerabilityId=[equals("CVE-2026-31338")])
    file = adopted(account_with(suppresses("acme-CVE-2026-31337"), by_hand, scan_type="ENHANCED"))
    assert root_of(file)["accepted_findings"].keys() == {"CVE-2026-31337", "CVE-2026-31338"}
    assert "suppression_filters" not in root_of(file)["scanning"]  # there would be one at every replica, too


def test_a_file_is_written_in_one_order() -> None:
    """Not in that of a set, which is another one in each process."""
    many = [f"CVE-2026-{number}" for number in range(10_009, 9_999, -1)]
    file = adopted(account_with(suppresses(vulnerabilityId=[*map(equals, many)]), scan_type="ENHANCED"))
    assert list(root_of(file)["accepted_findings"]) == sorted(many)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"componentId": [equals("openssl")]}, "it also asks for componentId"),  # terraform-provider-aws #26358
        ({"awsAccountId": [equals(OTHERS[0])]}, "images of other accounts"),
        ({"awsAccountId": [equals(OWN.account), equals(OTHERS[0])]}, "images of other accounts"),
        ({"vulnerabilityId": [{"comparison": "PREFIX", "value": "CVE-2026"}]}, "no vulnerability by its whole id"),
        ({"vulnerabilityId": None}, "no vulnerability by its whole id"),
        ({"ecrImageRepositoryName": None}, "names repositories whole"),
        ({"ecrImageRepositoryName": [{"comparison": "PREFIX", "value": "web"}]}, "names repositories whole"),
        ({"ecrImageRepositoryName": [{"comparison": "NOT_EQUALS", "value": "web/api"}]}, "names repositories whole"),
        ({"ecrImageRepositoryName": [equals("web/*")]}, "names repositories whole"),  # to Inspector a star is text
        ({"lastObservedAt": None}, "ends with a day"),
        ({"lastObservedAt": [{"endInclusive": END - 60}]}, "ends with a day"),
        ({"lastObservedAt": [{"startInclusive": 0, "endInclusive": END}]}, "ends with a day"),
        ({"description": " "}, "needs a reason"),
    ],
)
def test_a_filter_that_hides_anything_else_is_named_and_not_written(changed: dict[str, Any], why: str) -> None:
    file = adopted(account_with(suppresses(**changed), scan_type="ENHANCED"))
    ((what, said),) = statistic.unsaid(file)
    assert what == "suppression filter by hand"
    assert why in said
    assert "accepted_findings" not in root_of(file)


def test_of_two_filters_for_one_vulnerability_the_registrys_own_is_the_acceptance() -> None:
    tomorrow = [{"endInclusive": END + int(timedelta(days=1).total_seconds())}]
    things = suppresses("acme-CVE-2026-31337"), suppresses("aaa", lastObservedAt=tomorrow)
    file = adopted(account_with(*things, scan_type="ENHANCED"))
    assert root_of(file)["accepted_findings"] == {"CVE-2026-31337": ACCEPTED}
    assert [what for what, _ in statistic.unsaid(file)] == ["suppression filter aaa"]


def test_a_name_that_somebody_else_chose_stays_in_its_comment() -> None:
    file = adopted(account_with(suppresses("x\nprincipals: {}\x1b[2J #", lastObservedAt=None), scan_type="ENHANCED"))
    comments, _, rest = file.folded.texts[ROOT_FILE].partition("registry: ")
    assert all(line.startswith("#") and line.isprintable() for line in comments.splitlines())
    assert "suppression filter x principals: {} [2J #" in comments
    assert "principals" not in rest


def test_what_the_file_takes_for_no_vulnerability_is_left_out_whole() -> None:
    file = adopted(account_with(suppresses(vulnerabilityId=[equals("in house")]), scan_type="ENHANCED"))
    assert [what for what, _ in statistic.unsaid(file)] == ["accepted_findings.in house"]
    assert file.checked.errors == ()


def test_signing_at_a_replica_is_named_with_what_makes_it() -> None:
    text = f"{SMALL}replicas: {{us-west-2: }}\nrepositories: {{web/api: }}\n"
    account, west = as_deployed(declared(text)), Location(OWN.account, "us-west-2")
    rules = [{"signingProfileArn": f"arn:aws:signer:us-west-2:{OWN.account}:/signing-profiles/web", "filter": "*"}]
    signs = {ResourceKey(west, "signing configuration", ""): {"rules": rules}}
    file = adopted(replace(account, settings={**account.settings, **signs}))
    ((what, why),) = statistic.unsaid(file)
    assert what == "signing rules in us-west-2"
    assert "failover_push" in why
    assert [(str(it.thing.at), it.setting) for it in statistic.wrong(file)] == [(str(west), "rules")]


def test_how_long_inspector_looks_again_is_written_as_it_is() -> None:
    values = {"INSPECTOR_RESCAN_DURATION": "DAYS_30", "INSPECTOR_PULL_DATE_RESCAN_MODE": None}
    things = [(OWN, "Inspector setting", name, {"value": value}) for name, value in values.items()]
    file = adopted(account_with(*things, scan_type="ENHANCED"))
    assert root_of(file)["account_settings"] == {"inspector_rescan_duration": "DAYS_30"}
    assert statistic.wrong(file) == []


def test_a_duration_that_this_version_does_not_know_is_named() -> None:
    later = (OWN, "Inspector setting", "INSPECTOR_RESCAN_DURATION", {"value": "DAYS_365"})
    file = adopted(account_with(later, scan_type="ENHANCED"))
    assert [what for what, _ in statistic.unsaid(file)] == ["account_settings.inspector_rescan_duration"]
