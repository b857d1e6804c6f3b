"""Rules that speak of one lifecycle policy, whether it is written in sentences or in ECR's own form.

They run over the lifecycles of the files, and over a policy text alone (`ecrctl lifecycle check`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Final

from registry.findings import Severity, YamlPath
from registry.limits import ECR_GUIDE, IMAGES, LIFECYCLE_RULES
from registry.patterns import covers
from registry.resolve.lifecycles import Selection, rules_of, to_ecr_policy, verb_and_selection
from registry.rules.rule import Problem, Rule, RuleContext, rule
from registry.shape import Lifecycle, PolicyShape, SentenceShape

PARAMETERS: Final = f"{ECR_GUIDE}/lifecycle_policy_parameters.html"


@dataclass(frozen=True)
class PlacedRule:
    """A rule in ECR's words, and where the sentence or the rule it comes from stands."""

    at: YamlPath
    said: str
    rule: Mapping[str, Any]

    @property
    def selection(self) -> Mapping[str, Any]:
        """Which images, how many or how old."""
        return dict(self.rule["selection"])

    @property
    def storage_class(self) -> str:
        """The storage class whose images it selects."""
        return str(self.selection.get("storageClass", "standard"))

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns an image's tags must all match; a prefix is the pattern that ends with `*`."""
        prefixes = (f"{prefix}*" for prefix in self.selection.get("tagPrefixList", ()))
        return (*self.selection.get("tagPatternList", ()), *prefixes)

    @property
    def listed(self) -> tuple[str, frozenset[str]]:
        """The list of tags as ECR compares it with those of other rules: which of the two, and its entries."""
        word = "tagPatternList" if "tagPatternList" in self.selection else "tagPrefixList"
        return word, frozenset(self.selection.get(word, ()))

    @property
    def takes(self) -> bool:
        """Whether it speaks of images that can be pulled; archived ones cannot."""
        return self.storage_class == "standard"

    @cached_property
    def shielded(self) -> str | None:
        """The pattern all of whose images it keeps from later rules; None where there is no such pattern.

        Several patterns are one where each of them matches whatever one of them matches; else only images with a tag
        for each are selected. A prefix with a `*` in it may select nothing (`lifecycle-prefix`).
        """
        if any("*" in prefix for prefix in self.selection.get("tagPrefixList", ())):
            return None
        return next((one for one in self.patterns if all(covers(wide, one) for wide in self.patterns)), None)

    @property
    def leaves(self) -> bool:
        """Whether it always leaves images, however old they get: it counts images, and not days."""
        return bool(self.selection["countType"] == "imageCountMoreThan")

    @property
    def harmless(self) -> bool:
        """Whether it takes no image: it leaves more than there are, or names one tag, which is on one image at a time.

        The second is what https://github.com/wellcomecollection/catalogue-pipeline/pull/2975 rests on.
        """
        one_tag = self.shielded is not None and "*" not in self.shielded
        return self.leaves and (one_tag or int(self.selection["countNumber"]) >= IMAGES)

    def protects(self, tag: str) -> bool:
        """Whether no image with a tag (or with one that a pattern matches) is taken by it or by a later rule."""
        return self.harmless and self.shielded is not None and covers(self.shielded, tag)


@dataclass(frozen=True)
class Policy:
    """A lifecycle as written, with its place; `written` is the text of a policy that stands alone."""

    at: YamlPath
    lifecycle: Lifecycle
    written: str = ""

    @property
    def of_ours(self) -> bool:
        """Whether it is written in sentences."""
        return not isinstance(self.lifecycle, PolicyShape)

    @property
    def alone(self) -> bool:
        """Whether it is a policy text without a registry around it."""
        return bool(self.written)

    @property
    def noun(self) -> str:
        """What one of its lines is called."""
        return "sentence" if self.of_ours else "rule"

    @cached_property
    def rules(self) -> tuple[PlacedRule, ...]:
        """Its rules in the order in which ECR applies them."""
        placed = (
            PlacedRule((*self.at, *path), f"item {int(path[-1]) + 1}", rule) for path, rule in rules_of(self.lifecycle)
        )
        return tuple(placed if self.of_ours else sorted(placed, key=lambda it: int(it.rule["rulePriority"])))

    @cached_property
    def related(self) -> tuple[PlacedRule, ...]:
        """Its rules, for questions about how they stand to each other; none of a policy with more than ECR takes."""
        return self.rules if len(self.rules) <= LIFECYCLE_RULES else ()

    def sentences(self) -> Iterator[tuple[YamlPath, SentenceShape]]:
        """Every sentence with its place; none of a policy in ECR's own form."""
        if not isinstance(self.lifecycle, PolicyShape):
            for index, sentence in enumerate(self.lifecycle):
                yield (*self.at, index), sentence

    def selections(self) -> Iterator[tuple[YamlPath, Selection]]:
        """What each sentence speaks of, with its place."""
        for at, sentence in self.sentences():
            if found := verb_and_selection(sentence):
                yield (*at, found[0]), found[1]

    @cached_property
    def text(self) -> str:
        """What ECR gets; empty where there is no rule."""
        policy = to_ecr_policy("", self.lifecycle)
        return self.written or (policy.text if policy else "")


PolicyCheck = Callable[[Policy], Iterable[Problem]]
#: The rules of this kind, by id, for a policy text without a registry around it.
POLICY_RULES: Final[dict[str, tuple[Rule, PolicyCheck]]] = {}


def policy_rule(
    id: str, title: str, link: str = PARAMETERS, severity: Severity = Severity.ERROR
) -> Callable[[PolicyCheck], PolicyCheck]:
    """Register a check of one lifecycle policy as a rule of the registry, and for policies alone."""

    def register(check: PolicyCheck) -> PolicyCheck:
        @wraps(check)
        def check_all(declared: RuleContext) -> Iterator[Problem]:
            for policy in policies(declared):
                yield from check(policy)

        from registry.rules.rule import RULES

        rule(id, title, link, severity)(check_all)
        POLICY_RULES[id] = (RULES[id], check)
        return check

    return register


def policies(declared: RuleContext) -> Iterator[Policy]:
    """Every lifecycle of every file."""
    for at, _, lifecycle in declared.written.lifecycles():
        yield Policy(at, lifecycle)
