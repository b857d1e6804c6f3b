"""The dashboards of the company as people see them: drawn in a real Chromium. .check/dashboards/ has the pictures."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from registry.model import Registry
from registry.monitoring.watch import alarms_in, dashboards_in
from registry.naming import alarm_arn
from tests.browser.test_report import chromium
from tests.dashboard_picture import picture
from tests.fake_metrics import company
from tests.synth import ROOT, SMALL, declared

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
SHOTS = ROOT / ".check" / "dashboards"
NAMES = {
    "web": ("shop", "cart", "search", "checkout", "assets", "docs", "admin", "login", "newsletter", "profile", "blog",
            "api-gateway", "recommendations"),
    "data": ("airflow", "spark", "notebooks"),
    "base": ("alpine", "debian", "python"),
}  # fmt: skip
CACHED = ("docker-hub/library/nginx", "docker-hub/library/redis")
FILE = f"""\
replicas: {{us-west-2: {{namespaces: [base, web]}}}}
monitoring:
  email: [platform@example.com]
  teams: {{web: {{namespaces: [web], email: [web@example.com]}}}}
  alarms: {{pulls_stop: [{{repositories: [web/shop, web/checkout], hours: 6}}]}}
  dashboards: ["*"]
repositories: {{{", ".join(f"{space}/{name}: " for space, names in NAMES.items() for name in names)}}}
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return declared(SMALL + FILE)


@pytest.fixture(scope="module")
def looked(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw of each dashboard."""
    folder = tmp_path_factory.mktemp("dashboards")
    worlds = {at.region: company([it.name for it in registry.repositories_in(at)], at.region, cached=CACHED)
              for at in registry.locations}  # fmt: skip
    arns = [alarm_arn(at, it.alarm.name) for at in registry.locations for it in alarms_in(registry, at)]
    states = {arns[0]: "ALARM", next(arn for arn in arns if "no-pulls" in arn): "ALARM", arns[9]: "INSUFFICIENT_DATA"}
    pages = {}
    for each in dashboards_in(registry, registry.home):
        pages[each.name] = folder / f"{each.name}.html"
        pages[each.name].write_text(picture(each.body, worlds, states), encoding="utf-8")
    SHOTS.mkdir(parents=True, exist_ok=True)
    job = {
        "pages": {name: str(file) for name, file in pages.items()},
        "shots": str(SHOTS),
        "unpacked": str(HERE / "node_modules" / ".browser"),
        "chromium": chromium(),
    }
    (folder / "job.json").write_text(json.dumps(job))
    finished = subprocess.run(
        ["node", HERE / "pictures.mjs", folder / "job.json"], capture_output=True, text=True, check=False, timeout=600
    )
    assert finished.returncode == 0, finished.stderr
    return dict(json.loads(finished.stdout))


def test_every_dashboard_is_drawn_and_asks_for_nothing(looked: dict[str, Any]) -> None:
    assert set(looked) == {"acme-ECR", "acme-ECR-base", "acme-ECR-data", "acme-ECR-web"}
    assert [it["requests"] for it in looked.values() if it["requests"]] == []
    assert {name: (SHOTS / f"{name}.png").stat().st_size > 20_000 for name in looked} == dict.fromkeys(looked, True)


def test_every_title_and_every_text_fits_its_card(looked: dict[str, Any]) -> None:
    assert {name: it["cut"] + it["spilt"] for name, it in looked.items() if it["cut"] or it["spilt"]} == {}


def test_no_graph_is_empty(looked: dict[str, Any]) -> None:
    assert {name: it["empty"] for name, it in looked.items() if it["empty"]} == {}


def test_a_dashboard_is_read_at_a_glance(looked: dict[str, Any]) -> None:
    """Two or three screens: a number, a gauge, the alarms, then graphs."""
    assert {name: it["height"] for name, it in looked.items() if it["height"] > 2_000} == {}
    assert all(it["nodes"].count("H2") == 1 for it in looked.values())
