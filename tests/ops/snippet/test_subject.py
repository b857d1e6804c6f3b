"""Whose jobs a snippet is for: the only ones that may, or those that are named; else it is said who may."""

from __future__ import annotations

import pytest

from ops.snippet.make import Target
from ops.snippet.subject import NoSnippet, label_of
from registry.errors import UnknownName
from registry.locations import Location
from tests.snippets import TEXT, only, snippet, step, workflow

ROLE = "aws-actions/configure-aws-credentials"
TWO = TEXT.replace("web/api: {push: [main]", "web/api: {push: [main, tags, lab]")


def role(name: str, text: str = TEXT, **more: str) -> str:
    return str(step(workflow(snippet(name, "github", text, **more)), ROLE)["with"]["role-to-assume"])


def test_the_only_one_that_may_push_is_chosen() -> None:
    made = snippet("web/api", "github")
    assert (made.repository, made.principal) == ("web/api", "main")
    assert role("web/api").endswith("/acme-main")


def test_where_several_may_it_is_asked_which() -> None:
    with pytest.raises(NoSnippet) as refused:
        snippet("web/api", "github", TWO)
    assert str(refused.value) == (
        "2 principals that are jobs of GitHub may push in web/api\n    allowed: main, prod, tags\n"
        "    way out: choose with --as, such as --as main"
    )
    assert role("web/api", TWO, as_="tags").endswith("/acme-tags")
    assert snippet("web/api", "gitlab", TWO).principal == "lab"  # of those on GitLab there is one


@pytest.mark.parametrize(
    ("target", "subject"),
    [
        ("terraform", "subject_pattern: 'organization:acme:project:web:workspace:*'"),
        ("terraform", "subject_pattern: 'organization:acme:project:web:workspace:web:run_phase:*'"),
        ("terraform", "subject_pattern: 'organization:acme:project:web:workspace:*:run_phase:apply'"),
        ("terraform", "subject: 'job:run_phase:apply'"),
        ("gitlab", "subject_pattern: 'project_path:acme/*'"),
        ("gitlab", "subject: 'project_path:acme/web'"),
    ],
)
def test_tokens_of_an_issuer_of_ones_own_are_those_of_a_ci_where_their_subject_names_one_job(
    target: Target, subject: str
) -> None:
    text = TEXT.replace("  agent:", f"  own: {{oidc: {{issuer: ci.example.com, audience: a, {subject}}}}}\n  agent:")
    text = text.replace("web/lab-tags: {push: [lab-tags]}", "web/own: {push: [own], promote: [own]}")
    with pytest.raises(NoSnippet, match=r"no principal that is (runs of HCP Terraform|jobs of GitLab) may"):
        snippet("web/own", target, text, **({"image": "v1.2.3"} if target == "terraform" else {}))


def test_a_host_of_ones_own_gets_its_files_from_whole_subjects() -> None:
    whole = "organization:acme:project:a b:workspace:web:run_phase:apply"
    own = f"  own: {{oidc: {{issuer: tfe.example.com, audience: a, subject: '{whole}'}}}}\n  agent:"
    text = TEXT.replace("  agent:", own).replace("read: [runs]", "read: [own]")
    made = snippet("web/circle", "terraform", text, image="v1.2.3")
    assert '"hostname": "tfe.example.com"' in made.files["workspace/ecr.tf.json"]


def test_a_principal_stands_for_its_only_repository() -> None:
    made = snippet("pulls", "github")
    assert (made.repository, made.principal) == ("web/pulls", "pulls")
    with pytest.raises(NoSnippet) as refused:
        snippet("main", "github")
    assert "main may push or promote in 3 repositories\n    allowed: web/api, web/fixed, web/function" in str(
        refused.value
    )
    with pytest.raises(NoSnippet, match="functions may push or promote in no repository"):
        snippet("functions", "github")


@pytest.mark.parametrize(
    ("name", "target", "as_", "message"),
    [
        ("web/api", "gitlab", None, "no principal that is jobs of GitLab may push or promote in web/api"),
        ("web/api", "jenkins", None, "no principal that is an existing role may push or promote in web/api"),
        ("web/api", "jenkins", "main", "main is not an existing role"),
        ("web/api", "github", "tags", "tags may not push or promote in web/api"),
        ("alone", "github", None, "no principal that is jobs of GitHub may push or promote in alone"),
        ("alone", "ecs", None, "no principal that is an existing role may pull in alone"),
    ],
)
def test_who_may_not_gets_nothing(name: str, target: Target, as_: str | None, message: str) -> None:
    with pytest.raises(NoSnippet) as refused:
        snippet(name, target, as_=as_)
    assert str(refused.value).startswith(message)
    assert "\n    allowed: " in str(refused.value)
    assert "\n    way out: " in str(refused.value)


