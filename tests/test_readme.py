"""What the README says is so."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from registry.load import check_sources
from registry.reading.include import read_files
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from registry.shape import SentenceShape
from tests.synth import ROOT, SHIPPED, SMALL

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
YAML = [
    text
    for page in (README, (ROOT / "docs" / "registry-yaml.md").read_text())
    for text in re.findall(r"^```yaml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
]


def test_the_readme_can_be_read_at_one_sitting() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("text", YAML, ids=range(len(YAML)))
def test_every_example_is_a_registry_without_findings(text: str) -> None:
    assert len(YAML) >= 2
    assert check_sources(parse(text.encode(), "README.md")).findings == ()


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_file_is_a_registry_without_findings(path: Path) -> None:
    assert len(SHIPPED) == 6
    written = date(2026, 11, 24)  # acceptances in them lapse one day
    assert check_sources(read_files(path, path.name), today=written).findings == ()


def test_every_verb_exists_and_every_verb_is_named() -> None:
    verbs = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, flags=re.MULTILINE)) - {"help", "format", "lock"}
    assert set(re.findall(r"^\| `make ([a-z-]+)`", README, flags=re.MULTILINE)) == verbs


def test_every_command_of_ecrctl_is_in_the_documents() -> None:
    from ops.cli import app

    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    for group in app.registered_groups:
        inside = group.typer_instance.registered_commands if group.typer_instance else []
        commands |= {f"{group.name} {command.name}" for command in inside}
    pages = " ".join(" ".join(page.read_text().split()) for page in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
    assert {command for command in commands if f"ecrctl {command}" not in pages} == set()


def test_the_message_it_shows_is_the_one_people_get() -> None:
    shown = re.search(
        r"^registry\.yaml:4:12: error: .*?^registry\.yaml: 1 error", README, flags=re.MULTILINE | re.DOTALL
    )
    assert shown
    text = b"registry:\n  name: acme\n\n  account: 123456789012\n  region: ap-northeast-2\nrepositories: {my-app: }\n"
    (finding,) = check_sources(parse(text, "registry.yaml")).findings
    assert str(finding) in shown.group()


def test_where_to_read_on_names_each_page_of_the_documents_once() -> None:
    named = re.findall(r"\(docs/([\w-]+\.md)\)", README.partition("## Where to read on")[2])
    assert sorted(named) == sorted({path.name for path in (ROOT / "docs").glob("*.md")} - {"sandbox.md"})
    assert "(docs/sandbox.md)" in README  # above, with what the sandbox proves


def test_every_link_to_a_file_leads_somewhere() -> None:
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


SENTENCES = re.findall(r"^\| `(.*?)` \|", (ROOT / "docs" / "lifecycles.md").read_text(), flags=re.MULTILINE)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_of_the_page_on_lifecycles_is_accepted(sentence: str) -> None:
    assert len(SENTENCES) == len(SentenceShape.model_fields)
    text = f"{SMALL}lifecycles: {{it: [{{{sentence}}}]}}\nrepositories: {{web/api: {{lifecycle: it}}}}\n"
    assert check_sources(parse(text.encode(), "f.yaml")).errors == ()


def test_the_team_file_of_the_page_on_teams_is_accepted() -> None:
    page = (ROOT / "docs" / "teams.md").read_text()
    (team,) = re.findall(r"^```yaml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    files = {"teams/web.yaml": parse(team.encode(), "teams/web.yaml")}
    root = parse(f"{SMALL}include: [teams/*.yaml]\n".encode(), "registry.yaml")
    assert check_sources(Sources(root, files)).findings == ()


@pytest.mark.parametrize("name", ["recoverable", "pasted"])
def test_the_lifecycles_of_the_page_are_accepted(name: str) -> None:
    page = (ROOT / "docs" / "lifecycles.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    (lifecycles,) = (block for block in blocks if f"  {name}:\n" in block)
    text = f"{SMALL}{lifecycles}repositories: {{web/api: {{lifecycle: {name}}}}}\n"
    assert check_sources(parse(text.encode(), "f.yaml")).findings == ()
