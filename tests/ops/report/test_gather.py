"""What the page of a report says, before anybody writes HTML: facts of the model, with the lines that say so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ops.report.facts import PlaceFacts, Report
from ops.report.gather import read
from registry.errors import InvalidRegistry, UnreadableFile
from tests.synth import SMALL
from tests.test_company import COMPANY, TODAY


@pytest.fixture(scope="module")
def company() -> Report:
    return read(COMPANY, today=TODAY)


def written(tmp_path: Path, text: str, **teams: str) -> Path:
    file = tmp_path / "registry.yaml"
    file.write_text(SMALL + text)
    for name, team in teams.items():
        (tmp_path / f"{name}.yaml").write_text(team)
    return file


def test_the_home_comes_first_and_each_replica_says_what_it_receives(company: Report) -> None:
    home, *replicas = company.places
    assert (home.account, home.region, home.is_home) == ("123456789012", "eu-central-1", True)
    assert [company.beside_home(it) for it in replicas] == [
        *("ap-southeast-1", "us-east-1", "567890123456/eu-west-1", "678901234567/eu-central-1"),
    ]
    assert replicas[2] == PlaceFacts(
        account="567890123456", region="eu-west-1", is_home=False, everything=False, deletes=True, receives=("mobile",)
    )


def test_a_namespace_has_its_repositories_and_what_all_of_them_share_is_said_once(company: Report) -> None:
    namespaces = {it.name: it for it in company.namespaces}
    assert company.repositories == 70
    assert namespaces["checkout"].owners == ("team-checkout",)
    assert namespaces["checkout"].labels == ("cost-center: 3000", "data-class: card")
    assert namespaces["base"].labels == ()
    assert [it.labels for it in namespaces["base"].repositories if it.name == "base/java"] == [("cost-center: 1010",)]
    assert namespaces["web"].places == ("ap-southeast-1", "us-east-1")


def test_a_namespace_that_ecr_fills_is_one_too(company: Report) -> None:
    namespaces = {it.name: it for it in company.namespaces}
    assert namespaces["docker-hub"].created == ("below docker-hub: cached from registry-1.docker.io",)
    assert namespaces["sandbox"].created == ("below sandbox: when pushed",)
    assert namespaces["docker-hub"].repositories == ()


def test_a_repository_is_told_in_words_with_its_line(company: Report) -> None:
    (wallet,) = [it for one in company.namespaces for it in one.repositories if it.name == "checkout/wallet"]
    assert wallet.tags == "immutable, but for prod"
    assert wallet.encryption == "KMS, eu-central-1: alias/wallet-eu, us-east-1: alias/wallet-us"
    assert (wallet.lifecycle, wallet.scanned, wallet.owner) == ("audited", "continuously", "team-checkout")
    lines = (COMPANY.parent / "teams" / "checkout.yaml").read_text().splitlines()
    file, _, line = wallet.at.rpartition(":")
    assert file == "teams/checkout.yaml"
    assert "checkout/wallet:" in lines[int(line) - 1]


def test_tags_that_must_match_something_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, "repositories: {web/api: {tags_must_match: ['v*', latest], moving_tags: [latest]}}\n")
    assert read(file).namespaces[0].repositories[0].tags == "immutable, but for latest; only v*, latest"


def test_a_lifecycle_is_sentences_in_the_order_of_ecr(company: Report) -> None:
    lifecycles = {it.name: it for it in company.lifecycles}
    assert lifecycles["models"].sentences == (
        "keep images tagged champion*, however many",
        "archive images tagged model-* and *-final, 180 days after their last pull",
        "expire images tagged exp-*, 30 days after their push",
        "expire untagged images, 3 days after their push",
        "expire all archived images, 365 days after they were archived",
    )
    assert lifecycles["nothing expires"].sentences == ("nothing expires",)
    assert lifecycles["cached"].namespaces == ("template ROOT",)
    assert "expire images tagged v*, all but the last 30" in lifecycles["releases"].sentences


def test_the_access_relation_is_that_of_the_command_access(company: Report) -> None:
    (auditor,) = [it for it in company.access if it.principal == "auditor"]
    assert (auditor.may, auditor.where, auditor.namespaces) == ("pull", "checkout/*", ("checkout",))
    assert auditor.places == ("eu-central-1", "us-east-1", "678901234567/eu-central-1")
    assert auditor.at.startswith("teams/checkout.yaml:")
    opened = [(it.principal, it.who, it.namespaces) for it in company.access if it.written]
    functions = "arn:aws:lambda:eu-central-1:123456789012:function:*"
    assert opened == [
        ("company", "o-a1b2c3d4e5", ()),
        ("", "everybody", ()),  # what is published
        ("", f"lambda.amazonaws.com for {functions}", ("web",)),
    ]


def test_what_a_policy_denies_is_no_access(tmp_path: Path) -> None:
    statement = "{Effect: Deny, Principal: '*', Action: ecr:DeleteRepository}"
    found = read(written(tmp_path, f"repositories: {{web/api: {{repository_policy: {{Statement: [{statement}]}}}}}}\n"))
    (row,) = found.access
    assert row.denies
    assert (row.who, row.where) == ("everybody", "web/api")


def test_a_network_says_who_gets_through_its_endpoints(company: Report) -> None:
    first, second, trial = company.networks
    assert first.made == ("ecr.api", "ecr.dkr", "sts", "logs", "s3")
    assert first.pulls_from == ("602401143452",)
    assert "functions" not in first.passing  # Lambda pulls through no VPC
    assert (second.made, second.existing) == (("ecr-fips.dkr",), ("ecr-fips.api", "s3"))
    assert second.organization == "o-a1b2c3d4e5"
    assert trial.passing == ("company", "eks-nodes", "flux", "image-updater", "platform", "web-release")


def test_an_acceptance_has_its_reason_and_the_warnings_it_silences(company: Report) -> None:
    accepted = {it.rule: it for it in company.acceptances}
    assert company.findings == ()
    assert accepted["lifecycle-archive"].until == "2027-12-31"
    assert [it.at.partition(":")[0] for it in accepted["lifecycle-archive"].silences] == ["teams/data.yaml"] * 2
    assert accepted["grant-pull-requests"].reason == "web/preview is for reviewers only, and is thrown away."
    assert len(accepted["grant-pull-requests"].silences) == 1
    assert all(it.silences for it in company.acceptances)


def test_a_team_accepts_for_its_own_file_and_the_root_file_for_all(tmp_path: Path) -> None:
    def team(name: str, accepts: str) -> str:
        lifecycle = "{x: [{expire: {any: true, after_days: 9}}]}"
        return f"namespace: {name}\nlifecycles: {lifecycle}\nrepositories: {{{name}/api: {{lifecycle: x}}}}\n{accepts}"

    accepts = "acceptances: [{rule: lifecycle-any-tagged, reason: so it is}]\n"
    file = written(tmp_path, "include: [a.yaml, b.yaml]\n", a=team("a", accepts), b=team("b", ""))
    found = read(file)
    assert [[it.at for it in one.silences] for one in found.acceptances] == [["a.yaml:2:18"]]
    assert [it.at for it in found.findings] == ["b.yaml:2:18"]
    found = read(written(tmp_path, f"include: [a.yaml, b.yaml]\n{accepts}"))
    assert [[it.at for it in one.silences] for one in found.acceptances] == [
        *(["a.yaml:2:18", "b.yaml:2:18"], ["a.yaml:2:18"]),
    ]


def test_an_acceptance_that_has_lapsed_silences_nothing_and_its_warning_is_back() -> None:
    later = read(COMPANY, today=date(2028, 1, 1))
    assert {it.rule for it in later.findings} >= {"acceptance-lapsed", "lifecycle-archive"}
    (lapsed,) = [it for it in later.acceptances if it.rule == "lifecycle-archive"]
    assert lapsed.silences == ()


def test_of_a_file_that_manages_repositories_only_nothing_registry_wide_is_said(tmp_path: Path) -> None:
    found = read(written(tmp_path, "manage: [repositories]\nrepositories: {web/api: }\n"))
    assert not found.manages_registry
    assert {it.about for it in found.settings} == {"Roles made here"}


def test_where_the_file_lies_is_not_told(tmp_path: Path) -> None:
    team = "namespace: web\ndefaults: {owner: web}\nrepositories: {web/api: }\n"
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        written(folder, "include: [team.yaml]\n", team=team)
    assert read(one / "registry.yaml") == read(other / "registry.yaml")


def test_a_file_that_is_refused_has_no_page(tmp_path: Path) -> None:
    with pytest.raises(InvalidRegistry):
        read(written(tmp_path, "repositories: {WEB: }\n"))
    with pytest.raises(UnreadableFile):
        read(tmp_path / "missing.yaml")
