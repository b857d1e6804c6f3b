"""Usage by unique layers: equal to a naive count, never double, and a range where something is not known."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from registry.usage.images import UsedImage
from registry.usage.totals import BaseUsage, Bytes, RepositoryUsage
from tests.examples import examples
from tests.registry.usage.naive import NOW, SINCE, counted, digest, image, random_images, total, unique


def of(*images: UsedImage) -> RepositoryUsage:
    (found,) = counted({"web/api": images}).repositories
    return found


def exactly(size: int) -> Bytes:
    return Bytes(size, size)


BASE = ((1, 500), (2, 300))


# aws-samples/amazon-ecr-cost-vulnerability-and-usage-reporting, src/app.py, get_image_summary: adds imageSizeInBytes.
def test_images_on_one_base_do_not_count_it_once_each_as_the_report_of_aws_samples_does() -> None:
    images = [image(*BASE, (10 + number, 100), config=(20 + number, 1), tag=f"v{number}") for number in range(4)]
    assert sum(it.size for it in images) == 4 * 901  # what that report says
    assert of(*images).total == exactly(800 + 4 * 101)


# The same report adds a manifest list, which has the size of its largest image, to its images.
def test_a_manifest_list_adds_nothing_to_its_images() -> None:
    arm, amd = image((1, 500), tag=""), image((2, 700), tag="")
    found = of(image(tag="v1", index=True, size=700, read=False), arm, amd)
    assert (found.images, found.total, found.unread) == (3, exactly(1_200), 0)


# containers/podman#27592: 346 GB reclaimed on a disk of 128 GB, because each image that went was counted whole.
def test_a_layer_goes_only_when_its_last_image_goes() -> None:
    found = of(
        image(*BASE, (3, 40), fate="expires", tag="v1"),
        image(*BASE, (4, 50), fate="expires", tag="v2"),
        image(*BASE, (5, 60), fate="stays", tag="v3"),
    )
    assert found.effect is not None
    assert (found.effect.expires, found.effect.freed) == (2, exactly(90))
    gone = of(image(*BASE, (3, 40), fate="expires"), image(*BASE, (4, 50), fate="expires"))
    assert gone.effect is not None
    assert gone.effect.freed == exactly(890) == gone.total  # the base belongs to neither alone, and goes with both


# docker/hub-feedback#2526: four tags of 1.5 GB, a repository of 6.9 GB: what has no tag takes room as well.
def test_images_without_a_tag_are_counted() -> None:
    assert of(image((1, 500), tag=""), image((2, 30))).total == exactly(530)


def test_a_layer_that_an_image_has_twice_counts_once() -> None:
    found = counted({"web/api": [image((1, 500), (2, 3), (1, 500))]})
    assert found.total == exactly(503)
    assert [it.images for it in found.layers] == [1, 1]


def test_a_layer_of_two_repositories_is_stored_in_each_and_once_in_the_registry() -> None:
    found = counted({"web/api": [image(*BASE)], "web/shop": [image(*BASE, (3, 9), repository="web/shop")]})
    assert found.total == exactly(800 + 809)
    assert found.once == exactly(809)
    first = found.layers[0]
    assert (first.digest, first.images, first.repositories, first.stored) == (digest(1), 2, 2, 1_000)


def test_growth_is_the_bytes_of_layers_that_were_not_there_before() -> None:
    found = of(image(*BASE, days=80, tag="v1"), image(*BASE, (3, 9), days=2, tag="v2"))
    assert dict(found.pushed) == {"2026-09": exactly(800), "2026-11": exactly(9)}
    assert dict(found.pushed_images) == {"2026-09": 1, "2026-11": 1}
    assert (found.new, found.new_images) == (exactly(9), 1)


def test_what_is_never_pulled_is_counted_by_layers_that_nothing_else_has() -> None:
    found = of(
        image(*BASE, (3, 9), days=100, tag="old"),
        image(*BASE, (4, 7), days=100, pulled=95, tag="long-ago"),
        image(*BASE, (5, 5), days=200, pulled=3, tag="runs"),
        image(*BASE, (6, 3), days=3, tag="young"),
    )
    assert (found.never_pulled, found.unpulled_images, found.unpulled) == (2, 2, exactly(16))
    assert found.last_pull == NOW - timedelta(days=3)


def test_archived_images_whose_layers_nobody_can_read_make_a_range() -> None:
    found = of(image(*BASE, tag="v1"), image((7, 1_000), archived=True, read=False, tag="v0"))
    assert found.standard == exactly(800)
    assert found.archive == Bytes(200, 1_000)  # it may have all layers of the other
    assert (found.archived_images, found.unread, found.never_pulled) == (1, 1, 1)


def test_what_goes_into_the_archive_leaves_the_standard_class_and_frees_nothing() -> None:
    found = of(image(*BASE, (3, 9), fate="is archived"), image(*BASE, (4, 7), fate="expires"), image(*BASE, tag="v3"))
    assert found.effect is not None
    assert (found.effect.archives, found.effect.freed, found.effect.moved) == (1, exactly(7), exactly(9))


def test_without_layers_it_is_at_least_the_largest_image_and_at_most_all_of_them() -> None:
    found = of(image(*BASE, read=False), image(*BASE, (3, 9), read=False), image(index=True, size=809, read=False))
    assert found.total == Bytes(809, 1_609)
    assert found.pushed["2026-11"] == Bytes(0, 1_609)
    assert found.unread == 2


def test_bases_are_where_images_begin_to_differ_and_have_the_name_of_the_image_that_is_one() -> None:
    base = image(*BASE, config=(90, 1), tag="v1", repository="base/alpine")
    apps = [image(*BASE, (3, 9), (10 + it, 5), tag=f"v{it}") for it in range(3)]
    found = counted({"base/alpine": [base], "web/api": apps})
    assert found.bases == (
        BaseUsage(layers=2, size=800, images=4, name="base/alpine:v1", example="base/alpine:v1"),
        BaseUsage(layers=3, size=809, images=3, name="", example="web/api:v0"),
    )  # fmt: skip


def test_a_layer_that_lies_in_several_bases_hides_none_of_them() -> None:
    """Such as the empty layer of older builds: it ends one stack, and is in the middle of another."""
    empty = (99, 32)
    ours = [image((1, 500), empty, (2, 300), (10 + it, 1), tag=f"a{it}") for it in range(2)]
    theirs = [image((3, 400), empty, (4, 200), (20 + it, 1), tag=f"b{it}") for it in range(2)]
    found = counted({"web/api": [*ours, *theirs]}).bases
    assert [(it.layers, it.size, it.images) for it in found] == [(3, 832, 2), (3, 632, 2)]


def test_a_digest_of_another_algorithm_is_counted_as_it_is() -> None:
    odd = image((1, 5))._replace(layers=(("sha512:" + "a" * 128, 7), ("sha256:" + "z" * 64, 2)))  # type: ignore[arg-type]
    found = counted({"web/api": [odd]})
    assert (found.total, found.layers[0].digest) == (exactly(9), "sha512:" + "a" * 128)


def test_many_images_are_what_sets_of_them_say() -> None:
    chance = random.Random(1)
    images = {f"web/{name}": list(random_images(chance, 400, layers=200, repository=f"web/{name}")) for name in "abc"}
    found = counted(images)
    for usage in found.repositories:
        own = images[usage.repository]
        assert usage.total == exactly(total(own))
        assert sum(it.high for it in usage.pushed.values()) == total(own)
        assert usage.unpulled == exactly(total(own) - total(it for it in own if it.used >= SINCE.used))
        assert usage.effect is not None
        assert usage.effect.freed == exactly(total(own) - total(it for it in own if it.fate != "expires"))
        left = total(own) - total(it for it in own if it.fate == "stays")
        assert usage.effect.freed.low + usage.effect.moved.low == left
    every = [it for own in images.values() for it in own]
    assert found.once == exactly(total(every))
    size = unique(every)
    for layer in found.layers:
        having = [name for name, own in images.items() if layer.digest in unique(own)]
        assert (layer.size, layer.repositories) == (size[layer.digest], len(having))
        assert layer.images == sum(1 for it in every if layer.digest in unique([it]))
    assert found.layers[0].stored == max(
        sum(size[each] for own in images.values() if each in unique(own)) for each in size
    )


@st.composite
def repositories(draw: Any) -> list[UsedImage]:
    """A few images of few layers, of which some cannot be read."""
    return [
        image(
            *((it, 10 + it) for it in draw(st.lists(st.integers(1, 8), min_size=1, max_size=4, unique=True))),
            days=draw(st.sampled_from([1, 100])),
            pulled=draw(st.sampled_from([None, 1])),
            fate=draw(st.sampled_from(["stays", "expires", "is archived"])),
            archived=draw(st.booleans()),
            read=draw(st.booleans()),
            tag=str(number),
        )
        for number in range(draw(st.integers(1, 6)))
    ]  # fmt: skip


@examples(100)
@given(st.data())
def test_what_is_true_is_within_every_range(data: st.DataObject) -> None:
    partly = data.draw(repositories())
    truly = []
    for it in partly:  # what an unread image really has: any layers of that size
        if it.layers is None:
            chosen = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True))
            it = image(*((each, 10 + each) for each in chosen), archived=it.archived, fate=it.fate)._replace(
                used=it.used, pulled=it.pulled, pushed=it.pushed
            )
        truly.append(it)
    found = of(*(has._replace(layers=None, config=None) if it.layers is None else has
                 for it, has in zip(partly, truly, strict=True)))  # fmt: skip
    standard = [it for it in truly if not it.archived]
    assert within(total(standard), found.standard)
    assert within(total(truly), found.total)
    assert within(total(truly) - total(it for it in truly if it.archived or it.used >= SINCE.used), found.unpulled)
    assert found.effect is not None
    assert within(total(truly) - total(it for it in truly if it.fate != "expires"), found.effect.freed)
    left = set(unique(standard)) - set(unique(it for it in standard if it.fate == "stays"))
    kept = set(unique(it for it in truly if it.fate != "expires"))
    assert within(sum(unique(truly)[each] for each in left & kept), found.effect.moved)
    only_archived = total(truly) - total(standard)
    assert found.archive.low <= only_archived <= total(it for it in truly if it.archived) <= found.archive.high


def within(size: int, found: Bytes) -> bool:
    return found.low <= size <= found.high


def test_a_repository_without_images_holds_nothing() -> None:
    found = of()
    assert (found.images, found.total, found.last_push) == (0, exactly(0), None)