@pytest.mark.parametrize(("name", "as_", "near"), [("web/apo", None, "web/api"), ("web/api", "mian", "main")])
def test_a_name_that_is_not_declared_is_told_the_nearest(name: str, as_: str | None, near: str) -> None:
    with pytest.raises(UnknownName, match=f"did you mean {near}"):
        snippet(name, "github", as_=as_)


def test_who_may_promote_gets_that_job_and_the_others_are_told_of_it() -> None:
    made = snippet("web/api", "github", as_="prod")
    assert set(made.files) == {".github/workflows/promote-web-api.yml", "ci/promote-web-api.sh"}
    assert any("prod may promote web/api\n    way out: --as prod" in it for it in snippet("web/api", "github").notes)


def test_the_job_runs_for_what_the_role_trusts() -> None:
    assert workflow(snippet("web/api", "github"))["on"] == {"push": {"branches": ["main"]}}
    made = workflow(snippet("web/pulls", "github"))
    assert made["on"] == {"pull_request": {}}
    assert made["jobs"]["image"]["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    said = only(snippet("web/lab-tags", "gitlab"), ".gitlab-ci.yml")
    assert '- if: "$CI_COMMIT_TAG =~ /^v.*$/"' in said


def test_a_branch_with_githubs_own_characters_is_matched_as_it_is_written() -> None:
    """github/docs #8106: `+` in a filter is no plus."""
    text = TEXT.replace("branch: main}\n  tags", "branch: 'c++/*'}\n  tags")
    assert workflow(snippet("web/api", "github", text))["on"] == {"push": {"branches": [r"c\+\+/**"]}}


def test_an_agent_that_is_not_the_role_stops_before_it_builds() -> None:
    script = only(snippet("web/agent", "codebuild"), "push-web-agent.sh")
    assert "session=:012345678901:assumed-role/agent/" in script
    assert "get-caller-identity" not in only(snippet("web/lab", "gitlab"), "push-web-lab.sh")


def test_ecs_pulls_as_a_role_that_may() -> None:
    assert '"executionRoleArn": "arn:aws:iam::012345678901:role/task-execution"' in only(
        snippet("web/api", "ecs"), ".json"
    )


def test_a_replica_is_pulled_from_where_it_is_one() -> None:
    there = Location("012345678901", "us-west-2")
    said = only(snippet("web/api", "kubernetes", at=there), ".yaml")
    assert "012345678901.dkr.ecr.us-west-2.amazonaws.com/web/api:prod" in said
    with pytest.raises(NoSnippet) as refused:
        snippet("alone", "kubernetes", at=there, image="v1")
    assert str(refused.value) == (
        "alone is not in us-west-2\n    allowed: ap-northeast-2\n    way out: choose one with --region"
    )


def test_who_may_not_pull_is_said() -> None:
    assert any("nobody may pull alone" in it for it in snippet("alone", "compose", image="v1").notes)
    assert any("Lambda may not pull web/api" in it for it in snippet("web/api", "lambda", image="v1").notes)


def test_in_china_hosts_and_roles_are_chinas() -> None:
    text = TEXT.replace("ap-northeast-2", "cn-north-1").replace("us-west-2", "cn-northwest-1")
    text = text.replace("arn:aws:", "arn:aws-cn:")
    made = workflow(snippet("web/api", "github", text))
    assert made["jobs"]["image"]["env"]["IMAGE"] == "012345678901.dkr.ecr.cn-north-1.amazonaws.com.cn/web/api"
    assert role("web/api", text).startswith("arn:aws-cn:iam::")


@pytest.mark.parametrize(
    ("name", "label"),
    [("web/api", "web-api"), ("a__b.c/d-e", "a-b-c-d-e"), ("x" * 100 + "/" + "y" * 62, "y" * 62)],
)
def test_a_name_becomes_one_that_kubernetes_takes(name: str, label: str) -> None:
    assert label_of(name) == label
