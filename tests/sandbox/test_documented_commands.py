"""The lines of tests/sandbox/test_documented.py with ecrctl, where a registry is deployed."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox.test_documented import IN_ONE_ACCOUNT, REGISTRY, inside_a_sandbox, person, wrong


def test_the_lines_with_ecrctl_do_what_they_say(tmp_path: Path) -> None:
    with inside_a_sandbox(tmp_path, REGISTRY, image=True) as place:
        failed = wrong(IN_ONE_ACCOUNT, place, person(), inside=True)
    assert not failed, failed
