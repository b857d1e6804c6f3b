"""`ecrctl plan --live`: what AWS says of a plan. What drift, the guard and retire find themselves is tested there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cloud import CloudError
from ops.aws.stacks import Stack
from ops.cli import app
from ops.drift.compare import Drift, State
from ops.drift.reading import ResourceKey
from ops.lifecycle.guard import GuardResult
from registry.lifecycle.images import Image
from registry.lifecycle.in_use import ImageAtRisk, Reference
from registry.load import load
from registry.locations import Location
from tests.ops.plan.test_plan import OneAfterTheOther
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.registry.plan.test_templates_explained import templates
from tests.synth import SMALL

AT = Location(ACCOUNT, HOME)
LIFECYCLE = "lifecycles: {x: [{keep: {tagged: '*', last: 5}}]}\n"
OLD = f"{SMALL}{LIFECYCLE}repositories: {{web/api: {{lifecycle: x}}, web/db: }}\n"
NEW = OLD.replace("last: 5", "last: 1")


class Aws:
    """What the parts of AWS that other commands ask have to say."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.drift: list[Drift] = []
        self.running: list[ImageAtRisk] = []
        self.stacks: list[Stack] = []
        self.closed: list[str] = []
        self.guarded: list[list[str]] = []
        self.runs: list[Reference] = []
        self.asked: list[str] = []

    def images(self, *tags: str) -> None:
        rows = [
            {"imageDigest": f"sha256:{n:064}", "imageTags": [tag], "repositoryName": "web/api",
             "imagePushedAt": datetime(2026, 1, n, tzinfo=UTC)} for n, tag in enumerate(tags, start=1)
        ]  # fmt: skip
        self.cloud.expect("describe_images", {"imageDetails": rows})


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setattr("ops.plan.run.templates", lambda file: templates(load(file)[0]))
    monkeypatch.setattr("ops.plan.run.ThreadPoolExecutor", lambda _: OneAfterTheOther())
    with stubbed(monkeypatch) as cloud:
        made = Aws(cloud)
        monkeypatch.setattr("ops.plan.live.cloud.caller", lambda region: ACCOUNT)
        monkeypatch.setattr("ops.plan.live.drift_before_deploy", lambda registry: made.drift)
        monkeypatch.setattr("ops.plan.live.account_of", lambda registry, left: ACCOUNT)

        def guard(registry: Any, asked: Any, **_: Any) -> GuardResult:
            made.guarded.append([str(it) for it in asked])
            return GuardResult(repositories=1, going=1, found=tuple(made.running))

        def retired(registry: Any, account: str, in_app: Any, *, name: str) -> tuple[list[Stack], list[str]]:
            return [it for it in made.stacks if (it.at, it.name) not in in_app and it.registry == name], made.closed

        def running_in(regions: Any, sources: Any) -> tuple[list[Reference], tuple[str, ...]]:
            made.asked += sources
            return made.runs, ()

        monkeypatch.setattr("ops.plan.live.running_in", running_in)
        monkeypatch.setattr("ops.plan.live.guard", guard)
        monkeypatch.setattr("ops.plan.live.retired", retired)
        yield made


def live(tmp_path: Path, old: str = OLD, new: str = NEW, *words: str) -> dict[str, list[dict[str, Any]]]:
    """The changes that AWS has a part in, by their rule."""
    paths = [tmp_path / "old.yaml", tmp_path / "new.yaml"]
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text)
    finished = CliRunner().invoke(app, ["plan", *map(str, paths), "--live", "--json", *words])
    if finished.exception is not None:
        raise finished.exception
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(finished.stdout)["changes"]:
        if each["rule"].startswith("live-") or each["rule"] in ("lifecycle-takes-images", "replica-backfill"):
            found.setdefault(each["rule"], []).append(each)
    return found


def test_images_that_are_there_and_would_go_now_are_named(aws: Aws, tmp_path: Path) -> None:
    aws.images("v1", "v2", "v3")
    (change,) = live(tmp_path)["lifecycle-takes-images"]
    assert (change["risk"], change["subjects"]) == ("destroys", ["web/api"])
    assert change["message"] == f"2 of 3 images go that would have stayed: v1, v2 (now, in {HOME})"
    assert aws.guarded == [[f"web/api in {HOME}"]]


