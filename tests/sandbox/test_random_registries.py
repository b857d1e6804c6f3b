"""Random registries, deployed, read back, and from one to the next and back; `python -m tests.fuzz` tries many more."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.model.signing_profiles import PLATFORM
from sandbox.existing import make_existing
from tests.documents import registries
from tests.fuzz import live
from tests.fuzz.drawn import examples
from tests.registry.plan.neighbours import neighbours
from tests.sandbox.conftest import HOME, Sandbox
from tests.synth import SMALL, declared


def test_what_is_deployed_is_read_back_adopted_and_changed_without_a_surprise(sandbox: Sandbox, tmp_path: Path) -> None:
    here = live.Live(sandbox, tmp_path)
    files = next(live.accepted(examples(registries(), 10, 1)))
    both = next(pair for pair in examples(neighbours(), 10, 2) if len(list(live.accepted(list(pair)))) == 2)
    found = [*live.read_back(here, files), *live.there_and_back(here, both)]
    assert [outcome for outcome in found if outcome.wrong] == []
    assert {outcome.part for outcome in found} == {"deployed", "adopted", "pairs"}


def test_a_signing_profile_that_the_file_names_is_there_before_the_deploy(
    sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = declared(
        f"""{SMALL}
principals:
  theirs: {{role: "arn:aws:iam::345678901234:role/ci", outside_organization: true}}
signing:
  - signing_profile_arn: arn:aws:signer:{HOME}:123456789012:/signing-profiles/releases
repositories: {{web/api: {{push: [theirs]}}}}
"""
    )
    make_existing(sandbox.place, registry)
    assert "made the signing profile releases" in capsys.readouterr().out
    signer = sandbox.client(registry, service="signer")
    assert signer.get_signing_profile(profileName="releases")["platformId"] == PLATFORM
    make_existing(sandbox.place, registry)
    assert capsys.readouterr().out == ""
