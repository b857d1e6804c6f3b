"""What a change says: its words, its line, whom it concerns, and what is one change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from registry.lifecycle.images import Image
from registry.lifecycle.inventory import Inventory
from registry.load import check_sources
from registry.plan.change import KINDS, Change, Risk, kinds_about
from registry.plan.inventory import simulated, to_backfill
from registry.plan.run import plan
from registry.plan.sides import Sides, side_of
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from registry.rules.other_findings import explanations
from tests.registry.plan.base import ACTIONS, BASE, edited
from tests.registry.plan.planned import planned, side
from tests.synth import ROOT, SMALL


def one(old: str, new: str, kind: str) -> Change:
    (found,) = (it for it in planned(old, new) if it.kind.id == kind)
    return found


def test_a_default_that_reaches_eighty_repositories_is_one_change_at_its_line() -> None:
    names = "".join(f"  web/r{number}:\n" for number in range(80))
    found = one(
        f"repositories:\n{names}", f"defaults: {{moving_tags: [latest]}}\nrepositories:\n{names}", "tags-loosened"
    )
    assert len(found.subjects) == 80
    assert str(found.where) == "registry.yaml:2:12"
    assert found.about.endswith("and 75 more")
    assert (found.before, found.after) == ("none move", "latest move")


def test_what_is_no_longer_written_has_its_line_in_the_old_file() -> None:
    found = one("defaults: {moving_tags: [latest]}\nrepositories: {a/b: }\n", "repositories: {a/b: }\n", "tags-fixed")
    assert (str(found.where), found.gone) == ("registry.yaml:2:12", True)


def test_the_line_of_another_lifecycle_is_that_of_the_sentence() -> None:
    found = one(BASE, edited(("last: 5", "last: 4")), "lifecycle-takes-more")
    assert found.where
    assert BASE.splitlines()[found.where.line - 1].strip() == '- keep: {tagged: "v*", last: 5}'
    assert found.subjects == ("web/* (creation template)", "web/api", "web/frontend", "web/worker")
    assert "expires all but the last 4 images tagged v*" in found.message


def test_a_change_concerns_the_owners_and_the_files_of_the_teams() -> None:
    old = side("repositories: {tool: }\n", web="namespace: web\nrepositories: {web/a: {owner: team-web}}\n")
    new = side("repositories: {tool: }\n", web="namespace: web\nrepositories: {web/b: {owner: team-web}, web/c: }\n")
    found = {it.kind.id: it for it in plan(Sides(old, new))}
    assert found["repository-removed"].concerns == ("team-web", "teams/web.yaml")
    assert {it.concerns for it in plan(Sides(old, new)) if it.subjects == ("web/c",)} == {("teams/web.yaml",)}


def test_an_include_that_leaves_out_a_team_is_one_change() -> None:
    names = "".join(f"  web/r{number}:\n" for number in range(9))
    old = side("include: [teams/*.yaml]\nrepositories: {tool: }\n", web=f"namespace: web\nrepositories:\n{names}")
    new = side("include: [teams/data.yaml]\nrepositories: {tool: }\n")
    found = plan(Sides(old, new))
    assert [(it.kind.id, len(it.subjects), str(it.where)) for it in found] == [
        ("repository-removed", 9, "registry.yaml:2:1")
    ]


def test_a_wildcard_says_how_much_it_opens_to_whom() -> None:
    found = one(BASE, edited((ACTIONS, '"ecr:*"')), "access-gained")
    assert found.subjects == ("data/raw",)
    assert "account 456789012345 may now ecr:" in found.message
    assert "(32 actions) on 1 repository in ap-northeast-2" in found.message  # but those of a pull, and the denied one


def test_a_statement_for_everything_says_that_names_to_come_are_open_too() -> None:
    policy = (
        'registry_policy: {Statement: [{Effect: Allow, Principal: "*", Action: "ecr:BatchGetImage", '
        'Resource: "arn:aws:ecr:ap-northeast-2:123456789012:repository/web/*"}]}\n'
    )
    found = planned("repositories: {web/a: , tool: }\n", f"{policy}repositories: {{web/a: , tool: }}\n")
    told = [(it.about, it.message) for it in found if it.kind.id == "access-gained"]
    assert told == [
        ("any repository named web/*, web/a", "everybody may now ecr:BatchGetImage on 2 names in ap-northeast-2")
    ]


def test_a_template_of_a_place_where_its_namespace_was_not_is_compared_with_the_home() -> None:
    old = (
        "replicas: {210987654321/ap-northeast-2: {namespaces: [data]}}\n"
        'principals: {nodes: {role: "arn:aws:iam::210987654321:role/eks-node"}}\n'
        "namespaces: {web: {push: [nodes]}}\nrepositories: {web/api: , data/x: }\n"
    )
    found = {it.kind.id for it in planned(old, old.replace("[data]", "[data, web]"))}
    assert "replica-more" in found
    assert "access-gained" not in found  # the same role, which had it at home


def test_images_that_a_new_replica_does_not_get_by_itself_are_counted() -> None:
    """https://github.com/aws/containers-roadmap/issues/1305: people expect the old ones to be copied, too."""
    old = "repositories: {web/api: , data/x: }\n"
    new = f"replicas: {{us-west-2: {{namespaces: [web]}}}}\n{old}"
    sides = Sides(side(old), side(new))
    images = (image("sha256:a", "v1", day=1), image("sha256:b", day=2), archived("sha256:c"))
    (change,) = to_backfill(sides, Inventory("web/api", images))
    assert (str(change.risk), change.message) == (
        "costs",
        "gets 2 images of web/api only by `ecrctl backfill us-west-2`",
    )
    assert str(change.where) == "registry.yaml:2:12"
    assert list(to_backfill(sides, Inventory("data/x", images))) == []
    assert list(to_backfill(sides, Inventory("web/api", images[2:]))) == []
    assert list(to_backfill(Sides(side(new), side(new)), Inventory("web/api", images))) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("web/api: ", "web/api: , web/new: ", ["the account 210987654321 gets copies of 2 repositories"]),
        ("tool/x: ", "tool/x: , web/new: ", []),  # a namespace that is new, too: nothing is in it
    ],
)
def test_a_namespace_is_new_to_an_account_where_something_of_it_was_there_before(
    old: str, new: str, told: list[str]
) -> None:
    before = f"replicas: {{210987654321/us-west-2: {{namespaces: [data]}}}}\nrepositories: {{data/x: , {old}}}\n"
    after = before.replace("[data]", "[data, web]").replace(old, new)
    assert [it.message for it in planned(before, after) if it.kind.id == "replica-account"] == told


