"""Caches that pull from another location of the same file: what the role may there, judged by both engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from registry.access.ecr_actions import ON_REPOSITORIES
from registry.access.other_accounts import policies_for_account
from registry.access.rows import rows
from registry.locations import Location
from registry.model import Registry
from tests.judge.deployed import Deployed, deployed
from tests.judge.engine import Case, judged, second_opinion
from tests.judge.weakened import weakened
from tests.synth import declared, synthesized

HOME, OTHER, STRANGER = "123456789012", "210987654321", "999999999999"
HERE, THERE = Location(HOME, "ap-northeast-2"), Location(OTHER, "eu-west-1")
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html, of the upstream's side
PULLS = {"BatchGetImage", "BatchImportUpstreamImage", "GetDownloadUrlForLayer", "GetImageCopyStatus"}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
#: The other account has images of its own, and pulls those of the home through a cache; the home pulls theirs.
FILE = f"""\
registry: {{name: acme, account: "{HOME}", region: {HERE.region}}}
replicas: {{{THERE}: {{namespaces: [web]}}, us-west-2: {{namespaces: [web]}}}}
pull_through_cache_rules:
  home: {{upstream_registry: ecr, upstream_registry_url: {HOME}.dkr.ecr.{HERE.region}.amazonaws.com,
         upstream_repository_prefix: base, locations: [{THERE}, us-west-2]}}
  tools: {{upstream_registry: ecr, upstream_registry_url: {HOME}.dkr.ecr.{HERE.region}.amazonaws.com,
          upstream_repository_prefix: tools, locations: [{THERE}]}}
  theirs: {{upstream_registry: ecr, upstream_registry_url: {OTHER}.dkr.ecr.{THERE.region}.amazonaws.com,
           custom_role_arn: "arn:aws:iam::{HOME}:role/own-cache"}}
  supplier: {{upstream_registry: ecr, upstream_registry_url: 345678901234.dkr.ecr.eu-west-1.amazonaws.com}}
creation_templates: {{ROOT: {{applied_for: [PULL_THROUGH_CACHE]}}}}
repositories: {{web/api: , base/go: , tools/x: }}
"""
#: Who may pull which names, by the upstream.
MEANT = {
    HERE: (f"arn:aws:iam::{OTHER}:role/acme-ecr-cache", ("base/go", "base/x/y", "tools/x")),
    THERE: (f"arn:aws:iam::{HOME}:role/own-cache", ("web/api", "base/go", "bases/go", "base", "tools", "tools/x",
                                                    "base/x/y")),
}  # fmt: skip
NAMES = ("base/go", "base/x/y", "bases/go", "base", "tools/x", "tools", "web/api")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return declared(FILE)


@pytest.fixture(scope="module")
def found(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    return deployed(synthesized(registry, tmp_path_factory.mktemp("upstream"))[1])


def pulling(found: Deployed, upstream: Location, *, both: bool) -> Iterator[tuple[Case, bool]]:
    """The roles of caches, others of their account, and twins of theirs; every action on declared names and others.

    :param both: with the policies of the role that is made; otherwise, and of other roles, with the most there can be,
        so that the upstream's policy alone decides.
    """
    meant, names = MEANT[upstream]
    downstream = meant.split(":")[4]
    callers = [
        meant, f"{meant}2", f"arn:aws:iam::{downstream}:role/other", meant.replace(downstream, STRANGER),
    ]  # fmt: skip
    for caller in callers:
        account, _, role = caller.partition(":role/")
        made = found.identity.get((account.rpartition(":")[2], role))
        for name in NAMES:
            for action in sorted(ON_REPOSITORIES):
                case = Case(
                    id=f"{caller} {action} {upstream} {name}",
                    principal=caller,
                    action=f"ecr:{action}",
                    resource=f"arn:aws:ecr:{upstream.region}:{upstream.account}:repository/{name}",
                    account=upstream.account,
                    identity=list(made) if made and both else [EVERYTHING],
                    resource_policy=_without_replication(found.registries[upstream]),
                )
                yield case, caller == meant and name in names and action in PULLS


def _without_replication(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """What lets the home replicate names its whole account: test_replication.py judges that."""
    return {**policy, "Statement": [it for it in policy["Statement"] if "ecr:ReplicateImage" not in it["Action"]]}


def wrong(found: Deployed, upstream: Location, engine: Any, *, both: bool = False) -> list[str]:
    questions = list(pulling(found, upstream, both=both))
    assert any(wanted for _, wanted in questions)
    answers = engine([case for case, _ in questions])
    return [case.id for case, wanted in questions if answers[case.id] != wanted]


@pytest.mark.parametrize("engine", [judged, second_opinion])
@pytest.mark.parametrize("upstream", MEANT)
def test_the_role_of_a_cache_pulls_below_the_upstream_prefix_and_nobody_else_does(
    found: Deployed, upstream: Location, engine: Any
) -> None:
    assert wrong(found, upstream, engine) == []
    assert wrong(found, upstream, engine, both=True) == []


def test_every_weaker_statement_is_caught(found: Deployed) -> None:
    seen = 0
    for upstream in MEANT:
        policy = found.registries[upstream]
        for index, statement in enumerate(policy["Statement"]):
            if "ecr:GetImageCopyStatus" not in statement["Action"]:
                continue
            for what, weaker in weakened(statement):
                if what == "principal *" or (what.startswith("resource") and upstream == THERE):
                    continue  # the condition names the role; and everything there is upstream already
                seen += 1
                statements = [*policy["Statement"][:index], weaker, *policy["Statement"][index + 1 :]]
                changed = {**found.registries, upstream: {**policy, "Statement": statements}}
                assert wrong(replace(found, registries=changed), upstream, second_opinion), what
    assert seen >= 6


def test_what_the_file_declares_is_not_left_to_the_other_account(registry: Registry) -> None:
    """Both accounts are ours, and the first pull failed until somebody had added it by hand: containers-roadmap 2053,
    939, 2643.
    """
    for account in (HOME, OTHER):
        assert not [who for who in policies_for_account(registry, account) if who.startswith("registry policy")]
    assert [*policies_for_account(registry, "345678901234")] == ["registry policy in eu-west-1"]


def test_access_lists_who_pulls_through_which_rule(registry: Registry) -> None:
    listed = {(it.who, it.where, it.locations, it.at) for it in rows(registry)}
    assert listed == {
        (MEANT[HERE][0], "base/*, tools/*", (HERE,), ("pull_through_cache_rules", "home")),
        (MEANT[THERE][0], "*", (THERE,), ("pull_through_cache_rules", "theirs")),
    }
