"""What two versions make of one file, compared."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from registry.locations import Location
from registry.replacements.compare import TemplateChange, What, differences

AT = Location("123456789012", "eu-central-1")
KEY = (AT, "acme-Repositories-web")
REPOSITORY = "AWS::ECR::Repository"
OLD: dict[str, Any] = {
    "Resources": {
        "webSapi": {
            "Type": REPOSITORY,
            "Properties": {"RepositoryName": "web/api", "ImageTagMutability": "IMMUTABLE"},
            "DeletionPolicy": "Retain",
            "Metadata": {"aws:cdk:path": "old"},
        }
    },
    "Parameters": {"BootstrapVersion": {"Default": "x"}},
}


def changed(edit: str) -> list[TemplateChange]:
    new = copy.deepcopy(OLD)
    exec(edit, {"new": new, "api": new["Resources"]["webSapi"], "resources": new["Resources"]})
    return differences({KEY: OLD}, {KEY: new})


def test_the_same_is_no_change() -> None:
    assert changed("") == []
    assert changed("api['Metadata'] = {'aws:cdk:path': 'new'}") == []


@pytest.mark.parametrize(
    ("edit", "what", "parts"),
    [
        ("api['Properties']['ImageTagMutability'] = 'MUTABLE'", What.CHANGED, ("ImageTagMutability",)),
        ("api['Properties']['Tags'] = []", What.CHANGED, ("Tags",)),
        ("del api['Properties']['ImageTagMutability']", What.CHANGED, ("ImageTagMutability",)),
        ("api['DeletionPolicy'] = 'Delete'", What.CHANGED, ("DeletionPolicy",)),
        ("api['Properties']['RepositoryName'] = 'web/other'", What.REPLACED, ("RepositoryName",)),
        ("api['Properties']['EncryptionConfiguration'] = {'EncryptionType': 'KMS'}", What.REPLACED, None),
        ("api['Type'] = 'AWS::IAM::Role'", What.REPLACED, ("Type",)),
        ("del resources['webSapi']", What.REMOVED, ()),
    ],
)
def test_a_resource_that_is_not_the_same(edit: str, what: What, parts: tuple[str, ...] | None) -> None:
    (found,) = changed(edit)
    assert (found.stack, found.logical_id, found.what) == ("acme-Repositories-web", "webSapi", what)
    if parts is not None:
        assert found.parts == parts


def test_another_id_for_the_same_name_cannot_be_deployed() -> None:
    found = changed("resources['another'] = resources.pop('webSapi')")
    assert [(each.logical_id, each.what) for each in found] == [("another", What.TAKEN), ("webSapi", What.REMOVED)]


def test_a_new_name_is_added() -> None:
    (found,) = changed("resources['b'] = {'Type': api['Type'], 'Properties': {'RepositoryName': 'web/b'}}")
    assert str(found) == "123456789012/eu-central-1 acme-Repositories-web: b (AWS::ECR::Repository) is added"


def test_what_else_is_in_a_template_counts() -> None:
    (found,) = changed("new['Outputs'] = {'A': {'Value': 'b'}}")
    assert (found.logical_id, found.what, found.parts) == ("", What.CHANGED, ("Outputs",))


def test_a_stack_that_comes_or_goes_is_one_change() -> None:
    other = (AT, "acme-Other")
    assert [(it.stack, it.what) for it in differences({KEY: OLD}, {KEY: OLD, other: OLD | {"Resources": {}}})] == [
        ("acme-Other", What.ADDED)
    ]
    assert [(it.stack, it.what) for it in differences({KEY: OLD}, {})] == [("acme-Repositories-web", What.REMOVED)]


def test_a_change_for_programs() -> None:
    (found,) = changed("api['Properties']['Tags'] = []")
    assert found.as_dict() == {
        "account": "123456789012",
        "region": "eu-central-1",
        "stack": "acme-Repositories-web",
        "logicalId": "webSapi",
        "type": REPOSITORY,
        "change": "CHANGED",
        "parts": ["Tags"],
    }
