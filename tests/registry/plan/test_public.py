"""What a change of public repositories means, in the plan and in the templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.plan.run import plan
from registry.plan.sides import Sides
from registry.plan.unexplained import unexplained
from tests.registry.plan.planned import side, told
from tests.replaced import templates_of
from tests.synth import SMALL

BEGIN = """\
principals:
  ci: {github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}
  partner: {role: "arn:aws:iam::210987654321:role/publisher"}
repositories: {web/api: {pull: [ci]}}
"""
HELLO = f"{BEGIN}public_repositories: {{hello: {{push: [ci]}}}}\n"
BOTH = HELLO.replace("[ci]}}\n", "[ci, partner]}}\n")
TOLD = HELLO.replace("push: [ci]", "push: [ci], usage_text: pull it")


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (
            BEGIN,
            HELLO,
            [
                "opens public-push-gained public.ecr.aws hello: ci may push",
                "opens public-repository-added public.ecr.aws hello: is published: everybody may pull its images, and "
                "keeps them",
            ],
        ),
        (
            HELLO,
            BEGIN,
            [
                "breaks public-push-lost public.ecr.aws hello: ci may no longer push",
                "breaks public-repository-removed public.ecr.aws hello: is no longer declared, and stays public with "
                "its images",
            ],
        ),
        (HELLO, BOTH, ["opens public-push-gained public.ecr.aws hello: partner may push"]),
        (BOTH, HELLO, ["breaks public-push-lost public.ecr.aws hello: partner may no longer push"]),
        (HELLO, TOLD, ["safe public-catalog-data public.ecr.aws hello: is shown otherwise in the gallery"]),
        (HELLO, HELLO, []),
    ],
)
def test_a_change_says_what_it_does(old: str, new: str, wanted: list[str]) -> None:
    assert sorted(line for line in told(old, new) if " public-" in line) == wanted


@pytest.mark.parametrize(("old", "new"), [(BEGIN, HELLO), (HELLO, BEGIN), (HELLO, BOTH), (HELLO, TOLD)])
def test_everything_that_differs_in_the_templates_is_explained(old: str, new: str, tmp_path: Path) -> None:
    changes = plan(Sides(side(old), side(new)))
    before, after = (templates_of(SMALL + text, tmp_path / name) for text, name in ((old, "before"), (new, "after")))
    assert [it.message for it in unexplained(changes, before, after)] == []
