"""What an account has, what would be safer, and what the file cannot say: before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from ops.adopt.account import LiveAccount
from ops.adopt.folding import beside
from ops.adopt.folding.grants import text_of
from ops.adopt.folding.registry_wide import is_scanned
from ops.adopt.writing import AdoptedFile
from ops.drift.compare import INFORMATIONAL, Drift, State
from ops.drift.findings_and_pulls import EXCLUSION, SUPPRESSION_FILTER
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE, REPOSITORY
from ops.drift.registry_wide import POLICY, SIGNING
from registry.naming import namespace_of
from registry.rules.other_findings import explanations


class Row(NamedTuple):
    """Something that is there, or could be better: how many, and the way."""

    what: str
    number: int
    more: str = ""


def there(account: LiveAccount, file: AdoptedFile) -> Iterator[Row]:
    """What there is, in numbers."""
    repositories = account.repositories
    namespaces = {namespace_of(name) for name in repositories}
    yield Row("repositories at home", len(repositories), f"in {len(namespaces)} namespaces")
    for at in account.locations[1:]:
        here = set(account.named(REPOSITORY.noun, at))
        only = len(here - set(repositories))
        more = f"{only} of them not at home: the file does not speak of these" if only else ""
        yield Row(f"repositories in {at.beside(account.home)}", len(here), more)
    for at in account.unread:
        yield Row(f"repositories in {at}", 0, f"not read: name credentials, --profile {at.account}=NAME")
    if account.cached:
        yield Row("repositories of pull-through caches", len(account.cached), "ECR makes them: no file declares them")
    settings = list(repositories.values())
    for value, number in sorted(Counter(it["imageTagMutability"] for it in settings).items()):
        yield Row(f"tags {value}", number)
    for value, number in sorted(Counter(it["encryptionType"] for it in settings).items()):
        yield Row(f"encrypted with {value}", number)
    lifecycles = [it["lifecyclePolicy"] for it in settings if it["lifecyclePolicy"]]
    yield Row(
        "with a lifecycle policy", len(lifecycles), f"{len(file.folded.lifecycles.written)} lifecycles in the file"
    )
    folded = [
        file.folded.policies.by_text[text_of(it["repositoryPolicy"])] for it in settings if it["repositoryPolicy"]
    ]
    raw = sum(it.rest is not None for it in folded)
    yield Row("with a repository policy", len(folded), f"{len(folded) - raw} became grants, {raw} stay in AWS's form")
    for noun in (CREATION_TEMPLATE.noun, CACHE_RULE.noun, EXCLUSION.noun, SUPPRESSION_FILTER.noun):
        yield Row(f"{noun}s", len(account.named(noun)))
        own = Counter(it.thing.at for it in file.differences if it.state is State.UNDECLARED and it.thing.noun == noun)
        for at in account.locations[1:]:
            if number := own[at]:
                yield Row(f"{noun}s in {at.beside(account.home)}", number, "of its own: they stay, outside of the file")
    signing = account.named(SIGNING.noun)[""]["rules"]
    yield Row("signing rules", len({row["signingProfileArn"] for row in signing}))
    yield Row(
        "registry policies", sum(bool(account.named(POLICY.noun, at)[""]["policyText"]) for at in account.locations)
    )

    if published := beside.published(account):
        yield Row("public repositories", len(published), "everybody can pull them")


def safer(account: LiveAccount, file: AdoptedFile) -> Iterator[Row]:
    """What would be safer: what a new registry has by default, then the warnings of the file."""
    settings = account.repositories
    found = (
        Row(
            "repositories whose tags can be moved",
            sum(it["imageTagMutability"] == "MUTABLE" for it in settings.values()),
            "image_tag_mutability: IMMUTABLE, with moving_tags for those that have to move",
        ),
        Row(
            "repositories that are not scanned",
            sum(not it["scanOnPush"] and not is_scanned(account, name) for name, it in settings.items()),
            'scanning: {scan_on_push: ["*"]}',
        ),
        Row(
            "repositories in which nothing ever expires",
            sum(it["lifecyclePolicy"] is None for it in settings.values()),
            "the built-in lifecycle, or one of your own; simulate it first: ecrctl lifecycle simulate",
        ),
    )
    yield from (row for row in found if row.number)
    titles = {each.id: each.title for each in explanations()}
    warned = Counter(finding.rule for finding in file.checked.warnings)
    for rule, number in sorted(warned.items()):
        yield Row(f"warnings [{rule}]", number, titles.get(rule, ""))


def unsaid(file: AdoptedFile) -> Iterator[tuple[str, str]]:
    """What the file does not say, and why; what cannot be mended stands last."""
    yield from ((".".join(place), why) for place, why in file.unsaid.items())
    yield from file.folded.left_out.items()
    yield from ((str(finding.position), f"{finding.message} [{finding.rule}]") for finding in file.checked.errors)


def wrong(file: AdoptedFile) -> list[Drift]:
    """Where the file says something else than AWS: an import leaves these out, a deploy would change them."""
    return [row for row in file.differences if row.state not in (*INFORMATIONAL, State.MISSING)]


def as_json(account: LiveAccount, file: AdoptedFile, differing: dict[str, Any]) -> dict[str, Any]:
    """All of it for programs; `differing` is what drift's own JSON says of the differences."""
    return {
        "account": account.home.account,
        "region": account.home.region,
        "there": [row._asdict() for row in there(account, file)],
        "safer": [row._asdict() for row in safer(account, file)],
        "unsaid": [{"place": place, "why": why} for place, why in unsaid(file)],
        "differences": differing["drift"],
        "files": {name: text.count("\n") for name, text in file.folded.texts.items()},
    }
