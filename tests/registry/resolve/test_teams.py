"""Team files: gathered from beside the root file and nowhere else, and what each may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.load import CheckResult, check
from registry.model import Repository
from registry.reading import include
from tests.synth import SMALL

WEB = "namespace: web\nrepositories: {web/api: , web/ui: {owner: ui}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "teams").mkdir()
    (tmp_path / "registry.yaml").write_text(SMALL + "include: [teams/*.yaml]\n")
    (tmp_path / "teams" / "web.yaml").write_text(WEB)
    return tmp_path


def outcome(folder: Path, root: str = "", **teams: str) -> CheckResult:
    if root:
        (folder / "registry.yaml").write_text(SMALL + root)
    for name, text in teams.items():
        (folder / "teams" / f"{name}.yaml").write_text(text)
    return check(folder / "registry.yaml", "registry.yaml")


def repositories(found: CheckResult) -> dict[str, Repository]:
    assert found.registry is not None, "\n".join(map(str, found.findings))
    return {repository.name: repository for repository in found.registry.repositories}


def said(found: CheckResult) -> list[tuple[str, str]]:
    return [(str(finding.position), finding.rule) for finding in found.findings]


def test_repositories_of_team_files_are_the_registrys(folder: Path) -> None:
    found = repositories(outcome(folder, data="namespace: data\nrepositories: {data/lake: }\n"))
    assert list(found) == ["data/lake", "web/api", "web/ui"]


def test_a_team_stands_between_the_root_files_namespace_and_the_repository(folder: Path) -> None:
    found = repositories(
        outcome(
            folder,
            "include: [teams/*.yaml]\ndefaults: {owner: platform, tags: {a: root, b: root}}\n"
            "namespaces: {web: {owner: namespace, tags: {b: namespace, c: namespace}}}\n",
            web="namespace: web\ndefaults: {owner: team, tags: {c: team, d: team}}\n"
            "repositories: {web/api: , web/ui: {owner: own, tags: {d: own}}}\n",
        )
    )
    assert dict(found["web/api"].tags) == {"owner": "team", "a": "root", "b": "namespace", "c": "team", "d": "team"}
    assert dict(found["web/ui"].tags) == {"owner": "own", "a": "root", "b": "namespace", "c": "team", "d": "own"}


def test_the_lifecycles_of_a_team_are_its_own(folder: Path) -> None:
    web, data = (
        f"namespace: {name}\nlifecycles: {{own: [{{expire: {{untagged: true, after_days: {days}}}}}]}}\n"
        f"defaults: {{lifecycle: own}}\nrepositories: {{{name}/api: , {name}/x: {{lifecycle: shared}}}}\n"
        for name, days in (("web", 3), ("data", 5))
    )
    shared = "lifecycles: {shared: [{expire: {untagged: true, after_days: 7}}]}\n"
    found = repositories(outcome(folder, f"include: [teams/*.yaml]\n{shared}", web=web, data=data))
    days = {
        name: next(days for days in "357" if f'"countNumber":{days}' in repository.lifecycle.text)
        for name, repository in found.items()
        if repository.lifecycle
    }
    assert days == {"web/api": "3", "data/api": "5", "web/x": "7", "data/x": "7"}


def test_a_team_does_not_change_what_other_repositories_are(folder: Path) -> None:
    alone = repositories(outcome(folder))
    more = repositories(outcome(folder, data="namespace: data\ndefaults: {owner: data}\nrepositories: {data/lake: }\n"))
    assert {name: more[name] for name in alone} == alone


def test_findings_name_the_teams_file_as_the_root_file_was_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "teams" / "web.yaml").write_text(WEB + "owner: web\n")
    assert said(outcome(folder)) == [("teams/web.yaml:3:1", "unknown-key")]
    monkeypatch.chdir(folder.parent)
    assert said(check(Path(folder.name) / "registry.yaml")) == [(f"{folder.name}/teams/web.yaml:3:1", "unknown-key")]


def test_a_team_accepts_warnings_of_its_own_file_only(folder: Path) -> None:
    bad = "lifecycles: {all: [{keep: {any: true, last: 3}}]}\ndefaults: {lifecycle: all}\n"
    web = f"{WEB}{bad}acceptances: [{{rule: lifecycle-any-tagged, reason: seen}}]\n"
    data = f"namespace: data\n{bad}repositories: {{data/lake: }}\n"
    found = outcome(folder, web=web, data=data)
    assert [(f.position.file, f.rule) for f in found.findings] == [("teams/data.yaml", "lifecycle-any-tagged")]
    root = "include: [teams/*.yaml]\nacceptances: [{rule: lifecycle-any-tagged, reason: seen}]\n"
    assert said(outcome(folder, root, web=WEB + bad)) == []


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "other.yaml"
    outside.write_text("namespace: other\nrepositories: {other/x: }\n")
    (folder / "teams" / "other.yaml").symlink_to(outside)
    assert said(outcome(folder)) == [("registry.yaml:2:11", "include")]


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "teams" / "web.yaml").rename(folder / "web-team.yaml")
    (folder / "teams" / "web.yaml").symlink_to(folder / "web-team.yaml")
    assert set(repositories(outcome(folder))) == {"web/api", "web/ui"}


def test_hidden_files_and_folders_are_not_teams(folder: Path) -> None:
    (folder / "teams" / ".web.yaml").write_text("half written")
    (folder / "teams" / "folder.yaml").mkdir()
    assert set(repositories(outcome(folder))) == {"web/api", "web/ui"}


def test_a_file_that_two_patterns_match_is_read_once(folder: Path) -> None:
    found = outcome(folder, "include: [teams/*.yaml, teams/web.yaml]\n")
    assert set(repositories(found)) == {"web/api", "web/ui"}


def test_more_files_than_the_limit_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(include, "MAX_FILES", 2)
    teams = {name: f"namespace: {name}\nrepositories: {{{name}/x: }}\n" for name in ("a", "b")}
    assert said(outcome(folder, a=teams["a"])) == []
    assert said(outcome(folder, b=teams["b"])) == [("registry.yaml:2:11", "include")]


def test_a_teams_file_that_cannot_be_read_hides_no_other_finding_and_starts_no_false_one(folder: Path) -> None:
    root = "include: [teams/*.yaml]\nnamespaces: {web: , data: , wob: {shards: 0}}\n"
    found = outcome(
        folder, root, web="namespace: web\nrepositories: [", data="namespace: data\nrepositories: {d: , dd: }\n"
    )
    assert {rule for _, rule in said(found)} == {"yaml-syntax", "team-repository", "repository-name", "shards"}


def test_the_name_of_a_team_may_stand_in_its_file_alone(folder: Path) -> None:
    found = check(folder / "teams" / "web.yaml", "teams/web.yaml")
    assert said(found) == [("teams/web.yaml:1:1", "team-file")]
    assert found.registry is None


MARKED = {
    "account": ('{account: "210987654321"}', "Principal: {AWS: '210987654321'}"),
    "organization": (
        "{organization: o-a1b2c3d4e5}",
        "Principal: '*', Condition: {StringEquals: {'aws:PrincipalOrgID': o-a1b2c3d4e5}}",
    ),
    "unit": (
        "{organizational_unit: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111}",
        "Principal: '*', Condition: {'ForAnyValue:StringLike': "
        "{'aws:PrincipalOrgPaths': o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*}}",
    ),
    "functions": (
        '{lambda_account: "123456789012"}',
        "Principal: {Service: lambda.amazonaws.com}, Condition: {StringLike: "
        "{'aws:SourceArn': 'arn:aws:lambda:ap-northeast-2:123456789012:function:*'}}",
    ),
}


@pytest.mark.parametrize("kind", MARKED)
def test_a_team_opens_pulling_alone_to_the_many_that_it_is_marked_for(folder: Path, kind: str) -> None:
    """As with grants: writing is for single roles, whoever marked the account or the organization."""
    principal, who = MARKED[kind]
    root = f"include: [teams/*.yaml]\nprincipals: {{many: {principal[:-1]}, teams: [web]}}}}\n"
    policy = "namespace: web\nrepositories: {{web/api: {{repository_policy: {{Statement: [{}]}}}}}}\n"

    def refused(action: str) -> bool:
        found = outcome(folder, root, web=policy.format(f"{{Effect: Allow, {who}, Action: '{action}'}}"))
        assert not [it for it in found.findings if it.rule in ("yaml-syntax", "unknown-key", "wrong-type")]
        return any(it.rule == "repository-policy-team" for it in found.findings)

    assert not refused("ecr:BatchGetImage")
    assert refused("ecr:PutImage")