def test_where_no_lifecycle_takes_more_no_image_is_looked_at(aws: Aws, tmp_path: Path) -> None:
    assert live(tmp_path, NEW, OLD) == {}
    assert aws.guarded == []


def test_an_image_that_runs_destroys(aws: Aws, tmp_path: Path) -> None:
    aws.images()
    common = {"account": ACCOUNT, "region": HOME, "repository": "web/api", "action": "expire", "priority": 1,
              "description": "", "because": ""}  # fmt: skip
    image = Image(digest="sha256:a", tags=("v1",), pushed=datetime(2026, 1, 1, tzinfo=UTC))
    aws.running = [
        ImageAtRisk(**common, image=image, running=("ECS service web",)),  # type: ignore[arg-type]
        ImageAtRisk(**common, image=image, running=("the live policy takes it",), added=False),  # type: ignore[arg-type]
    ]
    (change,) = live(tmp_path)["live-runs"]
    assert (change["risk"], change["message"], change["before"]) == (
        "destroys", f"v1 runs in {HOME} and would go by rule 1", "ECS service web"
    )  # fmt: skip


def test_what_was_changed_by_hand_is_told_of_what_the_plan_touches(aws: Aws, tmp_path: Path) -> None:
    aws.images()
    aws.drift = [
        Drift(thing=ResourceKey(AT, noun, name), state=State.DIFFERS, setting="x", expected=[1, 2], live=[1, 3])
        for noun, name in (("repository", "web/api"), ("repository", "web/db"), ("registry policy", ""), ("role", "r"))
    ]
    aws.drift.append(Drift(thing=ResourceKey(AT, "repository", "web/api"), state=State.UNDECLARED))
    (change,) = live(tmp_path)["live-drift"]
    assert (change["risk"], change["subjects"]) == ("breaks", ["repository web/api"])
    assert (change["message"], change["before"], change["after"]) == (f"x differs in {HOME}", "[2]", "[3]")
    assert (change["line"], change["inOldFile"]) == (3, False)


def test_what_a_deploy_would_find_taken_is_told_with_the_stack_that_has_it(aws: Aws, tmp_path: Path) -> None:
    thing = ResourceKey(AT, "repository", "web/new")
    aws.drift = [Drift(thing=thing, state=State.EXISTS_OUTSIDE_STACK, expected={"a": 1}, live={"a": 2}, owner="legacy")]
    (change,) = live(tmp_path, OLD, OLD.replace("web/db: ", "web/db: , web/new: {owner: team-web}"))["live-drift"]
    assert change["message"] == f"exists outside its stack in {HOME}, in the stack legacy"
    assert (change["before"], change["after"], change["concerns"]) == ("", "", ["team-web"])


def test_what_the_plan_touches_and_nobody_may_read_is_no_plan(aws: Aws, tmp_path: Path) -> None:
    who = "principals: {ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}}\n"
    old = f"{SMALL}{who}repositories: {{web/api: {{push: [ci]}}}}\n"
    aws.drift = [Drift(thing=ResourceKey(AT, "role", ""), state=State.NOT_COMPARED, refused="iam:GetRole")]
    with pytest.raises(CloudError, match=r"may not call iam:GetRole\n    way out: attach"):
        live(tmp_path, old, old.replace("push", "pull"))
    assert live(tmp_path, old, f"{old}scanning: {{}}\n") == {}  # it touches no role


