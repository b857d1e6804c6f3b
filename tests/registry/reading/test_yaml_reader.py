"""YAML as people and attackers write it: positions, refusals, and never a crash."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ops.drift.repository_settings import declared_settings
from registry.errors import UnreadableFile
from registry.findings import Finding, Position
from registry.load import CheckResult, check_sources
from registry.model.replication import replication_rules
from registry.naming import logical_id, stack_name
from registry.reading.document import Document
from registry.reading.file_text import MAX_BYTES
from registry.reading.yaml_reader import MAX_ALIASED, MAX_DEPTH, parse, read
from registry.shape import Settings, Shape, keys_of
from tests.examples import examples
from tests.synth import SMALL


def document(text: str) -> Document:
    return parse(text.encode(), "registry.yaml")


def only(content: bytes | str) -> Finding:
    """The one finding of a text that cannot be read to its end."""
    (finding,) = parse(content if isinstance(content, bytes) else content.encode(), "registry.yaml").findings
    return finding


def place(finding: Finding) -> tuple[int, int]:
    return finding.position.line, finding.position.column


@contextmanager
def under_a_second() -> Iterator[None]:
    """Processor time, which other work on the machine does not change."""
    start = time.process_time()
    yield
    assert time.process_time() - start < 1


BLOCK = """\
# a comment
top:
  name: acme
  list:
    - one
    - {flow: "x", other: [1, 2]}
  empty:
