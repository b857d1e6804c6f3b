"""The large example: every feature at once, and what one more repository changes in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest

from registry.load import CheckResult, check_sources
from registry.model import Registry
from registry.reading import yaml_reader
from registry.reading.include import read_files
from registry.reading.sources import Sources
from registry.shape import FileShape, Shape, TeamShape
from tests.synth import ROOT, Templates, synthesized

COMPANY = ROOT / "examples" / "company" / "registry.yaml"
#: The day on which the example was written; its acceptances last longer.
TODAY = date(2026, 11, 24)


def sources(**teams: str) -> Sources:
    """The files of the company, with text added to those of some teams."""
    read = read_files(COMPANY, "registry.yaml")
    for name, text in teams.items():
        file = f"teams/{name}.yaml"
        content = (COMPANY.parent / file).read_bytes() + text.encode()
        read = Sources(read.root, {**read.teams, file: yaml_reader.parse(content, file)}, read.findings)
    return read


def company(**teams: str) -> Registry:
    outcome: CheckResult = check_sources(sources(**teams), today=TODAY)
    assert outcome.findings == (), "\n".join(map(str, outcome.findings))
    assert outcome.registry is not None
    return outcome.registry


def test_it_is_a_company_of_four_teams_replicas_in_three_accounts_and_more_than_sixty_repositories() -> None:
    assert len(sources().teams) == 4
    assert len(company().replicas) == 4
    assert len(company().accounts) == 3
    assert len(company().repositories) > 60


def keys(annotation: Any, seen: set[type[Shape]]) -> Iterator[str]:
    """Every key that can stand somewhere below a shape."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        if annotation not in seen:
            seen.add(annotation)
            for name, field in annotation.model_fields.items():
                yield field.alias or name
                yield from keys(field.annotation, seen)
        return
    origin = get_origin(annotation)
    for inner in get_args(annotation) if origin is not None or isinstance(annotation, UnionType) else ():
        yield from keys(inner, seen)
    assert origin is not Union or get_args(annotation)


def written(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from written(inner)
    elif isinstance(value, list):
        for item in value:
            yield from written(item)


def test_every_key_that_exists_is_used() -> None:
    files = [sources().root, *sources().teams.values()]
    used = {key for file in files for key in written(file.root.value)}
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    not_advised = {"NotPrincipal", "NotAction"}
    for_adoption = {"all_repositories", "registry_policy", "Resource", "NotResource"}  # tests/golden uses these
    # Wide, each said out loud: tests/golden/who.yaml uses these
    said_out_loud = {
        "every_branch",
        "subject_pattern",
        "source_account",
        "every_role_writes",
        "lambda_function_pattern",
    }
    beside_another = {"manage"}  # of a second file in an account: tests/stacks/test_manage.py
    assert {
        *keys(FileShape, set()),
        *keys(TeamShape, set()),
    } - used == not_advised | for_adoption | said_out_loud | beside_another


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesized(company(), tmp_path_factory.mktemp("company"))[1]


@pytest.mark.parametrize(
    ("team", "regions"),
    [("web", 3), ("mobile", 3), ("data", 1)],
)
def test_one_more_repository_changes_one_repositories_template_of_each_of_its_regions(
    team: str, regions: int, templates: Templates, tmp_path: Path
) -> None:
    _, after = synthesized(company(**{team: f"  {team}/one-more:\n"}), tmp_path)
    assert set(after) == set(templates)
    changed = [path for path in templates if templates[path] != after[path]]
    for path in [each for each in changed if each.endswith("/Monitoring")]:  # its namespace's dashboard shows it
        before, now = templates[path]["Resources"], after[path]["Resources"]
        assert {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)} == {
            f"Dashboard{team}"
        }
        changed.remove(path)
    assert len(changed) == len({path.split("/")[1] for path in changed}) == regions
    for path in changed:
        assert path.split("/")[2].startswith(f"Repositories-{team}")
        assert templates[path]["Resources"].items() <= after[path]["Resources"].items()
        (added,) = set(after[path]["Resources"]) - set(templates[path]["Resources"])
        assert after[path]["Resources"][added]["Properties"]["RepositoryName"] == f"{team}/one-more"