def test_a_repository_that_is_deleted_is_told_with_its_images_and_what_runs_of_them(aws: Aws, tmp_path: Path) -> None:
    aws.images("v1", "v2")
    digest = f"sha256:{2:064}"
    aws.runs = [
        Reference(repository="web/api", tag="v1", digest=None, where="service one", account=ACCOUNT, region=HOME),
        Reference(repository="web/api", tag="other", digest=digest, where="function two", account=ACCOUNT, region=HOME),
        Reference(repository="web/api", tag="v1", digest=None, where="elsewhere", account=ACCOUNT, region="eu-west-1"),
    ]
    old = OLD.replace("{lifecycle: x}", "{empty_on_delete: true}")
    found = live(tmp_path, old, OLD.replace("web/api: {lifecycle: x}, ", ""), "--without", "ecs")
    (change,) = found["live-images-deleted"]
    assert (change["risk"], change["subjects"]) == ("destroys", ["web/api"])
    assert change["message"] == f"holds 2 images in {HOME}, which go with it"
    assert {it["message"]: it["before"] for it in found["live-runs"]} == {
        f"v1 runs in {HOME} and would go with its repository": "service one",
        f"v2 runs in {HOME} and would go with its repository": "function two",
    }
    assert aws.asked == ["lambda"]


def test_images_that_a_new_replica_does_not_get_by_itself_are_counted(aws: Aws, tmp_path: Path) -> None:
    aws.images("v1", "v2")
    aws.cloud.expect("describe_images", {"imageDetails": []})
    (change,) = live(tmp_path, OLD, f"{OLD}replicas: {{us-west-2: }}\n")["replica-backfill"]
    assert change["message"] == "gets 2 images of 1 repository only by `ecrctl backfill us-west-2`"


def test_aws_is_asked_also_where_the_old_file_has_errors(aws: Aws, tmp_path: Path) -> None:
    aws.images()
    aws.drift = [Drift(thing=ResourceKey(AT, "repository", "web/api"), state=State.MISSING)]
    (change,) = live(tmp_path, OLD.replace("web/db: ", "web/db: {moving_tags: [a, b, c, d, e, f]}"), NEW)["live-drift"]
    assert change["message"] == f"missing in {HOME}"


def test_a_service_is_left_out_only_of_what_is_live(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(OLD)
    finished = CliRunner().invoke(app, ["plan", str(tmp_path / "old.yaml"), "--without", "ecs"])
    assert finished.exit_code == 2
    assert "--without: it goes with --live" in finished.output


def test_a_policy_that_is_changed_by_hand_is_told_where_the_plan_writes_it(aws: Aws, tmp_path: Path) -> None:
    who = "principals: {ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}}\n"
    old = f"{SMALL}{who}repositories: {{web/api: {{push: [ci]}}}}\n"
    aws.drift = [
        Drift(thing=ResourceKey(AT, noun, "x"), state=State.DIFFERS) for noun in ("managed policy", "creation template")
    ]
    (change,) = live(tmp_path, old, old.replace("push", "pull"))["live-drift"]
    assert change["subjects"] == ["managed policy x"]


def test_a_stack_that_would_be_left_costs(aws: Aws, tmp_path: Path) -> None:
    both = [
        Stack(at=AT, name=name, status="CREATE_COMPLETE", created=datetime(2026, 1, 1, tzinfo=UTC), registry="acme")
        for name in ("acme-Repositories-web", "acme-Repositories-db")
    ]
    aws.stacks = both
    old = f"{SMALL}repositories: {{web/api: , db/one: }}\n"
    (change,) = live(tmp_path, old, f"{SMALL}repositories: {{web/api: }}\n")["live-stack-left"]
    assert (change["risk"], change["subjects"]) == ("costs", [f"acme-Repositories-db in {HOME}"])


def test_a_region_that_cannot_be_read_is_no_region_without_stacks(aws: Aws, tmp_path: Path) -> None:
    aws.closed = [HOME]
    with pytest.raises(CloudError, match=f"the file has stacks in {HOME}, so whether one has left"):
        live(tmp_path, OLD, OLD.replace("web/db: ", "web/db: {owner: team-web}"))


def test_credentials_of_another_account_are_refused_first(
    aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.plan.live.cloud.caller", lambda region: "999999999999")
    aws.drift = [Drift(thing=ResourceKey(AT, "repository", "web/db"), state=State.DIFFERS)]
    with pytest.raises(CloudError, match="the credentials belong to the account 999999999999"):
        live(tmp_path, OLD, OLD.replace("web/db: ", "web/db: {owner: team-web}"))
