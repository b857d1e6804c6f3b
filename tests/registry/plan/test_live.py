"""Which of what drift finds a plan touches: what is in a stack that it changes."""

from __future__ import annotations

import pytest

from registry.plan.live import touches
from registry.plan.run import plan
from registry.plan.sides import Sides
from tests.registry.plan.planned import side

PIPELINE = """
    connection: arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
    scan_gate: NONE
    cache: cache
"""
OLD = f"""
repositories: {{web/api: {{moving_tags: ["cache-*"]}}, web/ui: {{moving_tags: ["cache-*"]}}}}
monitoring: {{events: [scans], email: [ops@example.com]}}
pipelines:
  web/api:{PIPELINE}
  web/ui:{PIPELINE}
"""
ONE_LESS = OLD.replace("ops@example.com", "others@example.com")
OTHERWISE = OLD.replace("web/ui:\n    connection", "web/ui:\n    compute: LARGE\n    connection")


def test_what_iam_has_is_touched_with_any_access_stack() -> None:
    ci = "ci: {gitlab: acme/web, branch: main}"
    later = "later: {role: 'arn:aws:iam::123456789012:role/later', stack: more}"
    grants = "repositories: {web/api: {push: [ci, later]}, web/ui: }\n"
    old = f"principals: {{{ci}, {later}}}\n{grants}"
    sides = Sides(side(old), side(old.replace("web/ui: ", "web/ui: {push: [later]}")))
    for noun in ("role", "managed policy", "pod identity association"):
        assert touches(sides, plan(sides), sides.new.registry.home, noun, "later")
    assert not touches(sides, plan(sides), sides.new.registry.home, "registry policy", "")


@pytest.mark.parametrize(
    ("new", "noun", "name", "touched"),
    [
        (ONE_LESS, "event rule", "acme-ecr-scans", True),
        (ONE_LESS, "subscription", "acme-ecr-monitoring email ops@example.com", True),
        (ONE_LESS, "registry policy", "", False),
        (ONE_LESS, "pipeline", "acme-Delivery-webSui", False),
        (OTHERWISE, "event rule", "acme-ecr-scans", False),
        (OTHERWISE, "pipeline", "acme-Delivery-webSui", True),
        (OTHERWISE, "build project", "acme-Delivery-webSui-BuildAmd64", True),
        (OTHERWISE, "pipeline", "acme-Delivery-webSapi", False),
        (OTHERWISE, "pipeline", "", True),
    ],
)
def test_a_plan_touches_what_is_in_the_stacks_that_it_changes(new: str, noun: str, name: str, touched: bool) -> None:
    assert new != OLD
    sides = Sides(side(OLD), side(new))
    assert touches(sides, plan(sides), sides.new.registry.home, noun, name) is touched
