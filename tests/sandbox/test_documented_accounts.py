"""The lines of tests/sandbox/test_documented.py about two accounts, the first of which is deployed without an image."""

from __future__ import annotations

from pathlib import Path

from tests.sandbox.test_documented import (
    IN_TWO_ACCOUNTS,
    REGISTRY,
    TWO_ACCOUNTS,
    WITHOUT_IMAGES,
    inside_a_sandbox,
    person,
    wrong,
)


def test_the_lines_about_two_accounts_do_what_they_say(tmp_path: Path) -> None:
    with inside_a_sandbox(tmp_path, REGISTRY, image=False) as place:
        failed = wrong(WITHOUT_IMAGES, place, person(), inside=True)
        (place / "registry.yaml").write_text(TWO_ACCOUNTS)
        failed += wrong(IN_TWO_ACCOUNTS, place, person(), inside=True)
    assert not failed, failed
