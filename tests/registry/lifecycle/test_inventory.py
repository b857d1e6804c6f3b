"""Reading what AWS answers about images: every form of it, and a place for everything that is wrong."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import InvalidFile
from registry.lifecycle import indexes, inventory
from registry.lifecycle.images import INDEX_TYPES, LARGEST, since
from tests.registry.lifecycle.simulated import image

ROW = {"imageDigest": "sha256:a", "imagePushedAt": "2026-11-23T12:00:00+00:00"}


def refused(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidFile) as problem:
        inventory.read(text if isinstance(text, bytes) else text.encode(), "i.json")
    return [str(finding).partition("\n")[0].replace(" [inventory]", "") for finding in problem.value.findings]


def read(text: str) -> inventory.Inventory:
    return inventory.read(text.encode(), "i.json")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"imageDetails": [ROW]}),
        json.dumps({"nextToken": None, "imageDetails": [ROW], "ResponseMetadata": {"a": [1]}}, indent=2),
        json.dumps([ROW]),
        "\ufeff" + json.dumps([ROW]),
        " \n\t" + json.dumps({"imageDetails": [{**ROW, "imageTags": None, "lastRecordedPullTime": None}]}) + "\n",
        json.dumps([{**ROW, "imagePushedAt": 1795435200}]),
        json.dumps([{**ROW, "imagePushedAt": 1795435200.0, "imageTags": []}]),
        json.dumps([{**ROW, "imagePushedAt": "2026-11-23T21:00:00+09:00"}]),
        json.dumps([{**ROW, "imagePushedAt": "2026-11-23T12:00:00Z"}]),
        json.dumps([{**ROW, "imagePushedAt": "2026-11-23 12:00:00+00:00"}]),
    ],
)
def test_every_form_of_the_answer_is_read(text: str) -> None:
    (found,) = read(text).images
    assert found.digest == "sha256:a"
    assert since(found) == datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
    assert not found.tags
    assert not found.archived


def test_an_empty_repository_is_read() -> None:
    assert read('{"imageDetails": []}').images == read("[]").images == ()


def test_the_repository_is_known_where_an_image_names_it() -> None:
    assert read(json.dumps([{**ROW, "repositoryName": "web/api"}])).repository == "web/api"
    assert read(json.dumps([ROW])).repository is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "i.json:1:1: error: this is not JSON: the text ends here"),
        ("images", "i.json:1:1: error: this is not JSON: Expecting value"),
        ('{"imageDetails": [', "i.json:1:19: error: this is not JSON: the text ends here"),
        ('{"imageDetails": [{}', "i.json:1:21: error: this is not JSON: the text ends here"),
        ("[1 2]", "i.json:1:4: error: this is not JSON: Expecting ','"),
        ('{"imageDetails": [],}', "i.json:1:21: error: this is not JSON: Expecting property name enclosed in double"),
        ('{"imageDetails": []} x', "i.json:1:22: error: this is not JSON: Extra data"),
        ("{'imageDetails': []}", "i.json:1:2: error: this is not JSON: Expecting property name enclosed in double"),
        ('{"imageDetails" []}', "i.json:1:17: error: this is not JSON: Expecting ':'"),
        ("3", "i.json:1:1: error: this holds no images"),
        ('{"imageIds": []}', "i.json:1:1: error: this holds no images"),
        ('{"imageDetails": {}}', "i.json:1:1: error: this holds no images"),
        (b"\xff\xfe", "i.json:1:1: error: this is not UTF-8 text"),
        ("[" * 100_000, "i.json:1:2: error: this is not JSON: it is nested without end"),
        ('{"imageDetails": [{"x": ' + "[" * 100_000, "i.json:1:19: error: this is not JSON: it is nested without end"),
        ('{"x": ' + "[" * 100_000, "i.json:1:7: error: this is not JSON: it is nested without end"),
        ('[\n{"x": ' + "9" * 5_000 + "}]", "i.json:2:1: error: this is not JSON: a number in it is too long"),
        ('[\n{"x": NaN}]', "i.json:2:1: error: this is not JSON: NaN is not a number of JSON"),
        ('{"imageDetails": []}'.encode("utf-16"), "i.json:1:1: error: this is not UTF-8 text"),
        (b'[{"imageDigest": "\xed\xa0\x80"}]', "i.json:1:19: error: this is not UTF-8 text"),
    ],
)  # fmt: skip
def test_what_is_no_inventory_is_said_with_its_place(text: str | bytes, message: str) -> None:
    assert any(line.startswith(message) for line in refused(text)), refused(text)


@pytest.mark.parametrize("key", ["NextToken", "nextToken"])
@pytest.mark.parametrize("image", [ROW, {**ROW, "imageTags": ["a\\b"]}], ids=["quick", "one by one"])
def test_a_list_that_aws_cut_is_not_taken_for_the_whole(key: str, image: dict[str, Any]) -> None:
    before, after = json.dumps({key: "abc", "imageDetails": [image]}), json.dumps({"imageDetails": [image], key: ""})
    assert refused(before) == ["i.json:1:2: error: this list is cut: AWS has more images than it printed"]
    assert refused(after)[0].endswith("error: this list is cut: AWS has more images than it printed")
    assert len(read(json.dumps({"imageDetails": [image], key: None})).images) == 1


def test_what_is_wrong_before_the_end_of_what_can_be_read_is_said_too() -> None:
    assert refused('[{"imageDigest": 1},\n{"x": NaN}]') == [
        "i.json:1:2: error: imageDigest: this is no text",
        "i.json:2:1: error: this is not JSON: NaN is not a number of JSON",
    ]


def test_a_tag_with_a_line_break_in_it_is_not_taken_for_two() -> None:
    assert refused(json.dumps({"imageDetails": [{**ROW, "imageTags": ["v1\nprod"]}]})) == [
        "i.json:1:19: error: imageTags: these are no tags"
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"imagePushedAt": None}, "imagePushedAt: this image has no time of its push"),
        ({"imagePushedAt": "2026-11-23T12:00:00"}, "imagePushedAt: this time has no zone, so nobody knows when it was"),
        ({"imagePushedAt": "yesterday"}, "imagePushedAt: this is no time"),
        ({"imagePushedAt": True}, "imagePushedAt: this is no time"),
        ({"imagePushedAt": -1}, "imagePushedAt: this is no time"),
        ({"imagePushedAt": 10**400}, "imagePushedAt: this is no time"),
        ({"lastRecordedPullTime": "2026-11-23"}, "lastRecordedPullTime: this time has no zone, so nobody knows"),
        ({"lastArchivedAt": []}, "lastArchivedAt: this is no time"),
        ({"imageTags": "v1"}, "imageTags: these are no tags"),
        ({"imageTags": [1]}, "imageTags: these are no tags"),
        ({"imageTags": ["\ud800"]}, "imageTags: these are no tags"),
        ({"imageStatus": "GONE"}, "imageStatus: this is no status of an image"),
        ({"imageDigest": 1}, "imageDigest: this is no text"),
    ],
)
def test_a_field_that_is_wrong_is_said_with_the_line_of_its_image(changed: dict[str, Any], message: str) -> None:
    text = json.dumps({"imageDetails": [ROW, {**ROW, "imageDigest": "sha256:b", **changed}]}, indent=4)
    (line,) = refused(text)
    assert line.startswith(f"i.json:7:9: error: {message}")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    rows = [ROW, {"imagePushedAt": 1}, ROW, {**ROW, "imageDigest": "b", "repositoryName": "a/b"}]
    rows.append({**ROW, "imageDigest": "c", "repositoryName": "a/c"})
    text = "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]"
    assert refused(text) == [
        "i.json:3:1: error: imageDigest: this image has no digest",
        "i.json:4:1: error: this digest comes twice",
        "i.json:6:1: error: images of several repositories in one file",
    ]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (ROW, "this digest comes twice"),
        ({**ROW, "imageDigest": "sha256:b", "repositoryName": "a/c"}, "images of several repositories in one file"),
        ({**ROW, "imageDigest": ""}, "imageDigest: this image has no digest"),
    ],
)
def test_what_only_shows_between_images_is_found_where_each_is_fine(second: dict[str, Any], message: str) -> None:
    text = json.dumps({"imageDetails": [{**ROW, "repositoryName": "a/b"}, second]}, indent=4)
    assert refused(text) == [f"i.json:8:9: error: {message}"]


def test_an_error_of_a_million_images_is_as_long_as_people_read() -> None:
    with pytest.raises(InvalidFile) as problem:
        inventory.read(json.dumps([{}] * 1_000).encode(), "i.json")
    assert str(problem.value).endswith("\nand 800 more")


times = st.datetimes(
    datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))])
)
rows = st.fixed_dictionaries(
    {"imageDigest": st.text("abc:0123", min_size=1), "imagePushedAt": times.map(datetime.isoformat)},
    optional={
        "imageTags": st.lists(st.text("ab1.-_", min_size=1)) | st.none(),
        "lastRecordedPullTime": times.map(datetime.isoformat) | st.none(),
        "lastActivatedAt": times.map(datetime.isoformat),
        "lastArchivedAt": times.map(datetime.isoformat),
        "imageStatus": st.sampled_from(["ACTIVE", "ARCHIVED", "ACTIVATING", None]),
        "imageManifestMediaType": st.sampled_from([*sorted(INDEX_TYPES), "x"]),
        "imageSizeInBytes": st.integers(0, LARGEST) | st.none(),
    },
)


@given(st.lists(rows, max_size=4, unique_by=lambda row: str(row["imageDigest"])))
def test_the_quick_reader_and_the_one_that_finds_mistakes_agree(described: list[dict[str, Any]]) -> None:
    content = json.dumps({"imageDetails": described}).encode()
    quick = inventory._decoded(content)
    assert quick is not None
    assert quick == inventory._scanned(content, "i.json")


shapes = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["imageDetails", "imageDigest", "imagePushedAt", "imageTags"]), inner)
    ),
)


@given(st.binary() | shapes.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_make_a_traceback(content: bytes) -> None:
    for read_them in (inventory.read, indexes.read):
        with contextlib.suppress(InvalidFile):
            read_them(content, "x.json")


BATCH = {
    "images": [
        {
            "imageId": {"imageDigest": "sha256:i"},
            "imageManifest": json.dumps({"manifests": [{"digest": "sha256:x"}, {"digest": "sha256:y"}]}),
        },
        {"imageId": {"imageDigest": "sha256:s"}, "imageManifest": json.dumps({"subject": {"digest": "sha256:i"}})},
    ],
    "failures": [],
}


@pytest.mark.parametrize(
    "data",
    [
        BATCH,
        [BATCH],
        BATCH["images"],
        {"sha256:i": ["sha256:x", "sha256:y"], "sha256:s": {"subject": {"digest": "sha256:i"}}},
        {
            "sha256:i": {"manifests": [{"digest": "sha256:x"}, {"digest": "sha256:y"}]},
            "sha256:s": '{"subject": {"digest": "sha256:i"}}',
        },
    ],
)
def test_manifests_are_read_in_every_form(data: Any) -> None:
    found = indexes.read(json.dumps(data).encode(), "m.json")
    assert found.children == {"sha256:i": ("sha256:x", "sha256:y")}
    assert found.subjects == {"sha256:s": "sha256:i"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "m.json:1:2: error: this is not JSON"),
        ("3", "m.json:1:1: error: these are no manifests"),
        ('{"sha256:i": 3}', "m.json:1:2: error: this is no manifest of sha256:i"),
        ('{"sha256:i": "x"}', "m.json:1:2: error: the manifest of sha256:i is not JSON"),
        ('{"sha256:i": {"manifests": 3}}', "m.json:1:2: error: the manifests of sha256:i are no list"),
        ("[" * 100_000, "m.json:1:41: error: this is not JSON: it is nested deeper than 40 levels"),
        (
            '{"sha256:j": ["x"],\n"sha256:i": "' + "[" * 100_000 + '"}',
            "m.json:2:1: error: the manifest of sha256:i is not",
        ),
        ('{"sha256:i": ["x"], "sha256:i": ["y"]}', "m.json:1:21: error: this key stands twice in the same place"),
        ('{"images": [3]}', "m.json:1:1: error: this is no image of BatchGetImage"),
        ('{"sha256:i": [3]}', "m.json:1:2: error: an entry of sha256:i has no digest"),
        ('[{"imageManifest": "{}"}]', "m.json:1:1: error: an entry of an image has no digest"),
    ],
)
def test_what_is_no_manifest_is_said(text: str, message: str) -> None:
    with pytest.raises(InvalidFile) as problem:
        indexes.read(text.encode(), "m.json")
    assert str(problem.value).startswith(message)


def test_boto3s_rows_are_read_too() -> None:
    row = {**image("a", "v1", pushed=1), "imagePushedAt": datetime(2026, 1, 1, tzinfo=UTC)}
    assert inventory.of_rows([row], "web/api").images[0].tags == ("v1",)
    with pytest.raises(InvalidFile, match="web/api:2:1: error: this digest comes twice"):
        inventory.of_rows([row, row], "web/api")
