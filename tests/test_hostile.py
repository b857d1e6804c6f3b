"""Every reader of a file that a person or AWS wrote, with the same table of hostile bytes: a message with its place."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.lifecycle.guard import references_in
from registry.cost import price_file
from registry.errors import InvalidFile, RegistryError, UnreadableFile
from registry.findings import Finding
from registry.lifecycle import indexes, inventory
from registry.lifecycle.check import read_policy
from registry.load import check_sources
from registry.reading import yaml_reader
from registry.reading.include import read_files
from registry.usage import saved
from tests.hostile import FILES, MANY, VALUES, grows_in_line, unreadable
from tests.synth import SMALL

RUN = CliRunner()
NAME = "given.txt"


def said_by(read: Callable[[], object]) -> list[Finding]:
    try:
        read()
    except InvalidFile as problem:
        return list(problem.findings)
    return []


def policy(content: bytes) -> list[Finding]:
    return list(read_policy(content, NAME).findings)


def images(content: bytes) -> list[Finding]:
    return said_by(lambda: inventory.read(content, NAME))


def manifests(content: bytes) -> list[Finding]:
    return said_by(lambda: indexes.read(content, NAME))


def usage(content: bytes) -> list[Finding]:
    return said_by(lambda: saved.read(content, NAME))


def prices(content: bytes) -> list[Finding]:
    return said_by(lambda: price_file.prices_of(yaml_reader.parse(content, NAME)))


def registry(content: bytes) -> list[Finding]:
    return list(check_sources(yaml_reader.parse(content, NAME)).findings)


def team(content: bytes) -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "registry.yaml")
        root.write_text(SMALL + "include: [team.yaml]\nrepositories: {other/x: }\n")
        Path(folder, "team.yaml").write_bytes(content)
        return list(check_sources(read_files(root, root.name)).findings)


Reader = Callable[[bytes], list[Finding]]
#: Each reader with a file of its own, in which one value is left open.
READERS: dict[str, tuple[Reader, tuple[bytes, ...]]] = {
    "policy": (
        policy,
        (
            b'{"rules": [{"rulePriority": %s}]}',
            b'{"rules": %s}',
            b'{"lifecyclePolicyText": %s}',
            b'{"rules": [{"rulePriority": 1, "description": %s, "selection": {"tagStatus": "untagged", "countType": '
            b'"imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}',
            b'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "tagged", "tagPatternList": [%s], "countType": '
            b'"imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}',
        ),
    ),
    "images": (
        images,
        (
            b'{"imageDetails": %s}',
            b'{"NextToken": %s, "imageDetails": []}',
            b'{"imageDetails": [{"imageDigest": %s, "imagePushedAt": 1}]}',
            b'{"imageDetails": [{"imageDigest": "a", "imagePushedAt": %s}]}',
            b'{"imageDetails": [{"imageDigest": "a", "imagePushedAt": 1, "imageTags": [%s]}]}',
            b'{"imageDetails": [{"imageDigest": "a", "imagePushedAt": 1, "imageScanFindingsSummary": %s}]}',
        ),
    ),
    "manifests": (
        manifests,
        (
            b'{"sha256:a": %s}',
            b'{"images": [%s]}',
            b'{"images": [{"imageId": {"imageDigest": "a"}, "imageManifest": %s}]}',
        ),
    ),
    "registry": (
        registry,
        (
            SMALL.encode() + b"repositories: %s\n",
            SMALL.encode() + b"repositories: {a/b: {lifecycle: %s}}\n",
            SMALL.encode() + b"lifecycles: {x: %s}\nrepositories: {a/b: {lifecycle: x}}\n",
            SMALL.encode() + b"lifecycles: {x: [{keep: {tagged: %s, last: 1}}]}\nrepositories: {a/b: {lifecycle: x}}\n",
            b"registry: {name: acme, account: %s, region: ap-northeast-2}\nrepositories: {a/b: }\n",
        ),
    ),
    "usage": (
        usage,
        (
            b'{"asOf": %s}',
            b'{"asOf": "2026-11-26T12:00:00Z", "newSince": "2026-11-26T12:00:00Z", "unpulledSince": '
            b'"2026-11-26T12:00:00Z", "notAsked": [%s], "registries": []}',
            b'{"asOf": "2026-11-26T12:00:00Z", "newSince": "2026-11-26T12:00:00Z", "unpulledSince": '
            b'"2026-11-26T12:00:00Z", "notAsked": [], "registries": [{"registryId": %s}]}',
        ),
    ),
    "prices": (
        prices,
        (
            b"currency: %s\nsources: {}\nprices: {}\n",
            b'currency: USD\nsources: {us: {title: %s, as_of: "2026-11-01"}}\nprices: {}\n',
            b'currency: USD\nsources: {us: {title: us, as_of: %s}}\nprices: {}\n',
            b'currency: USD\nsources: {us: {title: us, as_of: "2026-11-01"}}\n'
            b"prices: {storage: {us-east-1: {us: %s}}}\n",
            b'currency: USD\nsources: {us: {title: us, as_of: "2026-11-01"}}\nprices: {storage: %s}\n',
            b"currency: USD\nsources: {}\nprices: {%s: {}}\n",
        ),
    ),
    "team": (team, (b"namespace: %s\nrepositories: {web/a: }\n", b"namespace: web\nrepositories: %s\n")),
}  # fmt: skip


def has_places(findings: Iterable[Finding]) -> None:
    for finding in findings:
        assert finding.message
        assert finding.position.file
        assert finding.position.line >= 1
        assert finding.position.column >= 1
        for line in str(finding).splitlines():
            assert line.isprintable()
            assert len(line) <= 1_000


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", FILES)
def test_whatever_bytes_a_file_holds_they_are_a_message_with_its_place(reader: str, case: str) -> None:
    findings = READERS[reader][0](FILES[case])
    assert findings or (reader, case) in {("images", "a list"), ("manifests", "a list")}, "it seems to be fine"
    has_places(findings)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("case", VALUES)
def test_whatever_value_stands_where_a_reader_looks_it_is_a_message_with_its_place(reader: str, case: str) -> None:
    read, files = READERS[reader]
    for file in files:
        has_places(read(file % VALUES[case]))


def many_images(count: int) -> bytes:
    rows = [{"imageDigest": f"sha256:{n}", "imagePushedAt": "yesterday"} for n in range(count)]
    return json.dumps({"imageDetails": rows}, indent=4).encode()


def one_image_many_times(count: int) -> bytes:
    row = {"imageDigest": "sha256:a", "imagePushedAt": "2026-11-23T12:00:00+00:00"}
    return json.dumps({"imageDetails": [row] * count}, indent=4).encode()


def many_rules(count: int) -> bytes:
    return json.dumps({"rules": [{"rulePriority": "x"}] * count}, indent=1).encode()


def many_equal_rules(count: int) -> bytes:
    selection = {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan", "countNumber": 0}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule] * count}, indent=1).encode()


def one_key_many_times(count: int) -> bytes:
    return b"{" + b",\n".join([b'"rules": []'] * count) + b"}"


def many_half_characters(count: int) -> bytes:
    return b"[" + b",\n".join([b'"\\ud800"'] * count) + b"]"


def many_manifests(count: int) -> bytes:
    return json.dumps({f"sha256:{n}": ["x"] for n in range(count)} | {"sha256:bad": 3}, indent=1).encode()


def many_patterns(count: int) -> bytes:
    sentences = "".join(f'    - keep: {{tagged: "^{n}$", last: 0}}\n' for n in range(count))
    return f"{SMALL}lifecycles:\n  x:\n{sentences}repositories: {{a/b: {{lifecycle: x}}}}\n".encode()


def rules_that_follow_their_priorities(count: int) -> bytes:
    numbers = [*range(1, count), *range(1, count)]
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1}
    rules = [{"rulePriority": n, "selection": selection, "action": {"type": "expire"}} for n in numbers]
    return json.dumps({"rules": rules}).encode()


GROWING: list[tuple[Reader, Callable[[int], bytes], int]] = [
    (images, many_images, 4_000),
    (images, one_image_many_times, 4_000),
    (policy, many_rules, 300),
    (policy, many_equal_rules, 300),
    (policy, rules_that_follow_their_priorities, 300),
    (policy, one_key_many_times, 4_000),
    (policy, many_half_characters, 4_000),
    (manifests, many_manifests, 4_000),
    (registry, one_key_many_times, 4_000),
    (registry, many_patterns, 300),
]


@pytest.mark.parametrize(("read", "content", "faults"), GROWING, ids=lambda each: getattr(each, "__name__", ""))
def test_reading_takes_time_in_line_with_a_file_in_which_everything_is_wrong(
    read: Reader, content: Callable[[int], bytes], faults: int
) -> None:
    assert grows_in_line(read, content, faults)


def test_an_inventory_of_five_megabytes_in_which_every_image_is_wrong_is_told_image_by_image() -> None:
    count = MANY // len(many_images(1_000)) * 1_000
    findings = images(many_images(count))
    assert len(findings) == count
    assert findings[-1].position.line == 4 * count - 1
    assert findings[0].position.column == 9


@pytest.mark.parametrize("case", FILES)
def test_a_list_of_what_runs_is_read_or_refused(case: str, tmp_path: Path) -> None:
    file = tmp_path / "pods.txt"
    file.write_bytes(FILES[case])
    try:
        FILES[case].decode("utf-8-sig")
    except UnicodeDecodeError:
        with pytest.raises(UnreadableFile, match=r"pods\.txt: this is not UTF-8 text: byte "):
            references_in(file)
    else:
        assert all(each.where.startswith(f"{file}:") for each in references_in(file))


def test_a_list_of_what_runs_in_utf_16_does_not_pass_for_an_empty_one(tmp_path: Path) -> None:
    file = tmp_path / "pods.txt"
    file.write_bytes("123456789012.dkr.ecr.us-east-1.amazonaws.com/web/api:prod\n".encode("utf-16"))
    with pytest.raises(UnreadableFile, match="Out-File -Encoding utf8"):
        references_in(file)


def test_a_list_of_what_runs_is_read_in_line_with_its_length(tmp_path: Path) -> None:
    """Hosts that never come to their `/`, all in one line."""
    file = tmp_path / "pods.txt"

    def read(content: bytes) -> object:
        file.write_bytes(content)
        return references_in(file)

    assert grows_in_line(read, lambda count: b"123456789012.dkr.ecr.a.b." * count)
    assert grows_in_line(read, lambda count: b"a-b.c_d/" * count)


COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "lifecycle check": lambda path: ["lifecycle", "check", str(path)],
    "validate": lambda path: ["validate", str(path)],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", ["UTF-16 LE", "nested lists", "a half character as bytes", "null", "empty"])
def test_a_command_that_checks_a_file_ends_with_1_and_says_why(command: str, case: str, tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(FILES[case])
    answer = RUN.invoke(app, COMMANDS[command](file))
    assert (answer.exit_code, isinstance(answer.exception, SystemExit)) == (1, True)
    assert answer.stdout.startswith(f"{file}:")


@pytest.mark.parametrize("which", ["--policy", "--images", "--manifests"])
@pytest.mark.parametrize("case", ["UTF-16 LE", "nested lists", "a half character as bytes", "null", "empty"])
def test_a_command_that_needs_a_file_names_it_and_says_why(which: str, case: str, tmp_path: Path) -> None:
    given = {"--policy": tmp_path / "p.json", "--images": tmp_path / "i.json", "--manifests": tmp_path / "m.json"}
    rule = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3}
    given["--policy"].write_text(
        json.dumps({"rules": [{"rulePriority": 1, "selection": rule, "action": {"type": "expire"}}]})
    )
    given["--images"].write_text('{"imageDetails": []}')
    given["--manifests"].write_text("{}")
    line = ["lifecycle", "simulate", *(word for pair in given.items() for word in map(str, pair))]
    assert RUN.invoke(app, line).exit_code == 0
    given[which].write_bytes(FILES[case])
    answer = RUN.invoke(app, line)
    assert isinstance(answer.exception, InvalidFile)
    assert str(answer.exception).startswith(f"{given[which]}:")


def unreadable_lines(path: Path, fine: dict[str, Path]) -> dict[str, list[str]]:
    simulate = ["lifecycle", "simulate", "--policy", str(fine["policy"]), "--images", str(fine["images"])]
    return {
        "check": ["lifecycle", "check", str(path)],
        "validate": ["validate", str(path)],
        "policy": ["lifecycle", "simulate", "--policy", str(path), "--images", str(fine["images"])],
        "images": ["lifecycle", "simulate", "--policy", str(fine["policy"]), "--images", str(path)],
        "manifests": [*simulate, "--manifests", str(path)],
        "running": ["lifecycle", "guard", "--registry", str(fine["registry"]), "--running", str(path)],
    }


@pytest.mark.parametrize("case", ["missing", "a folder", "a socket"])
def test_what_cannot_be_read_is_named_and_ends_with_2(case: str, tmp_path: Path) -> None:
    path = unreadable(tmp_path)[case]
    fine = {name: tmp_path / name for name in ("policy", "images", "registry")}
    rule: dict[str, Any] = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 3}
    fine["policy"].write_text(
        json.dumps({"rules": [{"rulePriority": 1, "selection": rule, "action": {"type": "expire"}}]})
    )
    fine["images"].write_text('{"imageDetails": []}')
    fine["registry"].write_text(SMALL + "repositories: {a/b: }\n")
    for line in unreadable_lines(path, fine).values():
        answer = RUN.invoke(app, line)
        assert isinstance(answer.exception, RegistryError)
        assert answer.exception.exit_code == 2
        assert str(answer.exception).startswith(f"{path}: cannot be read: ")


@pytest.mark.parametrize("case", ["a folder", "a socket"])
def test_a_team_file_that_cannot_be_read_is_a_finding(case: str, tmp_path: Path) -> None:
    path = unreadable(tmp_path)[case]
    file = tmp_path / "registry.yaml"
    file.write_text(SMALL + f"include: ['{path.name}']\nrepositories: {{a/b: }}\n")
    answer = RUN.invoke(app, ["validate", str(file)])
    assert answer.exit_code in (1, 2)
    assert "Traceback" not in answer.output
    assert path.name in answer.output + str(answer.exception)
