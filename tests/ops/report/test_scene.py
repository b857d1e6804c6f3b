"""The picture: what is drawn, what is folded, and that nothing lies outside or on top of something else."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from ops.report.facts import AccessFacts, NamespaceFacts, PrincipalFacts, Report
from ops.report.gather import read
from ops.report.mermaid import mermaid
from ops.report.picture import NARROW, WIDE, Box, Form, draw
from ops.report.scene import ALIKE, CALLERS, ONE_BY_ONE, ROOMS, scene
from tests.test_company import COMPANY, TODAY


@pytest.fixture(scope="module")
def company() -> Report:
    return read(COMPANY, today=TODAY)


def namespace(name: str) -> NamespaceFacts:
    return NamespaceFacts(name=name, owners=(), labels=(), created=(), places=(), repositories=())


def grant(principal: str, may: str, *namespaces: str) -> AccessFacts:
    return AccessFacts(
        principal=principal, who=principal, may=may, where="", namespaces=namespaces, places=(), at="", written=False
    )


def principal(name: str) -> PrincipalFacts:
    return PrincipalFacts(name=name, kind="role", who="", account="", role="", may=())


def with_(company: Report, rooms: int, *rows: AccessFacts) -> Report:
    return replace(company, namespaces=tuple(namespace(f"n{index:03}") for index in range(rooms)), access=rows)


def test_lines_lead_to_the_namespaces_that_a_principal_reaches_and_say_how(company: Report) -> None:
    drawn = scene(company)
    named = [*(room.name for room in drawn.rooms), None]
    reached = {it.name: [(named[-1 if at is None else at], way) for at, way in it.reaches] for it in drawn.callers}
    assert reached["eks-nodes"] == [("checkout", "read"), ("mobile", "read"), ("web", "read")]
    assert reached["web-prod"] == [("web", "write")]
    assert reached["company"][0] == (None, "policy")
    assert reached["lambda.amazonaws.com for arn:aws:lambda:eu-central-1:123456789012:function:*"] == [
        ("web", "policy")
    ]


def test_a_principal_that_pulls_and_pushes_has_the_line_of_one_that_pushes(company: Report) -> None:
    (caller,) = scene(with_(company, 3, grant("ci", "push", "n000"), grant("ci", "pull", "n000"))).callers
    assert caller.reaches == ((0, "write"),)
    assert caller.about == "push, pull"


def test_what_is_denied_is_no_line(company: Report) -> None:
    assert scene(with_(company, 3, grant("ci", "denied: ecr:*", "n000"))).callers == ()


def test_a_principal_that_reaches_many_namespaces_has_one_line_to_the_whole(company: Report) -> None:
    few = [f"n{index:03}" for index in range(ONE_BY_ONE)]
    (caller,) = scene(with_(company, 30, grant("ci", "pull", *few))).callers
    assert len(caller.reaches) == ONE_BY_ONE
    (caller,) = scene(with_(company, 30, grant("ci", "pull", *few, "n020"))).callers
    assert caller.reaches == ((None, "read"),)


def test_of_many_namespaces_the_rest_is_one_box(company: Report) -> None:
    drawn = scene(with_(company, ROOMS + 40, grant("ci", "pull", f"n{ROOMS + 20:03}")))
    assert len(drawn.rooms) == ROOMS + 1
    assert drawn.rooms[-1].name == "40 more namespaces"
    assert drawn.callers[0].reaches == ((ROOMS, "read"),)


def test_many_principals_that_do_the_same_are_one_box(company: Report) -> None:
    rows = [grant(f"p{index:03}", "pull", "n000") for index in range(ALIKE + 1)]
    (caller,) = scene(with_(company, 3, *rows)).callers
    assert caller.name == f"p000 and {ALIKE} more"
    assert len(scene(with_(company, 3, *rows[1:])).callers) == ALIKE


def test_of_more_principals_than_can_be_read_those_that_reach_most_are_drawn(company: Report) -> None:
    rows = [grant(f"p{index:03}", "pull", f"n{index:03}") for index in range(CALLERS + 2)]
    drawn = scene(with_(company, ROOMS, *rows, grant("z", "pull", "n001", "n002")))
    assert (len(drawn.callers), drawn.more_callers) == (CALLERS, 3)
    assert "z" in {it.name for it in drawn.callers}


def inside(one: Box, other: Box) -> bool:
    return (
        other.x <= one.x
        and other.y <= one.y
        and one.x + one.width <= other.x + other.width
        and one.y + one.height <= other.y + other.height
    )


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


@pytest.mark.parametrize("form", [WIDE, NARROW], ids=lambda form: form.name)
@pytest.mark.parametrize("rooms", [0, 1, 10, ROOMS, 500])
def test_boxes_lie_within_the_picture_and_beside_or_within_each_other(company: Report, form: Form, rooms: int) -> None:
    rows = [grant(f"p{index:03}", "push", f"n{index % max(rooms, 1):03}") for index in range(min(rooms, 90))]
    drawings = [draw(scene(with_(company, rooms, *rows)), form), draw(scene(company), form)]
    drawings.append(draw(scene(replace(company, places=company.places[:1])), form))
    for drawing in drawings:
        picture = Box("home", 0, 0, drawing.form.width, drawing.height)
        assert all(inside(box, picture) for box in drawing.boxes)
        assert all(apart(a, b) or inside(b, a) for a, b in combinations(drawing.boxes, 2))
        assert all(0 <= text.x <= picture.width and 0 < text.y <= picture.height for text in drawing.texts)


def test_a_text_that_is_too_long_is_cut_and_told_whole(company: Report) -> None:
    name = "a" * 200
    report = replace(with_(company, 3, grant(name, "pull", "n000")), principals=(principal(name),))
    (cut,) = [it.text for it in draw(scene(report), NARROW).texts if it.whole == name]
    assert cut.endswith("a…")


def test_the_diagram_for_markdown_has_the_same_lines(company: Report) -> None:
    lines = mermaid(company).splitlines()
    assert (lines[0], lines[1], lines[-1]) == ("```mermaid", "flowchart LR", "```")
    drawn = scene(company)
    assert sum("==>" in it or "-->" in it or "-.->" in it for it in lines) == sum(
        len(it.reaches) for it in drawn.callers
    ) + sum(len(it.copies) for it in drawn.replicas)
    (jenkins,) = [it.split("(")[0].strip() for it in lines if it.endswith('(["jenkins: role, push, pull"])')]
    assert f"  {jenkins} ==>|writes| n0" in lines
    assert '  r2[("567890123456/eu-west-1: mobile#59; deletions too")]' in lines
    assert sum(bool(re.fullmatch(r'  v\d+\{\{".*"\}\} --- (home|r\d+)', it)) for it in lines) == 4
