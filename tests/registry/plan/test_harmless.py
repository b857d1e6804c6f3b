"""Changes that do no harm: none of them cries wolf, and what means the same is no change at all."""

from __future__ import annotations

import pytest

from registry.plan.change import Risk
from registry.plan.run import plan
from registry.plan.sides import Sides
from tests.registry.plan.base import ACTIONS, BASE, RAW, edited
from tests.registry.plan.planned import planned, side

Edits = tuple[tuple[str, str], ...]
#: What is edited; of what is told every change is safe.
HARMLESS: dict[str, Edits] = {
    "a comment": (("scanning:", "# as ever\nscanning:"),),
    "another order of keys": (
        ('  web/api: {push: [ci], promote: [prod]}\n  web/frontend: {push: [ci]}\n',
         '  web/frontend: {push: [ci]}\n  web/api: {promote: [prod], push: [ci]}\n'),
    ),
    "another style of quotes": (('scan_on_push: ["*"]', "scan_on_push: ['*']"),),
    "a default that is written": (("  web/worker:\n", "  web/worker: {empty_on_delete: false}\n"),),
    "a setting moved from a namespace to its repositories": (
        ("data: {owner: team-data}", "data: "),
        ("data/models: {", "data/models: {owner: team-data, "),
        ("  data/raw:\n", "  data/raw:\n    owner: team-data\n"),
    ),
    "a list in another order": (('any_of: ["prod*", latest]', 'any_of: [latest, "prod*"]'),),
    "a lifecycle with another name": (("  releases:", "  shipped:"), ("lifecycle: releases", "lifecycle: shipped")),
    "a lifecycle in ECR's own words": (
        ("  releases:", '''  unused:
    rules:
      - rulePriority: 1
        selection: {tagStatus: untagged, countType: sinceImagePushed, countUnit: days, countNumber: 14}
        action: {type: expire}
  releases:'''),
        ("data: {owner: team-data}", "data: {owner: team-data, lifecycle: unused}"),
    ),
    "a protect sentence more, and the same is kept": (
        ('protect: {tagged: {any_of: ["prod*", latest]}}', 'protect: {tagged: {any_of: ["prod*", "prod-1*", latest]}}'),
    ),
    "a repository is added in a namespace that is open already": (("  web/worker:\n", "  web/worker:\n  web/new:\n"),),
    "a repository is added, to which its namespace's pipeline pushes": (
        ("  web/worker:\n", "  web/worker:\n  web/new: {push: [ci]}\n"),
    ),
    "another owner": (("owner: team-data", "owner: team-models"),),
    "a resource tag": (("data: {owner: team-data}", 'data: {owner: team-data, tags: {cost-center: "42"}}'),),
    "a grant moved to the repositories of a namespace, all of them": (
        ("lifecycle: releases, pull: [nodes]}", "lifecycle: releases}"),
        ("promote: [prod]}", "promote: [prod], pull: [nodes]}"),
        ("web/frontend: {push: [ci]}", "web/frontend: {push: [ci], pull: [nodes]}"),
        ("  web/worker:\n", "  web/worker: {pull: [nodes]}\n"),
    ),
    "a grant moved to its namespace, which had it everywhere": (
        ("web: {owner: team-web,", "web: {owner: team-web, push: [ci],"),
        ("{push: [ci], promote: [prod]}", "{promote: [prod]}"),
        ("  web/frontend: {push: [ci]}\n", "  web/frontend:\n"),
        ("  web/worker:\n", ""),
    ),
    "a grant said twice": (
        ("data/models: {", "data/models: {push: [ci], "),
        ("pull: [partner]", "pull: [partner, ci]"),
    ),
    "a policy with its actions in another order, one principal as its root": (
        (ACTIONS, '["ecr:GetDownloadUrlForLayer", "ecr:batchgetimage"]'),
        ('Principal: {AWS: "456789012345"}', 'Principal: {AWS: ["arn:aws:iam::456789012345:root"]}'),
    ),
    "a policy in two statements, with names": (
        (f"          Action: {ACTIONS}\n",
         '          Action: "ecr:BatchGetImage"\n        - Sid: Layers\n          Effect: Allow\n'
         '          Principal: {AWS: "456789012345"}\n          Action: "ecr:GetDownloadUrlForLayer"\n'),
    ),
    "a raw policy that becomes a grant": (
        (RAW, "    pull: [other]\n"),
        ("  partner: {", '  other: {account: "456789012345", outside_organization: true}\n  partner: {'),
    ),
    "a wildcard in the place of the actions that it means": (
        (ACTIONS, '["ecr:BatchGetImage*", "ecr:GetDownloadUrl*"]'),
    ),
    "a principal that nothing is granted to": (
        ("  partner: {account", "  later: {account: \"567890123456\"}\n  partner: {account"),
    ),
    "a lifecycle that nothing uses": (("lifecycles:\n", "lifecycles:\n  later: []\n"),),
    "allowed tags in other words": (("  web/worker:\n", '  web/worker: {tags_must_match: [latest, "v*", "v1*"]}\n'),),
    "another tag that every repository must have": (("scanning:", "required_tags: [owner]\nscanning:"),),
    "a KMS key that nothing uses": (("alias/other: }", "alias/other: , alias/third: }"),),
    "replicas by name that were meant anyway": (("namespaces: [web]}", "namespaces: [web, web]}"),),
    "fewer team files may grant": (),
    "an acceptance that is no longer needed": (),
    "a description": (("[PULL_THROUGH_CACHE]}", "[PULL_THROUGH_CACHE], description: cached}"),),
    "one image more is signed": (('repository_filters: ["web/*"]', 'repository_filters: ["web/*", "data/raw"]'),),
}  # fmt: skip
BEFORE: dict[str, Edits] = {
    "allowed tags in other words": (("  web/worker:\n", '  web/worker: {tags_must_match: ["v*", latest]}\n'),),
    "a grant said twice": (("data/models: {", "data/models: {push: [ci], "),),
    "a raw policy that becomes a grant": (
        (RAW, f"{RAW.partition('        - Effect: Deny')[0]}"),
        (ACTIONS, f'{ACTIONS[:-1]}, "ecr:BatchCheckLayerAvailability"]'),
    ),
    "a grant moved to its namespace, which had it everywhere": (("  web/worker:\n", ""),),
    "fewer team files may grant": (("branch: main}", 'branch: main, teams: ["*"]}'),),
    "an acceptance that is no longer needed": (
        ("scanning:", "acceptances: [{rule: signing-lifecycle, reason: because}]\nscanning:"),
    ),
}
#: Those that mean the same to the letter: nothing is told.
THE_SAME = (
    *("a comment", "another order of keys", "another style of quotes", "a default that is written"),
    *("a setting moved from a namespace to its repositories", "a principal that nothing is granted to"),
    *("a lifecycle that nothing uses", "a KMS key that nothing uses", "replicas by name that were meant anyway"),
    "an acceptance that is no longer needed",
)


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm_is_safe(name: str) -> None:
    found = planned(edited(*BEFORE.get(name, ())), edited(*HARMLESS[name]))
    wolf = [f"{it.risk} {it.kind.id} {it.about}: {it.message}" for it in found if it.risk is not Risk.SAFE]
    assert wolf == []
    if name in THE_SAME:
        assert found == ()


def test_there_are_at_least_twenty() -> None:
    assert len(HARMLESS) >= 20


def test_the_same_files_are_no_change() -> None:
    assert planned(BASE, BASE) == ()


def test_a_team_that_gets_a_file_of_its_own_is_no_change() -> None:
    old = side("repositories: {web/api: {owner: a}, web/db: , tool: }\n")
    new = side("repositories: {tool: }\n", web="namespace: web\nrepositories: {web/api: {owner: a}, web/db: }\n")
    assert plan(Sides(old, new)) == ()
