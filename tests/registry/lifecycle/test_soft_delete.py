"""The soft delete of docs/lifecycles.md does what the page says: into the archive first, and 90 days later away."""

from __future__ import annotations

import json
import re

from registry.lifecycle.policy import rules_of
from registry.load import check_sources
from registry.model import Registry
from registry.reading.yaml_reader import parse
from tests.registry.lifecycle.simulated import acted, image, run
from tests.synth import ROOT, SMALL

PAGE = (ROOT / "docs" / "lifecycles.md").read_text().partition("## A soft delete")[2]


def shown() -> Registry:
    """The registry of the example, which has no finding."""
    (example,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.partition("## ")[0], flags=re.MULTILINE | re.DOTALL)
    repositories = "repositories: {web/api: {lifecycle: recoverable}}\n"
    outcome = check_sources(parse(f"{SMALL}{example}{repositories}".encode(), "f.yaml"))
    assert outcome.findings == ()
    assert outcome.registry is not None
    return outcome.registry


def test_what_is_due_is_archived_first_and_deleted_from_the_archive_later() -> None:
    lifecycle = shown().repositories[0].lifecycle
    assert lifecycle is not None
    policy = json.loads(lifecycle.text)
    assert rules_of(lifecycle.text, "it")
    found = run(
        policy["rules"],
        [
            image("young", "pr-3", pushed=29),
            image("due", "pr-2", pushed=31),
            image("untagged", pushed=31),
            image("archived", "pr-1", pushed=200, archived=89),
            image("forgotten", "pr-0", pushed=200, archived=91),
            image("restored", "pr-9", pushed=200, restored=5),
            image("release", "v1", pushed=900),
            image("running", "prod-1", pushed=900),
        ],
    )
    assert {name: action for name, (action, _) in acted(found).items()} == {
        "due": "transition", "untagged": "transition", "forgotten": "expire",
    }  # fmt: skip
