"""One table of versions for everything that reads one: the form, `ecrctl release`, and a pipeline's step.

The oracle is the library of https://semver.org, and the table begins with the cases of that page.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version as Oracle

from ops.images.release import VersionRefused, _version
from ops.snippet.scripts import _PROMOTE
from registry.delivery.buildspecs import program
from registry.delivery.steps import history, versions
from registry.delivery.steps.versions import newest, parsed

VERSIONS = [
    "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease", "1.0.0-alpha", "1.0.0-alpha.beta", "1.0.0-alpha.1",
    "1.0.0-alpha0.valid", "1.0.0-rc.1", "2.0.0-0A.is.legal", "1.0.0--", "999999999999999999.99999999.99999999",
]  # fmt: skip
NONE = [
    "", "1", "1.2", "1.2.3.4", "01.1.1", "1.01.1", "1.1.01", "1.2.3-", "1.2.3-a..b", "1.2.3-0123", "1.2.3-01.a",
    "-1.0.3", "1.2.x", "v1.x", "latest", "1.2.3 ", "1.2.3\n", "١.٢.٣", "vv1.2.3", "1.2.3-ü",
]  # fmt: skip


@pytest.mark.parametrize("text", VERSIONS)
def test_what_is_a_version_is_one_everywhere(text: str) -> None:
    assert Oracle.is_valid(text)
    for given_ in (text, f"v{text}"):
        version = parsed(given_)
        assert version is not None
        assert str(version) == text
        assert _version(given_) == version


@pytest.mark.parametrize("text", NONE)
def test_what_is_none_is_none_everywhere(text: str) -> None:
    assert not Oracle.is_valid(text.removeprefix("v")) or not text.isascii()
    assert parsed(text) is None
    with pytest.raises(VersionRefused, match="is no version"):
        _version(text)


@pytest.mark.parametrize("text", ["1.2.3+build.7", "1.2.3+", "v1.2.3-rc.1+a"])
def test_no_tag_has_build_metadata(text: str) -> None:
    assert parsed(text) is None
    with pytest.raises(VersionRefused, match="no tag has a \\+ in it"):
        _version(text)


def test_a_number_without_end_is_no_version() -> None:
    assert parsed(f"1.2.{'9' * 5_000}") is None


PART = st.integers(0, 12)


@given(st.lists(st.tuples(PART, PART, PART, st.sampled_from(["", "-rc.1", "-0"])), max_size=8), st.tuples(PART, PART))
def test_the_newest_is_the_librarys(released: list[tuple[int, int, int, str]], line: tuple[int, int]) -> None:
    tags = [f"v{major}.{minor}.{patch}{before}" for major, minor, patch, before in released]
    whole = [it for tag in tags if not (it := Oracle.parse(tag[1:])).prerelease]
    version = parsed(f"{line[0]}.{line[1]}.0")
    assert version is not None
    for found, same in zip(newest(version, [*tags, "latest", "v1.x"]), (2, 1), strict=True):
        wanted = [it for it in whole if it.to_tuple()[:same] == line[:same]]
        assert (str(found[0]) if found else None) == (str(max(wanted)) if wanted else None)


def test_a_pipeline_carries_the_same_file_and_a_script_the_same_time() -> None:
    """What runs in CodeBuild is the text of the module; what runs in other CIs is written from its constant."""
    text = versions.__loader__.get_source(versions.__name__)  # type: ignore[union-attr]
    assert text in program("Publish")
    assert f"$(date -u +{history.TIME_FORMAT})" in _PROMOTE
