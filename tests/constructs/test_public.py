"""What is published: in us-east-1 alone, kept, without a word more than the file says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from registry.rules.public import public_bytes
from tests.synth import SMALL, Templates, declared, synthesized

LINE = "# Title\\n"
FILE = f"""{SMALL}
repositories: {{web/api: }}
public_repositories:
  hello:
  tools/base:
    repository_description: "What \\"stands\\" below"
    about_text: "{LINE * 40}"
    usage_text: pull it
    operating_systems: [Linux, Windows]
    architectures: [x86-64, ARM 64]
    owner: platform
    tags: {{cost-center: "42"}}
    push: [partner]
principals: {{partner: {{role: "arn:aws:iam::210987654321:role/publisher"}}}}
"""
STACK = "123456789012/us-east-1/PublicRepositories"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesized(declared(FILE), tmp_path_factory.mktemp("public"))[1]


def made(templates: Templates) -> dict[str, Any]:
    found: dict[str, Any] = templates[STACK]["Resources"]
    return found


def test_all_of_them_are_in_one_stack_of_the_one_region_that_has_the_type(templates: Templates) -> None:
    """Elsewhere CloudFormation says `Unrecognized resource types`: aws/aws-cli #6491."""
    everywhere = {
        path: [name for name, it in template["Resources"].items() if it["Type"] == "AWS::ECR::PublicRepository"]
        for path, template in templates.items()
    }
    assert {path: names for path, names in everywhere.items() if names} == {STACK: ["hello", "toolsSbase"]}
    assert len(templates[STACK]["Resources"]) == 2


def test_they_are_kept_when_they_leave_the_file(templates: Templates) -> None:
    for resource in made(templates).values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_what_is_not_written_is_not_in_the_template(templates: Templates) -> None:
    assert made(templates)["hello"]["Properties"] == {"RepositoryName": "hello"}


def test_the_catalog_data_has_the_names_of_the_type(templates: Templates) -> None:
    """Lower-case keys are dropped without a word elsewhere: CloudFormation's rules judge this template."""
    assert made(templates)["toolsSbase"]["Properties"]["RepositoryCatalogData"] == {
        "RepositoryDescription": 'What "stands" below',
        "AboutText": "# Title\n" * 40,
        "UsageText": "pull it",
        "OperatingSystems": ["Linux", "Windows"],
        "Architectures": ["ARM 64", "x86-64"],
    }


def test_a_file_without_them_has_no_stack_more(tmp_path: Path) -> None:
    _, templates = synthesized(declared(f"{SMALL}repositories: {{web/api: }}\n"), tmp_path)
    assert {path.split("/")[1] for path in templates} == {"ap-northeast-2"}


def test_a_home_in_us_east_1_has_them_beside_its_other_stacks(tmp_path: Path) -> None:
    here = SMALL.replace("ap-northeast-2", "us-east-1")
    _, templates = synthesized(declared(f"{here}repositories: {{api: }}\npublic_repositories: {{api: }}\n"), tmp_path)
    assert {path.rpartition("/")[2] for path in templates} == {
        "Access", "PublicRepositories", "Registry", "Repositories",
    }  # fmt: skip


def test_no_repository_weighs_less_than_it_is(templates: Templates) -> None:
    """Beside the templates as they are written, with an indent of one."""
    for repository in declared(FILE).public_repositories:
        (resource,) = (it for it in made(templates).values() if it["Properties"]["RepositoryName"] == repository.name)
        size = len(json.dumps(resource, indent=1)) + 2 * len(json.dumps(resource, indent=1).splitlines())
        assert size <= public_bytes(repository) <= 3 * size, size