"""
FLOW = '{top: {name: acme, list: [one, {flow: "x", other: [1, 2]}], empty: }}'


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("top",), (2, 1), (2, 1)),
        (("top", "name"), (3, 9), (3, 3)),
        (("top", "list"), (4, 3), (4, 3)),
        (("top", "list", 0), (5, 7), (5, 7)),
        (("top", "list", 1), (6, 7), (6, 7)),
        (("top", "list", 1, "flow"), (6, 14), (6, 8)),
        (("top", "list", 1, "other"), (6, 19), (6, 19)),
        (("top", "list", 1, "other", 1), (6, 30), (6, 30)),
        (("top", "empty"), (7, 3), (7, 3)),
        (("top", "missing"), (2, 1), (2, 1)),
        (("missing", "too"), (2, 1), (2, 1)),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "BOM"])
def test_values_and_keys_in_block_style_stand_where_an_editor_shows_them(
    path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int], newline: str, mark: str
) -> None:
    found = document(mark + BLOCK.replace("\n", newline))
    assert not found.findings
    at, at_key = found.position(path), found.position(path, key=True)
    assert (at.line, at.column) == value
    assert (at_key.line, at_key.column) == key


@pytest.mark.parametrize(
    ("path", "column", "key_column"),
    [
        (("top",), 2, 2),
        (("top", "name"), 14, 8),
        (("top", "list", 0), 27, 27),
        (("top", "list", 1, "flow"), 39, 33),
        (("top", "list", 1, "other", 0), 52, 52),
        (("top", "empty"), 61, 61),
    ],
)
def test_values_and_keys_in_flow_style_stand_where_an_editor_shows_them(
    path: tuple[str | int, ...], column: int, key_column: int
) -> None:
    found = document(FLOW)
    assert found.position(path) == Position("registry.yaml", 1, column)
    assert found.position(path, key=True).column == key_column


def test_columns_count_characters_not_bytes() -> None:
    found = document('저장소: {이름: "😀", 값: x}')
    assert found.position(("저장소", "값")).column == 19
    assert found.root.value == {"저장소": {"이름": "😀", "값": "x"}}


def test_a_value_reached_through_an_alias_stands_at_its_anchor() -> None:
    found = document("a: &a\n  x: 1\nb: *a\n")
    assert found.root.value == {"a": {"x": 1}, "b": {"x": 1}}
    assert found.position(("b", "x")).line == 2


def test_quoted_scalars_are_text_and_keep_what_was_written() -> None:
    found = document("a: \"1.10\"\nb: 'yes'\nc: |\n  12\nd: 1.10\n")
    assert found.root.value == {"a": "1.10", "b": "yes", "c": "12\n", "d": 1.1}
    node = found.node(("d",))
    assert node is not None
    assert node.text == "1.10"


@pytest.mark.parametrize("text", ["", "# only\n# comments\n", "\n\n", "---\n", "---\n...\n", "null\n", "~", "\ufeff"])
def test_a_file_that_declares_nothing_is_told_how_to_begin(text: str) -> None:
    (finding,) = check_sources(document(text)).findings
    assert (finding.rule, finding.message) == ("empty-file", "the file declares nothing")
    assert 'begin with registry: {name: acme, account: "123456789012"' in finding.way_out


REFUSED = [
    ("a tab", "registry:\n\tname: x", "yaml-syntax", (2, 1), "indent with spaces: YAML allows no tabs there"),
    ("an open bracket", "a: [1, 2\nb: c\n", "yaml-syntax", (2, 2), "check the indentation, the colons and the quotes"),
    ("an open quote", 'a: "b\n', "yaml-syntax", (2, 1), "check the indentation"),
    ("a bad escape", 'a: "\\q"', "yaml-syntax", (1, 5), "check the indentation"),
    ("a surrogate", 'a: "\\ud800"', "yaml-syntax", (1, 7), "check the indentation"),
    ("an unknown directive", "%YAML 3.0\n---\na: b", "yaml-syntax", (1, 1), "check the indentation"),
    ("NUL", "a: x\x00y", "encoding", (1, 5), "delete the character"),
    ("escape", "a: b\nc: \x1b[31m", "encoding", (2, 4), "delete the character"),
    ("delete", "a: \x7f", "encoding", (1, 4), "delete the character"),
    ("C1", "a: \x9b", "encoding", (1, 4), "delete the character"),
    ("a line separator", "a: b # \u2028c: d", "encoding", (1, 8), "delete the character"),
    ("a next line", "a: b\x85c: d", "encoding", (1, 5), "delete the character"),
    ("a second byte order mark", "a: \ufeffb", "encoding", (1, 4), "delete the character"),
    ("not a character", "a: \uffff", "encoding", (1, 4), "delete the character"),
    ("Latin-1", "a: b\r\nc: dé".encode("latin-1"), "encoding", (2, 5), "save the file with the encoding UTF-8"),
    ("half a character", "a: 한".encode()[:-1], "encoding", (1, 4), "save the file with the encoding UTF-8"),
    ("a surrogate in UTF-8", b"a: \xed\xa0\x80", "encoding", (1, 4), "save the file with the encoding UTF-8"),
    ("UTF-16", "a: b".encode("utf-16"), "encoding", (1, 1), "save the file with the encoding UTF-8"),
    ("UTF-16 without a mark", "a: b".encode("utf-16-be"), "encoding", (1, 1), "delete the character"),
    ("two documents", "a: b\n---\nc: d\n", "one-document", (2, 1), "remove the line, or give the rest a file"),
    ("two empty documents", "---\n---\n", "one-document", (2, 1), "remove the line"),
    ("an undefined alias", "a: *b", "alias", (1, 4), 'write "*b", with the quotes'),
    ("an undefined alias as a key", "*b : c", "alias", (1, 1), 'write "*b", with the quotes'),
    ("an alias inside its own anchor", "a: &a [x, *a]", "alias", (1, 11), 'write "*a", with the quotes'),
    ("a duplicate key", "a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1), "remove one"),
    ("a duplicate key by alias", "&x a: 1\n*x : 2\n", "duplicate-key", (2, 1), "remove one"),
    ("a duplicate key in quotes", "a: 1\n'a': 2\n", "duplicate-key", (2, 1), "remove one"),
    ("a merge key", "a: &a {b: c}\nd: {<<: *a}\n", "merge-key", (2, 5), "use defaults, namespaces or a named"),
    ("a tag", "a: !!str 12", "yaml-tag", (1, 4), "remove the tag"),
    ("a tag of somebody", "a: !Ref b", "yaml-tag", (1, 4), "remove the tag"),
    ("a tag on a map", "a: !!map {}", "yaml-tag", (1, 4), "remove the tag"),
    ("a tag that would run code", "a: !!python/object/apply:os.system [x]", "yaml-tag", (1, 4), "remove the tag"),
    ("a list as a key", "? [a]\n: b\n", "key-type", (1, 3), "remove the brackets"),
    ("a map as a key", "{a: b}: c\n", "key-type", (1, 1), "remove the brackets"),
    ("a number as a key", "1.10: x\n", "number-as-text", (1, 1), 'write "1.10"'),
    ("a truth value as a key", "a: {no: x}\n", "number-as-text", (1, 5), 'write "no"'),
    ("nothing as a key", "{? : x}\n", "number-as-text", (1, 4), "write a name"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "rule", "at", "way_out"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_what_is_refused_while_reading_has_its_line_column_and_way_out(
    content: bytes | str, rule: str, at: tuple[int, int], way_out: str
) -> None:
    finding = only(content)
    assert (finding.rule, place(finding)) == (rule, at)
    assert finding.way_out.startswith(way_out)


@pytest.mark.parametrize(
    ("content", "given"),
    [
        ("a: é".encode("latin-1"), "byte 0xe9"),
        ("a: b".encode("utf-16"), "UTF-16 text"),
        (b"a: \x1b", "U+001B"),
        (b"#" * (MAX_BYTES + 1), "more than 16,777,216 bytes"),
    ],
)
def test_what_cannot_be_shown_is_named(content: bytes, given: str) -> None:
    assert only(content).given == given


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "[" * 20_000 + "]" * 20_000,
        "{a: " * 20_000,
        "- " * 20_000,
        "? " * 20_000,
        "\n".join(" " * level + "a:" for level in range(3_000)),
        "\n".join(" " * level + "-" for level in range(3_000)),
    ],
    ids=["open brackets", "brackets", "flow maps", "dashes", "complex keys", "block maps", "block lists"],
)
def test_thousands_of_levels_are_refused_at_once(text: str) -> None:
    with under_a_second():
        finding = only(text)
    assert (finding.rule, finding.given) == ("nesting", f"more than {MAX_DEPTH} levels")


@pytest.mark.parametrize(("levels", "refused"), [(MAX_DEPTH, False), (MAX_DEPTH + 1, True)])
def test_the_depth_is_limited_exactly(levels: int, refused: bool) -> None:
    assert bool(document("[" * levels + "]" * levels).findings) == refused


def test_the_depth_counts_what_aliases_bring() -> None:
    half = "[" * 20 + "]" * 20
    assert not document(f"- &a {half}\n- {'[' * 17}*a{']' * 17}").findings
    assert only(f"- &a {half}\n- {'[' * 20}*a{']' * 20}").message == "the aliases expand to too much"


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_an_alias_bomb_is_refused_before_it_goes_off() -> None:
    with under_a_second():
        finding = only(bomb(30))
    assert (finding.rule, finding.message) == ("alias", "the aliases expand to too much")
    assert f"{MAX_ALIASED:,} values" in finding.allowed


def test_aliases_may_bring_many_values_but_not_more_than_many() -> None:
    values = f"a: &a [{', '.join('x' * 1_000)}]\n"
    few, many = (values + f"b: [{', '.join(['*a'] * count)}]" for count in (99, 100))
    assert not document(few).findings
    assert only(many).rule == "alias"


def test_a_file_over_16_mib_is_refused_and_one_below_is_read() -> None:
    assert only(b" " * (MAX_BYTES + 1)).rule == "file-size"
    assert not parse(b"a: b\n#" + b" " * (MAX_BYTES - 6), "registry.yaml").findings


@pytest.mark.parametrize(
    "line",
    [
        "a: " + "x" * 1_000_000,
        "a: " + "1" * 1_000_000,
        "a: 1" + "_" * 1_000_000 + "x",
        'a: "' + "\\x41" * 200_000 + '"',
        "a: [" + "x," * 20_000 + "]",
        "a: {" + "x: , " * 1 + "}" + " " * 1_000_000,
        "# " + "x" * 1_000_000 + "\na: b",
    ],
    ids=["text", "digits", "underscores", "escapes", "list", "spaces", "comment"],
)
def test_very_long_lines_are_read_at_once(line: str) -> None:
    with under_a_second():
        assert not document(line).findings


def test_a_key_that_is_too_long_for_yaml_is_a_syntax_error() -> None:
    assert only("x" * 200_000 + ": 1\n").rule == "yaml-syntax"


def test_a_number_of_5000_digits_is_no_number_and_is_not_repeated_in_full() -> None:
    (finding,) = check_sources(document(SMALL + f"repositories: {{web/api: {{tags: {{a: {'7' * 5_000}}}}}}}")).findings
    assert finding.message == "repositories.web/api.tags.a is not text: YAML reads it as a number"
    assert len(str(finding)) < 5_000


@pytest.mark.parametrize(
    "text", ["%YAML 1.1\n---\na: b\n", "%YAML 1.2\n---\na: b\n", "---\na: b\n...\n", "a: b\n...\n"]
)
def test_directives_and_marks_of_one_document_are_allowed(text: str) -> None:
    found = document(text)
    assert (found.root.value, found.findings) == ({"a": "b"}, [])


def test_nothing_of_the_file_reaches_the_terminal_as_a_command() -> None:
    hostile = SMALL + 'repositories: {web/api: {lifecycle: "x\\n::error::\\e[31m\\u202Ey"}}'
    findings = check_sources(document(hostile)).findings
    (finding,) = (it for it in findings if it.rule == "lifecycle-name")
    assert "there is no lifecycle x\\n::error::\\x1b[31m\\u202ey [lifecycle-name]" in str(finding)
    assert all(line.isprintable() for it in findings for line in str(it).split("\n"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.yaml", "No such file or directory"), ("", "Is a directory"), ("nul\0.yaml", "embedded null byte")],
)
def test_a_path_that_cannot_be_read_says_why(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=rf"^shown: cannot be read: {reason}$"):
        read(tmp_path / name, "shown")


def test_a_file_is_called_what_the_person_called_it(tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text("a: [")
    assert read(tmp_path / "registry.yaml", "./registry.yaml").findings[0].position.file == "./registry.yaml"
    assert read(tmp_path / "registry.yaml").findings[0].position.file == str(tmp_path / "registry.yaml")


# From here on: whatever the file holds, reading and checking it never raises.


def survives(content: bytes) -> CheckResult:
    """Check the content, and that each finding points into the file; use the registry where there is one."""
    outcome = check_sources(parse(content, "registry.yaml"))
    lines = re.split(r"\r\n|\r|\n", content.decode("utf-8-sig", "replace"))
    for finding in outcome.findings:
        line, column = place(finding)
        assert 1 <= line <= len(lines), finding
        assert 1 <= column <= len(lines[line - 1]) + 1, finding
        assert finding.message, finding
        assert finding.way_out, finding
        assert all(part.isprintable() for part in str(finding).split("\n")), finding
    assert (outcome.registry is None) == bool(outcome.errors)
    if registry := outcome.registry:
        assert all(len(rule.filters) <= 100 for rule in replication_rules(registry))
        for at in registry.locations:
            for unit in registry.units_in(at):
                assert stack_name(registry.name, unit.construct_id)
                for repository in unit.repositories:
                    assert logical_id(repository.name)
                    assert declared_settings(repository, at)["encryptionType"]
    return outcome


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(content: bytes) -> None:
    survives(content)


@given(st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_text_makes_it_raise(content: bytes) -> None:
    survives(content)


@examples(100)
@given(st.text("ab:-[]{},&*!|>'\"%@`?#~<. \n\t019_/", max_size=60))
def test_no_yaml_punctuation_makes_it_raise(text: str) -> None:
    survives(SMALL.encode() + text.encode())


SCALARS = [
    *("", "~", "true", "yes", "1", "0", "-1", "1.10", "012", "9" * 30, "x", '""', '"x\\ny"', "'a b'", "[]", "{}"),
    *("*a", "*b", "*z", "&a x", "!!str 3", "acme", '"123456789012"', "web", "_", "web/api", "releases", "latest"),
    *(
        "ap-northeast-2",
        "us-west-2",
        "us-gov-west-1",
        "cn-north-1",
        "IMMUTABLE",
        "MUTABLE",
        "AES256",
        "KMS",
        "KMS_DSSE",
    ),
    *("alias/x", '"arn:"', "arn:aws:kms:us-west-2:123456789012:key/x", "v*", '"*"', "'a*b*c*d*e*f'"),
    *("untagged-14-days", "replication-prefix"),
]


def shapes(root: type[Shape] = Shape) -> Iterator[type[Shape]]:
    """Every shape there is."""
    for shape in root.__subclasses__():
        yield shape
        yield from shapes(shape)


KEYS = [
    *("web", "_", "web/api", "web/ui", "tool", "us-west-2", "eu-west-1", "releases", "aws:x", "1.10", "no", "<<", '""'),
    *("Web/X", "(list)", "(map)", "(team)", "*"),
    *sorted({key for shape in shapes() for key in keys_of(shape)}),
]


def flow_map(inner: st.SearchStrategy[str], keys: list[str]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(st.sampled_from(keys), inner), max_size=4, unique_by=lambda pair: pair[0])
    return pairs.map(lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries) + "}")


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    anchored = st.builds(lambda name, value: f"&{name} {value}", st.sampled_from("ab"), lists)
    return st.one_of(lists, flow_map(inner, KEYS), anchored)


anything = st.recursive(st.sampled_from(SCALARS), nested, max_leaves=6)
setting = st.one_of(
    st.sampled_from(
        [
            *("image_tag_mutability: MUTABLE", "image_tag_mutability: IMMUTABLE", "moving_tags: [latest, 'v*.x']"),
            *("encryption_type: KMS", "encryption_type: AES256", "kms_key: alias/x", "kms_key: {us-west-2: alias/x}"),
            *("lifecycle: releases", "empty_on_delete: true", "tags: {a: b}", "moving_tags: []"),
        ]
    ),
    st.builds(lambda key, value: f"{key}: {value}", st.sampled_from(keys_of(Settings)), anything),
)
layer = st.lists(setting, max_size=3).map(lambda parts: "{" + ", ".join(parts) + "}")
good = {
    "registry": SMALL.removeprefix("registry: ").strip(),
    "replicas": "{us-west-2: , eu-west-1: {namespaces: [web]}}",
    "lifecycles": '{releases: [{protect: {tagged: {any_of: ["p*", q]}}}, {keep: {tagged: "v*", last: 5}}, '
    "{expire: {any: true, after_days: 1}}], own: {rules: [{rulePriority: 1, selection: {tagStatus: any, "
    "countType: imageCountMoreThan, countNumber: 3}, action: {type: expire}}]}}",
    "required_tags": "[]",
    "defaults": "{lifecycle: untagged-14-days}",
    "namespaces": "{web: {shards: 2}, _: }",
    "repositories": "{web/api: , web/ui: , tool: , data/a/b: }",
    "scanning": "{scan_type: ENHANCED, continuous_scan: ['*']}",
    "creation_templates": "{hub: {applied_for: [PULL_THROUGH_CACHE], lifecycle: own}}",
    "pull_through_cache_rules": "{hub: {upstream_registry: k8s}}",
    "signing": "[{signing_profile_arn: 'arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases'}]",
    "acceptances": "[{rule: replication-prefix, reason: seen}]",
}


@st.composite
def plausible(draw: st.DrawFn) -> str:
    """A file of which most parts are right: the damage is where rules and mending meet."""
    lines = []
    for key, value in good.items():
        kind = draw(st.sampled_from(["good", "good", "good", "layered", "damaged", "absent"]))
        if kind == "layered" and key in ("namespaces", "repositories"):
            value = "{" + ", ".join(f"{name}: {draw(layer)}" for name in ("web", "_", "web/api", "tool")) + "}"
        elif kind == "layered" and key == "defaults":
            value = draw(layer)
        elif kind == "layered":
            value = draw(flow_map(anything, KEYS))
        elif kind == "damaged":
            value = draw(anything)
        if kind != "absent":
            anchor = draw(st.sampled_from(["", "", "&a ", "&b "])) if value[:1] in ("{", "[") else ""
            lines.append(f"{key}: {anchor}{value}")
    return "\n".join(lines)


@examples(150)
@given(plausible())
@example("registry: &r {name: acme}\ndefaults: *r\nrepositories: *r")
@example(SMALL + "lifecycles: {a: {rules: [{rulePriority: x, selection: 3}]}, b: {rules: 3}, c: {rules: {}}}")
@example(
    SMALL + "defaults: {moving_tags: {add: [1]}, fixed_tags: {ad: []}}\nrepositories: {(list): 3, (map): {tags: 2}}"
)
@example(SMALL + "include: {a: b}\nrequired_tags: 3\nacceptances: [{rule: x, reason: y, until: 3}]")
@example("namespace: web\ndefaults: {owner: 3}")
@example(SMALL + "replicas: &n {web: [1]}\nlifecycles: *n\nrepositories: {web/api: }")
@example(SMALL + "repositories: {web/api: {encryption_type: KMS, kms_key: 'arn:'}}")
@example(SMALL + "lifecycles: {a: [1, {keep: 2}, {expire: {last: 3}}, {}]}\nrepositories: {web/api: {lifecycle: a}}")
def test_no_plausible_file_makes_it_raise(text: str) -> None:
    survives(text.encode())


def test_the_plausible_parts_are_accepted_together() -> None:
    outcome = survives("\n".join(f"{key}: {value}" for key, value in good.items()).encode())
    assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