def test_another_region_of_an_account_that_has_the_copies_opens_nothing() -> None:
    old = "replicas: {210987654321/us-west-2: }\nrepositories: {web/api: }\n"
    found = {it.kind.id for it in planned(old, old.replace("us-west-2: ", "us-west-2: , 210987654321/eu-west-1: "))}
    assert "replica-added" in found
    assert "replica-account" not in found


def test_an_account_that_gets_all_repositories_gets_what_no_file_declares() -> None:
    old = "replicas: {210987654321/us-west-2: }\nrepositories: {web/api: }\n"
    found = [it.message for it in planned(old, old.replace("us-west-2: ", "us-west-2: {all_repositories: true}"))]
    assert "the account 210987654321 gets copies also of what no file declares" in found


def test_a_principal_that_gains_push_is_told_with_the_number_of_repositories() -> None:
    found = one(BASE, edited(("web: {owner: team-web,", "web: {owner: team-web, push: [deployer],")), "access-gained")
    assert found.message == (
        "deployer (arn:aws:iam::123456789012:role/deployer) may now push (9 actions) on 3 repositories in "
        "ap-northeast-2"
    )
    assert found.concerns == ("team-web",)


def test_an_old_file_with_errors_is_compared_as_far_as_it_can_be_read() -> None:
    old = Sources(parse(f"{SMALL}repositories: {{web/api: {{moving_tags: [a, b, c, d, e, f]}}}}\n".encode(), "f"))
    outcome = check_sources(old)
    assert outcome.registry is None
    before = side_of(outcome, old)
    assert before is not None
    found = plan(Sides(before, side("repositories: {web/api: {moving_tags: [a]}}\n")))
    assert [it.kind.id for it in found] == ["tags-fixed"]


def archived(digest: str) -> Image:
    return Image(digest=digest, pushed=datetime(2026, 11, 1, tzinfo=UTC), status="ARCHIVED", repository="web/api")


def image(digest: str, *tags: str, day: int) -> Image:
    return Image(digest=digest, pushed=datetime(2026, 11, day, tzinfo=UTC), tags=tags or None, repository="web/api")


def test_with_a_list_of_images_the_ones_that_newly_go_are_named() -> None:
    sides = Sides(side(BASE), side(edited(("last: 5", "last: 2"))))
    images = tuple(image(f"sha256:{n}", f"v1.{n}", day=n) for n in range(1, 7))
    changes = plan(sides)
    (found,) = simulated(sides, Inventory("web/api", images), changes, datetime(2026, 11, 9, tzinfo=UTC).timestamp())
    assert (found.risk, found.kind.id, found.before, found.after) == (
        Risk.DESTROYS, "lifecycle-takes-images", "1 go", "4 go",
    )  # fmt: skip
    assert found.message == "3 of 6 images go that would have stayed: v1.2, v1.3, v1.4"
    assert found.where == next(it for it in changes if it.kind.id == "lifecycle-takes-more").where
    assert not list(simulated(sides, Inventory("other", images), changes, 0))


def test_the_worst_comes_first() -> None:
    risks = [
        it.risk
        for it in planned(
            BASE, edited(("last: 5", "last: 4"), ("branch: main", 'branch: "*"'), ("  web/worker:\n", "  web/w:\n"))
        )
    ]
    assert risks == sorted(risks, key=list(Risk).index)
    assert risks[0] is Risk.DESTROYS


def test_every_kind_has_an_id_of_its_own_and_says_why() -> None:
    assert not {*KINDS} & {it.id for it in explanations()}
    for it in KINDS.values():
        assert it.title[0].isupper()
        assert not it.title.endswith(".")
        assert it.why.endswith(".")
        assert it.link.startswith("https://") or it.link == "" or (ROOT / it.link).is_file(), it.id
    with pytest.raises(ValueError, match="two kinds"):
        kinds_about("X")("unexplained", Risk.SAFE, "x", "x")
