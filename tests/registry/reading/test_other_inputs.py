"""Everything else that is read from a file: damaged or random, it is read or refused with a place, and soon."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from registry.cost.price_file import prices_of
from registry.errors import InvalidFile
from registry.findings import Finding
from registry.lifecycle import in_use, indexes, inventory
from registry.lifecycle.check import checked_policy
from registry.load import check_sources
from registry.plan.run import plan
from registry.plan.sides import Sides, side_of
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from registry.usage import saved
from tests.documents import registries, sources
from tests.registry.reading.test_damage import WHOLE, anything, paths

DIGEST = "sha256:" + "a" * 64
#: A whole one of each.
POLICY: Any = {
    "rules": [
        {
            "rulePriority": 1,
            "description": "d",
            "selection": {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan",
                          "countNumber": 5},
            "action": {"type": "expire"},
        },
        {
            "rulePriority": 2,
            "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
                          "countNumber": 1},
            "action": {"type": "transition", "targetStorageClass": "archive"},
        },
    ]
}  # fmt: skip
IMAGES: Any = {
    "imageDetails": [
        {
            "registryId": "123456789012",
            "repositoryName": "web/api",
            "imageDigest": DIGEST,
            "imageTags": ["v1", "latest"],
            "imageSizeInBytes": 5,
            "imagePushedAt": "2026-11-26T08:00:00+00:00",
            "imageManifestMediaType": "application/vnd.oci.image.index.v1+json",
            "lastRecordedPullTime": 1795000000.5,
            "imageStatus": "ACTIVE",
            "subjectManifestDigest": DIGEST,
        }
    ]
}
MANIFESTS: Any = {
    "images": [
        {"imageId": {"imageDigest": DIGEST}, "imageManifest": json.dumps({"manifests": [{"digest": DIGEST}]})},
        {"imageId": {"imageDigest": DIGEST[:-1] + "b"}, "imageManifest": json.dumps({"subject": {"digest": DIGEST}})},
    ],
    "failures": [],
}
USAGE: Any = {
    "asOf": "2026-11-26T08:00:00Z",
    "newSince": "2026-11-26T08:00:00Z",
    "unpulledSince": "2026-11-26T08:00:00Z",
    "notAsked": ["us-west-2"],
    "registries": [{"registryId": "123456789012", "region": "us-west-2", "repositories": [], "layers": [], "bases": [],
                    "eachLayerOnceInBytes": {"atLeast": 1, "atMost": 2}}],
}  # fmt: skip
PRICES: Any = {
    "currency": "USD",
    "sources": {"aws": {"title": "AWS", "url": "https://aws.amazon.com/ecr/pricing/", "as_of": "2026-10-01"}},
    "prices": {"storage": {"*": {"aws": 0.1}}},
}
TEAM: Any = {
    "namespace": "web",
    "lifecycles": {"builds": WHOLE["lifecycles"]["releases"]},
    "defaults": {"owner": "web", "lifecycle": "builds", "tags": {"a": "b"}},
    "repositories": {"web/api": {"moving_tags": ["latest*"], "image_tag_mutability": "IMMUTABLE"}, "web/ui": None},
}
POD = "123456789012.dkr.ecr.us-west-2.amazonaws.com/web/api"


def _team(content: bytes) -> Iterable[Finding]:
    """As the file of a team beside a whole root file."""
    root = parse(json.dumps({**WHOLE, "namespaces": {}, "repositories": {}}).encode(), "registry.yaml")
    return check_sources(Sources(root, {"teams/web.yaml": parse(content, "teams/web.yaml")})).findings


def _refused(read: Callable[[bytes, str], object]) -> Callable[[bytes], Iterable[Finding]]:
    """The findings of a reader that raises."""

    def findings(content: bytes) -> Iterable[Finding]:
        try:
            read(content, "file")
        except InvalidFile as problem:
            found = problem.findings
        else:
            return ()
        assert found
        return found

    return findings


READERS: dict[str, tuple[Any, Callable[[bytes], Iterable[Finding]]]] = {
    "lifecycle policy": (POLICY, lambda content: checked_policy(content, "file")),
    "images": (IMAGES, _refused(inventory.read)),
    "manifests": (MANIFESTS, _refused(indexes.read)),
    "usage": (USAGE, _refused(saved.read)),
    "prices": (PRICES, _refused(lambda content, name: prices_of(parse(content, name)))),
    "team file": (TEAM, _team),
}


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> bytes:
    """A whole one with some places removed, or with something else in them; at times with other bytes somewhere."""
    data = {"": copy.deepcopy(whole)}
    for _ in range(draw(st.integers(1, 3))):
        if left := list(paths(data)):
            *above, step = draw(st.sampled_from(left))
            parent: Any = data
            for key in above:
                parent = parent[key]
            if draw(st.booleans()):
                parent[step] = draw(anything | st.floats() | st.text(max_size=3) | st.integers())
            else:
                del parent[step]
    text = json.dumps(data.get("")).encode()
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.binary(max_size=2)) + text[at + draw(st.integers(0, 2)) :]
    return text


def examples(kind: str) -> Callable[[Any], Any]:
    """So many; fewer where a whole registry is read each time."""
    return settings(max_examples=settings().max_examples * (20 if kind == "team file" else 100) // 100)


def looked_at(kind: str, content: bytes) -> None:
    """Read it, and ask of every finding that it says where and what."""
    begun = time.process_time()
    findings = list(READERS[kind][1](content))
    assert time.process_time() - begun < 1
    lines = re.split(r"\r\n|\r|\n", content.decode("utf-8-sig", "replace"))
    for finding in findings:
        assert finding.position.line >= 1, finding
        assert finding.position.column >= 1, finding
        if finding.position.file in ("file", "teams/web.yaml") and kind != "images":  # whose lines are those of rows
            assert finding.position.line <= len(lines), finding
        assert finding.message, finding
        assert finding.allowed or finding.way_out, finding
        assert all(part.isprintable() for part in str(finding).split("\n")), finding


@pytest.mark.parametrize("kind", READERS)
def test_a_whole_one_is_read(kind: str) -> None:
    whole, findings = READERS[kind]
    assert [it for it in findings(json.dumps(whole).encode()) if it.severity.value == "error"] == []


@pytest.mark.parametrize("kind", READERS)
def test_no_damage_makes_a_reader_raise(kind: str) -> None:
    @examples(kind)
    @given(damaged(READERS[kind][0]))
    def tried(content: bytes) -> None:
        looked_at(kind, content)

    tried()


@pytest.mark.parametrize("kind", READERS)
def test_no_bytes_make_a_reader_raise(kind: str) -> None:
    json_like = st.lists(st.sampled_from([*'{}[]:,"', "null", "1e999", "-0", "\\ud800", "\x00", "é"]), max_size=40)

    @examples(kind)
    @given(st.binary(max_size=200) | json_like.map(lambda parts: "".join(parts).encode()))
    def tried(content: bytes) -> None:
        looked_at(kind, content)

    tried()


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("unit", [b"[", b'{"a":', b'"', b"\\", b"a: &a [*a, ", b"- "])
def test_depth_and_length_are_no_hang(kind: str, unit: bytes) -> None:
    looked_at(kind, unit * 20_000)


@given(st.text(max_size=300) | st.lists(st.sampled_from([POD, ":v1", "@", DIGEST, " ", "\n", '"', "/"])).map("".join))
def test_any_text_may_name_what_runs(text: str) -> None:
    begun = time.process_time()
    for found in in_use.references(text, "pods.txt"):
        assert found.where.startswith("pods.txt")
    assert time.process_time() - begun < 1


@settings(max_examples=settings().max_examples * 12 // 100)
@given(registries(), registries())
def test_no_pair_makes_a_plan_raise(old: Any, new: Any) -> None:
    """Whatever is accepted on both sides can be compared, in both directions."""
    sides = []
    for files in (old, new):
        read = sources(*files)
        side = side_of(check_sources(read), read)
        if side is None:
            event("refused")
            return
        sides.append(side)
    one, other = sides
    for pair in (Sides(one, other), Sides(other, one)):
        for change in plan(pair):
            assert change.message, change
