"""The examples of CONTRIBUTING.md are true: each file they name exists and is about the thing, and none is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.synth import ROOT

EXAMPLES = re.findall(
    r"^### [^\n]*: `([^`\n]*)`\n(.*?)(?=^##)", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE | re.DOTALL
)
#: How code speaks of an example, where it is not by its own name.
SPOKEN = {
    "signing": r"[Ss]igning_?(Configuration|Rule|rules)|\brules_in\(|[_.]signing\b|\bsigning\"?[:=]",
    "ecrctl rule": r"\brule\b",
}
#: Where a thing is declared, resolved, checked and deployed.
ROOMS = ("registry/shape", "registry/model", "registry/resolve", "registry/rules", "constructs", "stacks", "ops/drift")
#: Named for the case that a key is more than this example, or for what every command has.
BESIDE = {"ops/drift/repository_settings.py", "tests/ops/test_commands.py", "CHANGELOG.md", "tests/README.md"}
BESIDE |= {"docs/reference.md", "docs/rules.md", "tests/test_contributing.py"}


def named(text: str) -> list[Path]:
    """The files that a text names."""
    found = dict.fromkeys(re.findall(r"`([\w/.-]+\.(?:py|yaml|md))`", text))
    return [ROOT / path for path in found if path not in BESIDE]


def spoken_of(thing: str, file: Path) -> bool:
    return re.search(SPOKEN.get(thing, re.escape(thing)), file.read_text()) is not None


def test_there_are_four_examples() -> None:
    assert [thing for thing, _ in EXAMPLES] == ["empty_on_delete", "kms-key-near", "signing", "ecrctl rule"]


@pytest.mark.parametrize(("thing", "text"), EXAMPLES, ids=[thing for thing, _ in EXAMPLES])
def test_every_file_of_an_example_is_about_it(thing: str, text: str) -> None:
    files = named(text)
    assert len(files) >= 3
    for file in files:
        beside = file.with_suffix(".txt")  # the message beside a file that is refused
        assert spoken_of(thing, beside if file.parent.name == "refused" else file), f"{file} is not about {thing}"


@pytest.mark.parametrize(("thing", "text"), EXAMPLES[:3], ids=[thing for thing, _ in EXAMPLES[:3]])
def test_no_file_of_an_example_is_missing(thing: str, text: str) -> None:
    about = {
        file for room in ROOMS for file in (ROOT / room).rglob("*.py")
        if file.name != "__init__.py" and spoken_of(thing, file)
    }  # fmt: skip
    assert {str(file.relative_to(ROOT)) for file in about - set(named(text))} == set()
