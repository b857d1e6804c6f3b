"""The month that docs/cost.md reckons by hand: the same inputs give the same table."""

from __future__ import annotations

from registry.cost.money import amount_text
from tests.registry.cost.worked import TEXT, billed, holdings, registry_of, rows

REGISTRY = registry_of(TEXT)


def test_the_table_that_was_made_by_hand_is_what_is_computed() -> None:
    found = billed(REGISTRY, holdings(REGISTRY))
    computed = found.by(lambda line: f"{line.item.words} {line.used.at.region}")
    said = {f"{what} {where}": amount for what, where, _, amount in rows("what") if where}
    assert {key: amount_text(amount) for key, amount in computed.items()} == said
    assert [amount for what, _, _, amount in rows("what") if what == "all"] == [amount_text(found.total)]
    assert found.unpriced == ()


def test_the_owners_are_those_that_were_reckoned() -> None:
    found = billed(REGISTRY, holdings(REGISTRY)).by_owner()
    assert {owner: amount_text(amount) for owner, amount in found.items()} == {
        "": "58.34 to 60.34",
        "team-data": "40.00",
        "team-web": "52.40",
    }


def test_every_number_of_the_prose_is_computed() -> None:
    from tests.synth import ROOT

    page = " ".join((ROOT / "docs" / "cost.md").read_text().split())
    for amount in ("team-web pays 52.40", "team-data 40.00", "58.34 to 60.34 are shared"):
        assert amount in page
