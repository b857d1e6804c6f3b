"""What people are told about a replacement: one message for each cause, and a way out that fits it."""

from __future__ import annotations

from typing import Any

import pytest

from registry.locations import Location
from registry.replacements.advice import advice
from registry.replacements.find import (
    ALIAS,
    CACHE_RULE,
    ENDPOINT,
    POLICY,
    PROVIDER,
    REPOSITORY,
    ROLE,
    Outcome,
    Replacement,
)
from tests.synth import ROOT

AT = Location("123456789012", "ap-northeast-2")
WEST = Location("123456789012", "us-west-2")
REFUSED, TAKEN, REPLACED, LOST = Outcome.REFUSED, Outcome.TAKEN, Outcome.REPLACED, Outcome.LOST
OLD, SELF = (AT, "acme-Old"), (AT, "acme-x")


def found(kind: str, outcome: Outcome, name: str = "it", **more: Any) -> Replacement:
    return Replacement(at=AT, stack="acme-x", logical_id="Id", type=kind, name=name, outcome=outcome, **more)


CASES = [
    (
        found(REPOSITORY, REFUSED, properties=("EncryptionConfiguration.KmsKey",)),
        "keeps the encryption",
        "another name",
    ),
    (found(CACHE_RULE, REFUSED, properties=("CredentialArn",)), "CredentialArn changes", "put-secret-value"),
    (
        found(ROLE, REFUSED, properties=("Path",)),
        "replace a role or policy to change its path",
        "write the old `access.path`",
    ),
    (
        found(POLICY, REFUSED, properties=("Description", "Path")),
        "replace a role or policy to change its path",
        "`Another path`",
    ),
    (
        found(POLICY, REFUSED, properties=("Description",)),
        "change Description of a managed policy",
        "the project changed",
    ),
    (
        found(ENDPOINT, REFUSED, properties=("ServiceRegion",)),
        "host names of a service once",
        "remove the endpoint from the file",
    ),
    (found("AWS::X::Y", REFUSED, properties=("A",)), "cannot change A of a AWS::X::Y", "undo the change"),
    (found(REPOSITORY, LOST, properties=("RepositoryName",)), "the new one is empty", "another name in the file"),
    (found(REPOSITORY, TAKEN, holder=OLD), "repositories move to another stack", "`More shards`"),
    (found(REPOSITORY, TAKEN, holder=SELF), "before it deletes the one that has its name", "the version before"),
    (found(ROLE, TAKEN, holder=(WEST, "acme-x")), "acme-x in us-west-2 have the names", "`Another home`"),
    (found(PROVIDER, TAKEN, holder=(WEST, "acme-x")), "the home region changed", "`failover_push`"),
    (found(ROLE, TAKEN, holder=(AT, "acme-Access")), "move to another Access stack", "`Another Access stack`"),
    (found(ALIAS, TAKEN, holder=OLD), "acme-Old in ap-northeast-2 has the KMS alias", "remove it from the file"),
    (found(ALIAS, TAKEN), "in no stack of this registry", "leave it out of `kms_keys`"),
    (found(PROVIDER, TAKEN), "in no stack of this registry", "`access.oidc_providers`"),
]


@pytest.mark.parametrize(("what", "message", "way_out"), CASES, ids=range(len(CASES)))
def test_each_cause_has_its_message_and_its_way_out(what: Replacement, message: str, way_out: str) -> None:
    (said,) = advice([what], registry="acme")
    assert message in said.message
    assert way_out in said.way_out
    assert said.stops
    assert said.link


def test_every_section_that_a_way_out_names_is_there() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    for title in ("Another path", "Another home", "Another name", "More shards"):
        assert f"\n### {title}\n" in text


def test_the_stacks_of_another_name_are_one_message_whatever_they_have() -> None:
    what = [
        found(kind, TAKEN, name, holder=OLD)
        for kind, name in ((REPOSITORY, "web/api"), (ROLE, "r"), (ALIAS, "alias/a"))
    ]
    (said,) = advice(
        [*what, found("AWS::ECR::RegistryPolicy", TAKEN, "", holder=OLD)], registry="acme", others={OLD: "old"}
    )
    assert str(said).splitlines() == [
        "error: stacks of the registry old have the resources that acme would create; the names of stacks, roles "
        "and policies begin with the registry's name, so a renamed registry is another registry",
        f"    acme-x in {AT} would create a resource that acme-Old in {AT} has: repository web/api, role r, "
        "KMS alias alias/a, registry policy",
        "    way out: write `name: old`; or follow docs/operations.md, `Another name`; or, if old is a separate "
        "registry, remove its resources from this file",
    ]


def test_a_provider_of_another_registry_is_named_and_not_taken_over() -> None:
    (said,) = advice([found(PROVIDER, TAKEN, holder=OLD)], registry="acme", others={OLD: "other"})
    assert said.way_out == "list its ARN in `access.oidc_providers`"


def test_what_stops_a_deploy_comes_first_and_information_asks_for_nothing() -> None:
    group = found("AWS::EC2::SecurityGroup", REPLACED, "", properties=("GroupDescription",))
    first, second = advice([group, found(REPOSITORY, TAKEN, holder=OLD)], registry="acme")
    assert (first.stops, second.stops, second.way_out) == (True, False, "")
    assert str(second).splitlines()[1] == f"    acme-x in {AT}: security group Id"


def test_what_a_name_holds_is_no_command_for_a_terminal_and_a_long_list_is_counted() -> None:
    (said,) = advice([found(REPOSITORY, TAKEN, f"\x1b[31m{number}", holder=OLD) for number in range(25)], registry="a")
    assert "\x1b" not in str(said)
    assert "and 5 more" in str(said)
    many = [
        Replacement(
            at=AT, stack=f"acme-{number}", logical_id="I", type=ROLE, name="r", outcome=REFUSED, properties=("Path",)
        )
        for number in range(30)
    ]
    (said,) = advice(many, registry="acme")
    assert "    and 10 stacks more\n" in str(said)
