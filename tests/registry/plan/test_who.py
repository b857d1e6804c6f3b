"""Plans of who may: what lets in more opens, what lets in somebody else breaks as well."""

from __future__ import annotations

import pytest

from tests.registry.plan.planned import planned

GITHUB = "github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main"
PROJECT = "arn:aws:codebuild:ap-northeast-2:123456789012:project/web"
PODS = '{cluster: "arn:aws:eks:ap-northeast-2:123456789012:cluster/main", namespace: a, service_account: b}'
PROJECT_ID = "b1a2c3d4-0000-4000-8000-000000000003"
CIRCLE = (
    "{organization: b1a2c3d4-0000-4000-8000-000000000001, project: b1a2c3d4-0000-4000-8000-000000000002, "
    "repository: github.com/a/b}"
)
FEDERATED = f"principals: {{it: {{{GITHUB}}}}}\nrepositories: {{web/api: {{push: [it]}}}}\n"
FUNCTION = """\
principals: {it: {lambda_account: "123456789012", lambda_function: thumb-a}}
repositories: {web/api: {pull: [it]}}
"""
SERVICE = f"""\
principals: {{it: {{service: {{name: codebuild.amazonaws.com, source_arn: "{PROJECT}"}}}}}}
repositories: {{web/api: {{pull: [it]}}}}
"""
POD = f"principals: {{it: {{pod_identity: {PODS}}}}}\nrepositories: {{web/api: {{pull: [it]}}}}\n"
JOB = f"principals: {{it: {{circleci: {CIRCLE}, branch: main}}}}\nrepositories: {{web/api: {{push: [it]}}}}\n"
WIDER = {"opens trust-widened"}
OTHER = {"opens principal-changed", "breaks principal-replaced"}
#: A file, what is edited in it, and what is told of that; back again nobody gets more.
CHANGES = {
    "a branch more": (FEDERATED, "branch: main}", "branch: main, also: [{branch: next}]}", WIDER),
    "a project more": (
        JOB,
        "branch: main}",
        f"branch: main, also: [{{circleci: {{project: {PROJECT_ID}}}, branch: main}}]}}",
        WIDER,
    ),
    "more pods": (POD, "service_account: b}}", "service_account: b}, also: [{pod_identity: {namespace: c}}]}", WIDER),
    "the classic subject": (FEDERATED, "branch: main}", "branch: main, classic_subject: true}", WIDER),
    "functions by pattern": (FUNCTION, "lambda_function: thumb-a", "lambda_function_pattern: thumb-*", WIDER),
    "all functions": (FUNCTION, ", lambda_function: thumb-a", "", WIDER),
    "a whole account": (SERVICE, f'source_arn: "{PROJECT}"', 'source_account: "123456789012"', WIDER),
    "another project": (SERVICE, "project/web", "project/api", OTHER),
    "another cluster": (POD, "cluster/main", "cluster/next", OTHER),
    "another service account": (POD, "service_account: b", "service_account: c", OTHER),
    "another branch": (JOB, "branch: main", "branch: next", OTHER),
    "another organization": (JOB, "000000000001", "000000000009", OTHER),
    "tags may be listed": (POD, "{pull: [it]}", "{pull: [it], read: [it]}", {"opens access-gained"}),
}


def told(old: str, new: str) -> set[str]:
    return {f"{it.risk} {it.kind.id}" for it in planned(old, new) if str(it.risk) != "safe"}


@pytest.mark.parametrize("what", CHANGES)
def test_whoever_gets_more_is_told_as_an_opening(what: str) -> None:
    old, before, after, wanted = CHANGES[what]
    assert before in old
    assert told(old, old.replace(before, after)) == wanted


@pytest.mark.parametrize("what", [what for what, change in CHANGES.items() if change[3] == WIDER])
def test_the_way_back_breaks_and_opens_nothing(what: str) -> None:
    old, before, after, _ = CHANGES[what]
    assert told(old.replace(before, after), old) == {"breaks principal-replaced"}


def test_an_account_that_may_write_is_an_opening() -> None:
    old = 'principals: {it: {account: "345678901234"}}\nrepositories: {web/api: {pull: [it]}}\n'
    new = old.replace('"}', '", every_role_writes: true}').replace("pull", "push")
    assert told(old, new) == {"opens access-gained"}
