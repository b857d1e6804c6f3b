"""Releases: a version is fixed, its moving tags are on the newest, and the next run finishes what ended early."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from ops.images import ImageRegistry
from ops.images.promotion import TagIsFixed
from ops.images.release import AlreadyReleased, Release, Unfinished, VersionRefused, carry_out, plan
from registry.errors import ExitCode
from tests.ops.images.fake_ecr import FakeEcr, Held, Killed, installed
from tests.ops.stubs import ACCOUNT, HOME


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> FakeEcr:
    return installed(monkeypatch)


@pytest.fixture
def held(ecr: FakeEcr) -> Held:
    return ecr.repository()


def release(version: str, source: str, **options: Any) -> Release:
    client = ImageRegistry(HOME, account=ACCOUNT)
    return carry_out(client, plan(client, "web/api", source, version, **options))


def built(held: Held, *versions: str) -> None:
    """Each version is built and released, in this order."""
    for version in versions:
        held.image(version, f"build-{version}")
        release(version, f"build-{version}")


def moving(held: Held) -> dict[str, str]:
    """The build that each moving tag is on."""
    builds = {digest: tag.removeprefix("build-") for tag, digest in held.tags.items() if tag.startswith("build-")}
    return {tag: builds[digest] for tag, digest in sorted(held.tags.items()) if not tag.startswith("build-")}


def test_a_version_is_fixed_and_its_moving_tags_are_moved(held: Held) -> None:
    built(held, "1.2.3")
    assert moving(held) == {"v1.2.3": "1.2.3", "v1.2.x": "1.2.3", "v1.x": "1.2.3"}
    held.image("1.2.4", "build-1.2.4")
    done = release("v1.2.4", "web/api:build-1.2.4")
    assert (done.fixed, done.moved) == (("v1.2.4",), dict.fromkeys(("v1.2.x", "v1.x"), held.tags["v1.2.3"]))
    assert moving(held) == {"v1.2.3": "1.2.3", "v1.2.4": "1.2.4", "v1.2.x": "1.2.4", "v1.x": "1.2.4"}


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["1.3.0", "1.2.4"], {"v1.x": "1.3.0", "v1.3.x": "1.3.0", "v1.2.x": "1.2.4"}),
        (["1.9.0", "1.10.0"], {"v1.x": "1.10.0"}),  # numbers, not letters
        (["1.10.0", "1.9.0"], {"v1.x": "1.10.0"}),
        (["2.0.0", "1.0.1"], {"v2.x": "2.0.0", "v1.x": "1.0.1"}),
        (["1.2.3", "1.2.4-rc.1"], {"v1.2.x": "1.2.3", "v1.x": "1.2.3", "v1.2.4-rc.1": "1.2.4-rc.1"}),
        (["1.3.0-rc.1", "1.2.9"], {"v1.x": "1.2.9"}),  # and a pre-release is nobody's newest
        (["0.1.0", "0.2.0"], {"v0.x": "0.2.0", "v0.1.x": "0.1.0"}),
    ],
)
def test_a_moving_tag_is_on_its_newest_version(held: Held, versions: list[str], expected: Mapping[str, str]) -> None:
    built(held, *versions)
    assert expected.items() <= moving(held).items()


def test_what_stays_is_said_with_the_newer_version(held: Held) -> None:
    built(held, "1.3.0", "1.2.4")
    assert release("1.2.4", "build-1.2.4").kept == {"v1.x": "1.3.0"}
    held.image("1.2.5-rc.1", "rc")
    assert release("1.2.5-rc.1", "rc").notes == ("1.2.5-rc.1 is a pre-release, which moves no tag",)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (("1", "1.2"), {"1.2.3", "1.2", "1"}),
        (("v*.x",), {"v1.2.3", "v1.2.x", "v1.x"}),
        (("v*.x", "1", "1.2"), {"v1.2.3", "v1.2.x", "v1.x", "1.2.3", "1.2", "1"}),
    ],
)
def test_the_form_is_the_one_that_the_repository_lists(held: Held, filters: Any, expected: set[str]) -> None:
    held.filters = filters
    built(held, "1.2.3")
    assert set(moving(held)) == expected


@pytest.mark.parametrize(
    ("mutability", "filters", "forbidden"),
    [
        (
            "IMMUTABLE",
            (),
            "v1.2.x and v1.x may not move in web/api: it is IMMUTABLE\n    way out: `moving_tags: [v*.x]",
        ),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest",), "v1.2.x and v1.x may not move"),
        ("IMMUTABLE_WITH_EXCLUSION", ("v1.2.x",), "v1.x may not move"),
        ("MUTABLE_WITH_EXCLUSION", ("v*",), "v1.2.x and v1.x may not move"),
    ],
)
def test_what_may_not_move_is_refused_before_anything_moved(
    ecr: FakeEcr, held: Held, mutability: str, filters: tuple[str, ...], forbidden: str
) -> None:
    held.mutability, held.filters = mutability, filters
    held.image("x", "build")
    with pytest.raises(TagIsFixed) as refused:
        release("1.2.3", "build")
    assert forbidden in str(refused.value)
    assert "PutImage" not in ecr.calls
    assert release("1.2.3", "build", fixed_only=True).moved == {}
    assert held.tags == {"build": held.tags["build"], "v1.2.3": held.tags["build"]}


def test_a_release_stays_what_it_is(ecr: FakeEcr, held: Held) -> None:
    built(held, "1.2.3")
    held.image("other", "other")
    ecr.calls.clear()
    with pytest.raises(
        AlreadyReleased, match=r"web/api:v1.2.3 is sha256.*: a release stays.*\n    way out: release it as"
    ):
        release("1.2.3", "other")
    assert "PutImage" not in ecr.calls
    held.tags["1.2.3"] = held.tags.pop("v1.2.3")  # in the other form, too
    with pytest.raises(AlreadyReleased):
        release("1.2.3", "other")


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.2", "1.2 is no version\n    allowed: MAJOR.MINOR.PATCH"),
        ("1.02.3", "is no version"),
        ("latest", "is no version"),
        ("1.2.3+build.7", "has build metadata, and no tag has a + in it"),
    ],
)
def test_what_is_no_version_is_bad_usage(held: Held, version: str, words: str) -> None:
    held.image("x", "build")
    with pytest.raises(VersionRefused) as refused:
        release(version, "build")
    assert words in str(refused.value)
    assert refused.value.exit_code == ExitCode.INVALID


def test_a_source_in_another_repository_has_to_be_copied_first(held: Held) -> None:
    with pytest.raises(VersionRefused, match=r"`ecrctl promote web/ui:v1 TAG --to web/api` copies it there first"):
        release("1.2.3", "web/ui:v1")


def test_where_a_release_is_not_fixed_and_where_it_leaves_an_image_without_tags_is_said(held: Held) -> None:
    held.mutability, held.filters = "MUTABLE", ()
    old = held.image("old", "v1.x")
    held.image("new", "build")
    notes = release("1.2.3", "build").notes
    assert notes[0] == "v1.2.3 is not fixed: web/api is MUTABLE"
    assert notes[1].startswith(f"v1.x was the last tag of {old}, which untagged images go away with")


def test_ended_between_any_two_calls_every_tag_is_as_before_or_after_and_the_next_run_finishes(ecr: FakeEcr) -> None:
    def world() -> Held:
        ecr.held.clear()
        held = ecr.repository()
        built(held, "1.2.3")
        held.image("1.2.4", "build-1.2.4")
        ecr.calls.clear()
        return held

    held = world()
    was = dict(held.tags)
    release("1.2.4", "build-1.2.4")
    calls, done = len(ecr.calls), dict(held.tags)
    assert ecr.calls.count("PutImage") == 3
    said = 0
    for call in range(calls):
        held = world()

        def ends(operation: str, asked: Any, last: int = call) -> None:
            if len(ecr.calls) == last:
                raise Killed

        ecr.before = ends
        with pytest.raises(Killed):
            release("1.2.4", "build-1.2.4")
        ecr.before = lambda operation, asked: None
        for tag in {*was, *done}:
            assert held.tags.get(tag) in (was.get(tag), done.get(tag))
        again = release("1.2.4", "build-1.2.4")
        assert held.tags == done
        said += any("is there already" in it and "the release is finished now" in it for it in again.notes)
    assert said == 3  # before v1.2.x, between reading and moving, before v1.x


def test_what_is_written_is_said_where_aws_fails_between_two_tags(ecr: FakeEcr, held: Held) -> None:
    held.image("1.2.3", "build-1.2.3")

    def ends(operation: str, asked: Any) -> None:
        if asked.get("imageTag") == "v1.x":
            raise EndpointConnectionError(endpoint_url="https://ecr")

    ecr.before = ends
    with pytest.raises(Unfinished) as failed:
        release("1.2.3", "build-1.2.3")
    first, *rest = str(failed.value).splitlines()
    written = "v1.2.3 is written, v1.2.x is written, it is not known whether v1.x is in web/api"
    assert first == f"{written}: the same again finishes it"
    assert "way out: " in "\n".join(rest)
    assert failed.value.exit_code == ExitCode.UNKNOWN


def test_a_newer_release_meanwhile_keeps_its_moving_tags(ecr: FakeEcr, held: Held) -> None:
    """Whenever 1.2.4 comes between two calls of 1.2.3, v1.2.x and v1.x end on it."""
    held.image("1.2.3", "build-1.2.3")
    release("1.2.3", "build-1.2.3")
    number = len(ecr.calls)
    for call in range(number + 1):
        ecr.held.clear()
        held = ecr.repository()
        for version in ("1.2.3", "1.2.4"):
            held.image(version, f"build-{version}")
        ecr.calls.clear()

        def other(operation: str, asked: Any, at: int = call) -> None:
            if len(ecr.calls) == at:
                ecr.before = lambda operation, asked: None
                release("1.2.4", "build-1.2.4")

        ecr.before = other
        release("1.2.3", "build-1.2.3")
        if call == number:
            release("1.2.4", "build-1.2.4")
        assert moving(held) == {"v1.2.3": "1.2.3", "v1.2.4": "1.2.4", "v1.2.x": "1.2.4", "v1.x": "1.2.4"}, call


def test_a_moving_tag_that_lags_behind_a_newer_release_is_said_and_left(held: Held) -> None:
    built(held, "1.1.0", "1.2.3", "1.2.4")
    held.tags["v1.x"] = held.tags["v1.2.3"]  # its release was not finished, or somebody does not want 1.2.4
    held.image("1.1.1", "build-1.1.1")
    (note,) = release("1.1.1", "build-1.1.1").notes
    assert note == (
        "v1.x is not on v1.2.4, the newest: was its release not finished? "
        "`ecrctl release web/api v1.2.4 --version 1.2.4` finishes it"
    )
    assert moving(held)["v1.x"] == "1.2.3"
    release("1.2.4", "v1.2.4")
    assert moving(held)["v1.x"] == "1.2.4"
