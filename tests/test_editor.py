"""What an editor with a YAML language server shows of the schemas: keys to choose from, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.shape import FileShape, KeepShape, NamespaceShape, SentenceShape, Settings, TeamShape, keys_of
from tests.language_server import Editor, editor
from tests.synth import ROOT, SMALL

MODELINE = "# yaml-language-server: $schema=registry.schema.json\n"
TEAMS = ROOT / "examples" / "company" / "teams"
TEAM_MODELINE = "# yaml-language-server: $schema=../../../team.schema.json\n"


@pytest.fixture(scope="module")
def session() -> Iterator[Editor]:
    with editor() as opened:
        yield opened


def root_file(text: str) -> str:
    return MODELINE + SMALL + text


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("|", FileShape),
        ("defaults:\n  |", Settings),
        ("namespaces:\n  web:\n    |", NamespaceShape),
        ("repositories:\n  web/api:\n    |", Settings),
        ("lifecycles:\n  releases:\n    - |", SentenceShape),
        ("lifecycles:\n  releases:\n    - keep:\n        |", KeepShape),
    ],
    ids=["root", "defaults", "namespace", "repository", "sentence", "keep"],
)
def test_an_editor_offers_the_keys_of_every_level(text: str, shape: type[FileShape], session: Editor) -> None:
    offered = session.completions(ROOT, root_file(text))
    assert set(keys_of(shape)) - {"registry"} <= offered


def test_an_editor_offers_the_words_a_key_knows(session: Editor) -> None:
    text = root_file("repositories:\n  web/api:\n    encryption_type: |")
    assert {"AES256", "KMS", "KMS_DSSE"} <= session.completions(ROOT, text)


def test_an_editor_offers_the_keys_of_a_team_file(session: Editor) -> None:
    offered = session.completions(TEAMS, f"{TEAM_MODELINE}namespace: web\n|")
    assert set(keys_of(TeamShape)) - {"namespace"} <= offered


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("repo|sitories: {}", FileShape.model_fields["repositories"].description),
        ("defaults:\n  image_tag_mut|ability: MUTABLE", Settings.model_fields["image_tag_mutability"].description),
        ("namespaces:\n  web:\n    sha|rds: 2", NamespaceShape.model_fields["shards"].description),
        ("repositories:\n  web/api:\n    lifecy|cle: none", Settings.model_fields["lifecycle"].description),
        ("lifecycles:\n  a:\n    - ke|ep: {any: true, last: 3}", "Keep the newest"),
        ("lifecycles:\n  a:\n    - keep: {any: true, la|st: 3}", KeepShape.model_fields["last"].description),
    ],
    ids=["root", "defaults", "namespace", "repository", "sentence", "keep"],
)
def test_an_editor_says_what_a_key_of_every_level_means(text: str, said: str, session: Editor) -> None:
    shown = session.hover(ROOT, root_file(text)).replace("\\", "")
    assert said.split("`")[0].strip() in shown


def test_an_editor_complains_of_a_key_that_does_not_exist_and_of_nothing_else(session: Editor) -> None:
    assert session.diagnostics(ROOT, root_file("repositories: {web/api: {lifecycel: x}}\n")) == [
        "Property lifecycel is not allowed."
    ]
    for path in ROOT.glob("examples/**/*.yaml"):
        assert session.diagnostics(path.parent, path.read_text()) == [], path
