"""The page: one file that asks nobody for anything, in which whatever a file says stays text."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ops.report.facts import PlanRow, Report, UsageFacts
from ops.report.gather import read
from ops.report.mermaid import mermaid
from ops.report.page import page
from ops.report.usage import usage_facts
from registry.errors import RegistryError
from registry.findings import visible
from registry.usage.saved import SavedUsage
from tests.hostile import MARKUP, VALUES
from tests.registry.usage.naive import NOW, SINCE, counted, image
from tests.synth import SMALL
from tests.test_company import COMPANY, TODAY

PLAN = (
    PlanRow(
        risk="deletes", title="A repository leaves", subject="web/old", line="registry.yaml:3", before="a", after=""
    ),
)


class Parsed(HTMLParser):
    """The elements with their attributes, in order, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, list[str]] = {"style": [], "script": []}
        self.within = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        self.within = tag

    def handle_endtag(self, tag: str) -> None:
        self.within = ""

    def handle_data(self, data: str) -> None:
        self.raw.get(self.within, self.texts).append(data)

    def values(self, name: str) -> list[str]:
        """The values of an attribute."""
        return [value or "" for _, attributes in self.elements for key, value in attributes if key == name]


def everywhere(value: Any, change: Callable[[str], str]) -> Any:
    """Facts in which every text is changed, but links, which are this project's own."""
    if isinstance(value, str):
        return change(value) if value else value
    if isinstance(value, tuple):
        return tuple(everywhere(each, change) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {it.name: getattr(value, it.name) for it in dataclasses.fields(value) if it.name != "link"}
        return dataclasses.replace(value, **{name: everywhere(each, change) for name, each in fields.items()})
    return value


def usage_of_four() -> UsageFacts:
    """Usage that was partly read: bars of every kind."""
    unread = image((30, 900_000_000), tag="v9", repository="data/etl", read=False)
    images = {
        "web/api": [image((1, 800_000_000), (10 + it, 90_000_000), tag=f"v{it}", days=it * 40) for it in range(5)],
        "data/etl": [image((1, 800_000_000), repository="data/etl"), unread],
        "web/shop": [image((1, 800_000_000), (20, 3_000), repository="web/shop", pulled=1, days=3)],
        "web/new": [],
    }
    found = SavedUsage(
        as_of=NOW,
        new_since=SINCE.new,
        unpulled_since=SINCE.used,
        not_asked=("210987654321/us-west-2",),
        registries=(counted(images),),
    )
    return usage_facts(found)


@pytest.fixture(scope="module")
def company() -> Report:
    return dataclasses.replace(read(COMPANY, revision="abc", today=TODAY), plan=PLAN, usage=usage_of_four())


@pytest.mark.parametrize("case", MARKUP)
def test_no_element_and_no_attribute_comes_from_the_file(company: Report, case: str) -> None:
    """The same page as with harmless letters of the same length, but for its text."""
    hostile = MARKUP[case]
    harmless = re.sub(r"\S", "x", visible(hostile))
    found = Parsed(page(everywhere(company, lambda it: hostile + it)))
    plain = Parsed(page(everywhere(company, lambda it: harmless + it)))
    assert found.elements == plain.elements
    assert visible(hostile) in "".join(found.texts)
    assert found.raw == plain.raw


@pytest.mark.parametrize("case", MARKUP)
def test_a_page_and_a_diagram_can_be_printed_whatever_a_file_says(company: Report, case: str) -> None:
    hostile = everywhere(company, lambda it: MARKUP[case] + it)
    for text in (page(hostile), mermaid(hostile)):
        text.encode("utf-8")
        assert text.replace("\n", "").isprintable()


LABEL = r'"(?:[\w ./:@,()+-]|#\d+;)*"'
SHAPES = rf"n\d+\[{LABEL}\]|r\d+\[\({LABEL}\)\]|c\d+\(\[{LABEL}\]\)|v\d+\{{\{{{LABEL}\}}\}} --- (?:home|r\d+)"
ARROWS = r"(?:home|n\d+) -->\|copies\| r\d+|c\d+ (?:==>\|writes\||-->\|pulls\||-\.->\|by a policy\|) (?:home|n\d+)"
MERMAID = re.compile(rf"\s*(?:subgraph home\[{LABEL}\]|end|more\[{LABEL}\]|{SHAPES}|{ARROWS})")


@pytest.mark.parametrize("case", MARKUP)
def test_a_diagram_has_no_syntax_from_the_file(company: Report, case: str) -> None:
    first, second, *lines, last = mermaid(everywhere(company, lambda it: MARKUP[case] + it)).splitlines()
    assert (first, second, last) == ("```mermaid", "flowchart LR", "```")
    assert [line for line in lines if not MERMAID.fullmatch(line)] == []


@pytest.mark.parametrize("case", VALUES)
def test_whatever_stands_for_a_reason_is_refused_or_a_page(case: str, tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    head = SMALL + "lifecycles: {x: [{expire: {any: true, after_days: 9}}]}\nrepositories: {a/b: {lifecycle: x}}\n"
    file.write_bytes(head.encode() + b"acceptances: [{rule: lifecycle-any-tagged, reason: %s}]\n" % VALUES[case])
    try:
        text = page(read(file, today=TODAY))
    except RegistryError:
        return
    assert text.replace("\n", "").isprintable()


def test_the_page_asks_nobody_for_anything_and_runs_only_its_own_script(company: Report) -> None:
    parsed = Parsed(page(company))
    (policy,) = [value for value in parsed.values("content") if "default-src" in value]
    for name, texts in parsed.raw.items():
        digest = base64.b64encode(hashlib.sha256("".join(texts).encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not {"src", "srcset", "style", "action", "data"} & {key for _, given in parsed.elements for key, _ in given}
    assert not [key for _, given in parsed.elements for key, _ in given if key.startswith("on")]
    assert {tag for tag, _ in parsed.elements} & {"link", "iframe", "object", "embed", "base", "img"} == set()
    addresses = [value for value in parsed.values("href") if not value.startswith("#")]
    assert all(it.startswith("https://docs.aws.amazon.com/") for it in addresses)
    assert "@import" not in "".join(parsed.raw["style"])
    assert "url(" not in "".join(parsed.raw["style"])


def test_the_same_facts_make_the_same_page(company: Report) -> None:
    again = dataclasses.replace(read(COMPANY, revision="abc", today=TODAY), plan=PLAN, usage=usage_of_four())
    assert page(company) == page(again)


def test_ids_are_there_once_and_what_refers_to_them_finds_them(company: Report) -> None:
    parsed = Parsed(page(company))
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    wanted = {word for value in parsed.values("aria-labelledby") for word in value.split()}
    wanted |= {value[1:] for value in parsed.values("href") if value.startswith("#")}
    wanted |= {*parsed.values("for"), *parsed.values("data-rows")}
    assert wanted <= set(ids)


def test_every_table_has_a_caption_and_every_heading_of_a_column_or_row_says_which(company: Report) -> None:
    parsed = Parsed(page(company))
    tags = [tag for tag, _ in parsed.elements]
    assert tags.count("table") == tags.count("caption") > 10
    assert all(dict(attributes).get("scope") in {"col", "row"} for tag, attributes in parsed.elements if tag == "th")


def test_a_plan_has_a_section_of_its_own_and_without_one_there_is_none(company: Report) -> None:
    text = "".join(Parsed(page(company)).texts)
    assert "A repository leaves" in text
    assert "Nothing changes." in page(dataclasses.replace(company, plan=()))
    assert 'id="plan"' not in page(dataclasses.replace(company, plan=None))


def test_a_thousand_rows_are_folded_and_few_stand_open(company: Report) -> None:
    assert '<details class="group" open>' in page(company)
    many = dataclasses.replace(company, access=company.access * 50)
    assert page(many).partition('id="repositories"')[0].count('<details class="group" open>') == 0


def test_a_registry_with_nothing_in_it_has_a_page_too(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(SMALL + "repositories: {my-app: }\n")
    text = "".join(Parsed(page(read(file))).texts)
    for said in ("No warnings.", "Nothing is accepted.", "Nothing is granted to anyone.", "names without /"):
        assert said in text
