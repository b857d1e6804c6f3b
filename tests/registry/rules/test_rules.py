"""Both sides of every limit. What the messages say is in tests/refused."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.findings import Severity
from registry.load import check_sources
from registry.reading.yaml_reader import parse
from registry.rules import RULES, Problem, Rule, RuleContext
from registry.rules.other_findings import explanations
from registry.rules.rule import Explanation, subject_of
from registry.rules.weights import repository_bytes as template_bytes
from tests.synth import SMALL, declared, synthesized

API = "repositories: {web/api: }\n"


def described(text: str) -> str:
    """A creation template with a description, whose odd characters are escapes."""
    template = f"applied_for: [CREATE_ON_PUSH], description: {json.dumps(text)}"
    return f"creation_templates: {{hub: {{{template}}}}}\n{API}"


def broken(text: str) -> set[str]:
    return {finding.rule for finding in check_sources(parse((SMALL + text).encode(), "f.yaml")).findings}


def lifecycle(sentences: list[str]) -> str:
    return "lifecycles: {it: [" + ", ".join(sentences) + "]}\n" + API


def moving(sentences: str, tag: str) -> str:
    """A lifecycle, and a tag that moves."""
    return f"lifecycles: {{it: [{sentences}]}}\ndefaults: {{lifecycle: it, moving_tags: ['{tag}']}}\n{API}"


def template(sentences: str) -> str:
    """The same in a creation template."""
    return (
        f"lifecycles: {{it: [{sentences}]}}\n"
        f"creation_templates: {{t: {{applied_for: [CREATE_ON_PUSH], image_tag_mutability: IMMUTABLE, "
        f"lifecycle: it, moving_tags: [prod]}}}}\n{API}"
    )


def own(*tags: str) -> str:
    """A policy in ECR's own form with a rule about each of these tags."""
    rules = [
        f"{{rulePriority: {number}, action: {{type: expire}}, "
        f"selection: {{tagStatus: tagged, {each}, countType: imageCountMoreThan, countNumber: 9}}}}"
        for number, each in enumerate(tags, start=1)
    ]
    return f"lifecycles: {{it: {{rules: [{', '.join(rules)}]}}}}\ndefaults: {{lifecycle: it}}\n{API}"


def signed(sentences: str, names: str = "*") -> str:
    """Repositories that are signed, with a lifecycle."""
    profile = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"
    return (
        f"signing: [{{signing_profile_arn: '{profile}', repository_filters: ['{names}']}}]\n"
        f"lifecycles: {{it: {sentences}}}\nrepositories: {{a/b: {{lifecycle: it}}}}\n"
    )


def regions(count: int) -> list[str]:
    return [f"{a}-{d}-{n}" for a in ("us", "eu", "sa") for d in ("east", "west", "south") for n in (1, 2, 3)][:count]


def many(count: int, namespace: str = "web") -> str:
    return "repositories:\n" + "".join(f"  {namespace}/service-{n}:\n" for n in range(count))


def two(of_web: int, of_lab: int) -> str:
    """Two namespaces."""
    return many(of_web) + "".join(f"  lab/service-{n}:\n" for n in range(of_lab))


def principal(more: str, who: str = "gitlab: acme/web, branch: main") -> str:
    return f"principals: {{ci: {{{who}, {more}}}}}\nrepositories: {{web/api: {{pull: [ci]}}}}\n"


def many_roles(count: int, stacks: int = 1) -> str:
    """Principals with a role and a policy each, as many in each stack; those of the first name none."""
    names = ["", *(f", stack: s{n}" for n in range(1, stacks))]
    return (
        "principals:\n"
        + "".join(f"  p{n}: {{gitlab: acme/p{n}, branch: main{names[n % stacks]}}}\n" for n in range(count))
        + f"repositories: {{web/api: {{pull: [{', '.join(f'p{n}' for n in range(count))}]}}}}\n"
    )


def any_of(count: int) -> str:
    return "{protect: {tagged: {any_of: [" + ", ".join(f"v{n}" for n in range(count)) + "]}}}"


def heavy(count: int) -> str:
    """Repositories whose lifecycle is a long one: their template is too large before they are too many."""
    long = ", ".join(f'{{protect: {{tagged: "release-{n}-*"}}}}' for n in range(20))
    return f"lifecycles: {{long: [{long}]}}\ndefaults: {{lifecycle: long}}\n" + many(count)


@pytest.mark.parametrize(
    ("rule", "legal", "refused"),
    [
        ("repository-name", "repositories: {ab: }", "repositories: {a: }"),
        ("repository-name", f"repositories: {{{'a' * 256}: }}", f"repositories: {{{'a' * 257}: }}"),
        ("repository-name", "repositories: {a__b--c.d_e/f: }", "repositories: {a___b: }"),
        ("repository-name", "repositories: {a-b/0: }", "repositories: {a-b/-0: }"),
        ("exclusion-filter-count", f"defaults: {{moving_tags: [a, b, c, d, e]}}\n{API}",
         f"defaults: {{moving_tags: [a, b, c, d, e, f]}}\n{API}"),
        ("exclusion-filter", f'defaults: {{moving_tags: ["*a*"]}}\n{API}',
         f'defaults: {{moving_tags: ["*a*b*"]}}\n{API}'),
        ("exclusion-filter", f"defaults: {{moving_tags: [{'a' * 128}]}}\n{API}",
         f"defaults: {{moving_tags: [{'a' * 129}]}}\n{API}"),
        ("exclusion-filter", f"defaults: {{moving_tags: [a_b.c-D]}}\n{API}",
         f"defaults: {{moving_tags: [a/b]}}\n{API}"),
        ("lifecycle-count", lifecycle(['{keep: {tagged: "v*", last: 1}}']),
         lifecycle(['{keep: {tagged: "v*", last: 0}}'])),
        ("lifecycle-count", lifecycle(["{expire: {untagged: true, after_days: 2147483647}}"]),
         lifecycle(["{expire: {untagged: true, after_days: 2147483648}}"])),
        ("lifecycle-pattern", lifecycle(['{protect: {tagged: "*a*b*c*"}}']),
         lifecycle(['{protect: {tagged: "*a*b*c*d*"}}'])),
        ("lifecycle-length", lifecycle([f'{{protect: {{tagged: "v{n}"}}}}' for n in range(50)]),
         lifecycle([f'{{protect: {{tagged: "v{n}"}}}}' for n in range(51)])),
        ("lifecycle-length", lifecycle([f'{{protect: {{tagged: "{n:02}{"a" * 200}"}}}}' for n in range(40)]),
         lifecycle([f'{{protect: {{tagged: "{n:02}{"a" * 290}"}}}}' for n in range(50)])),
        ("lifecycle-any-last",
         lifecycle(["{expire: {untagged: true, after_days: 1}}", "{expire: {any: true, after_days: 1}}"]),
         lifecycle(["{expire: {any: true, after_days: 1}}", "{expire: {untagged: true, after_days: 1}}"])),
        ("lifecycle-any-last",  # one for each storage class
         lifecycle(["{archive: {any: true, after_days: 1}}", "{expire_archived: {any: true, after_days: 90}}"]),
         lifecycle(["{archive: {any: true, after_days: 1}}", "{expire: {any: true, after_days: 90}}"])),
        ("lifecycle-any-last",
         lifecycle(["{expire: {untagged: true, after_days: 1}}", "{archive: {any: true, after_days: 1}}"]),
         lifecycle(["{archive: {any: true, after_days: 1}}", "{archive: {untagged: true, after_days: 90}}"])),
        ("lifecycle-untagged-once",
         lifecycle(["{archive: {untagged: true, after_days: 1}}",
                    "{expire_archived: {untagged: true, after_days: 90}}"]),
         lifecycle(["{archive: {untagged: true, after_days: 1}}", "{expire: {untagged: true, after_days: 90}}"])),
        ("lifecycle-pattern-once",
         lifecycle(['{archive: {tagged: "v*", after_days: 1}}', '{expire_archived: {tagged: "v*", after_days: 90}}']),
         lifecycle(['{archive: {tagged: "v*", after_days: 1}}', '{expire: {tagged: "v*", after_days: 90}}'])),
        ("lifecycle-pattern-once",
         lifecycle(["{protect: {tagged: {all_of: [a, b]}}}", "{protect: {tagged: {all_of: [a, c]}}}"]),
         lifecycle(["{protect: {tagged: {all_of: [a, b]}}}", "{protect: {tagged: {all_of: [b, a]}}}"])),
        ("lifecycle-pattern-once",
         lifecycle(["{protect: {tagged: {any_of: [a, b]}}}", "{protect: {tagged: {all_of: [a, b]}}}"]),
         lifecycle(["{protect: {tagged: {any_of: [a, b]}}}", "{protect: {tagged: b}}"])),
        ("lifecycle-pattern-once", own("tagPrefixList: [v]", "tagPatternList: ['v*']"),
         own("tagPrefixList: [v, w]", "tagPrefixList: [w, v]")),
        ("lifecycle-shadowed", own("tagPrefixList: [v]", "tagPrefixList: [v]"),
         own("tagPrefixList: [v]", "tagPatternList: ['v*']")),
        ("lifecycle-count", lifecycle(["{expire_archived: {any: true, after_days: 90}}"]),
         lifecycle(["{expire_archived: {any: true, after_days: 89}}"])),
        ("lifecycle-count", lifecycle(["{archive: {untagged: true, unpulled_days: 1}}"]),
         lifecycle(["{archive: {untagged: true, unpulled_days: 0}}"])),
        ("lifecycle-archive-count", lifecycle(["{archive: {untagged: true, last: 1}}"]),
         lifecycle(["{archive: {untagged: true, last: 1, unpulled_days: 1}}"])),
        ("lifecycle-patterns", lifecycle(["{expire: {tagged: {any_of: [a, b]}, after_days: 1}}"]),
         lifecycle(["{keep: {tagged: {any_of: [a, b]}, last: 1}}"])),
        ("lifecycle-patterns", lifecycle(["{keep: {tagged: {all_of: [a, b]}, last: 1}}"]),
         lifecycle(["{keep: {tagged: {all_of: []}, last: 1}}"])),
        ("lifecycle-patterns", lifecycle(["{archive: {tagged: {any_of: [a, b]}, after_days: 1}}"]),
         lifecycle(["{archive: {tagged: {any_of: [a, b]}, last: 1}}"])),
        ("lifecycle-length", lifecycle([any_of(50)]), lifecycle([any_of(51)])),
        ("lifecycle-shadowed", lifecycle(['{protect: {tagged: "v1*"}}', '{keep: {tagged: "v*", last: 1}}']),
         lifecycle(['{protect: {tagged: "v*"}}', '{keep: {tagged: "v1*", last: 1}}'])),
        ("lifecycle-shadowed",
         lifecycle(['{archive: {tagged: "v*", last: 1}}', '{expire_archived: {tagged: "v1*", after_days: 90}}']),
         lifecycle(['{archive: {tagged: "v*", last: 1}}', '{archive: {tagged: "v1*", after_days: 90}}'])),
        ("lifecycle-shadowed",
         lifecycle(["{protect: {tagged: {all_of: [a*, b*]}}}", "{keep: {tagged: a1, last: 1}}"]),
         lifecycle(["{protect: {tagged: {all_of: [a*, b*]}}}", "{keep: {tagged: {all_of: [b1, c, a1]}, last: 1}}"])),
        ("lifecycle-any-tagged", lifecycle(["{protect: {tagged: v*}}", "{keep: {any: true, last: 9}}"]),
         lifecycle(["{expire: {untagged: true, after_days: 1}}", "{keep: {any: true, last: 9}}"])),
        ("lifecycle-any-tagged", lifecycle(["{protect: {tagged: '*'}}"]),
         lifecycle(["{keep: {tagged: '*', last: 9}}"])),
        ("lifecycle-any-tagged", lifecycle(["{keep: {any: true, last: 100000}}"]),
         lifecycle(["{keep: {any: true, last: 99999}}"])),
        ("lifecycle-any-tagged",
         lifecycle(["{keep: {tagged: {all_of: ['v*', 'v*']}, last: 9}}", "{keep: {any: true, last: 9}}"]),
         lifecycle(["{keep: {tagged: {all_of: ['v*', 'r*']}, last: 9}}", "{keep: {any: true, last: 9}}"])),
        ("lifecycle-moving-tag",
         "lifecycles: {it: [{protect: {tagged: prod}}, {keep: {tagged: 'p*', last: 9}}]}\n"
         "defaults: {lifecycle: it, moving_tags: [prod]}\n" + API,
         "lifecycles: {it: [{protect: {tagged: production}}, {keep: {tagged: 'p*', last: 9}}]}\n"
         "defaults: {lifecycle: it, moving_tags: [prod]}\n" + API),
        # An image that `prod` points to has a version beside it, by which a rule takes it.
        ("lifecycle-moving-tag", moving("{protect: {tagged: 'v*.x'}}, {keep: {tagged: 'v*', last: 5}}", "v*.x"),
         moving("{protect: {tagged: 'v1.x'}}, {keep: {tagged: 'v*', last: 5}}", "v*.x")),
        ("lifecycle-moving-tag", moving("{keep: {tagged: prod, last: 1}}, {keep: {tagged: 'v*', last: 5}}", "prod"),
         moving("{keep: {tagged: 'prod*', last: 1}}, {keep: {tagged: 'v*', last: 5}}", "prod")),
        ("lifecycle-moving-tag",
         moving("{keep: {tagged: 'prod*', last: 100000}}, {keep: {any: true, last: 5}}", "prod"),
         moving("{keep: {tagged: 'prod*', last: 99999}}, {keep: {any: true, last: 5}}", "prod")),
        ("lifecycle-moving-tag", moving("{expire: {untagged: true, after_days: 1}}", "prod"),
         moving("{archive: {tagged: 'v*', unpulled_days: 1}}", "prod")),
        ("lifecycle-moving-tag", moving("{expire_archived: {tagged: 'v*', after_days: 90}}", "prod"),
         moving("{expire: {tagged: 'v*', after_days: 90}}", "prod")),
        ("lifecycle-moving-tag",
         template("{protect: {tagged: prod}}, {keep: {tagged: 'v*', last: 5}}"),
         template("{keep: {tagged: 'v*', last: 5}}")),
        ("lifecycle-any-last",
         lifecycle(["{archive: {any: true, last: 9}}", "{expire_archived: {tagged: a, after_days: 90}}"]),
         lifecycle(["{archive: {any: true, last: 9}}", "{archive: {tagged: a, last: 9}}"])),
        ("lifecycle-prefix", own("tagPrefixList: [v]"), own("tagPrefixList: ['v*']")),
        ("lifecycle-prefix", own("tagPatternList: ['v*']"), own("tagPrefixList: ['*v']")),
        ("lifecycle-pattern-unmatched", own("tagPatternList: [production-]"), own("tagPatternList: [-production-]")),
        ("lifecycle-pattern-unmatched", own("tagPrefixList: [a]"), own("tagPrefixList: ['']")),
        ("lifecycle-pattern-unmatched", own("tagPrefixList: [a.b]"), own("tagPrefixList: ['a b']")),
        ("lifecycle-pattern", own("tagPatternList: ['a*b*c*d*']"), own("tagPatternList: ['a*b*c*d*e*']")),
        ("lifecycle-pattern", own("tagPatternList: [-production-]"), lifecycle(["{protect: {tagged: -production-}}"])),
        ("signing-lifecycle", signed("[{keep: {tagged: 'v*', last: 5}}]"),
         signed("[{keep: {untagged: true, last: 5}}]")),
        ("signing-lifecycle", signed("[{expire_archived: {any: true, after_days: 90}}]"),
         signed("[{keep: {tagged: 'v*', last: 9}}, {keep: {any: true, last: 5}}]")),
        ("signing-lifecycle", signed("[{keep: {untagged: true, last: 100000}}]"),
         signed("[{archive: {untagged: true, last: 5}}]")),
        ("signing-lifecycle", signed("[{keep: {untagged: true, last: 5}}]", "b/*"),
         signed("[{keep: {untagged: true, last: 5}}]", "a/*")),
        ("allowed-tag", "defaults: {tags_must_match: ['*', v*.x, a_b-C.1]}\nrepositories: {a/b: }",
         "defaults: {tags_must_match: ['v[0-9]+']}\nrepositories: {a/b: }"),
        ("moving-tag-not-allowed",
         "defaults: {moving_tags: [latest, 'v*.x'], tags_must_match: ['v*', latest]}\nrepositories: {a/b: }",
         "defaults: {moving_tags: [latest, dev], tags_must_match: ['v*', latest]}\nrepositories: {a/b: }"),
        ("moving-tag-not-allowed",  # a tag that moves, and one layer down it is allowed
         "defaults: {moving_tags: [dev], tags_must_match: ['v*']}\nrepositories: {a/b: {tags_must_match: ['d*']}}",
         "defaults: {moving_tags: ['d*'], tags_must_match: ['v*']}\nrepositories: {a/b: {moving_tags: {add: [v1]}}}"),
        ("tag-required", f"required_tags: [owner]\ndefaults: {{owner: x}}\n{API}",
         f"required_tags: [owner]\ndefaults: {{tags: {{ownr: x}}}}\n{API}"),
        ("owner-tag", f"defaults: {{owner: {'x' * 255}}}\n{API}", f"defaults: {{owner: {'x' * 256}}}\n{API}"),
        ("fixed-tags-immutable", f"defaults: {{image_tag_mutability: MUTABLE, fixed_tags: [a]}}\n{API}",
         f"defaults: {{fixed_tags: [a]}}\n{API}"),
        ("exclusion-filter-count",
         "defaults: {moving_tags: [a, b, c, d]}\nrepositories: {a/b: {moving_tags: {add: [e]}}}",
         "defaults: {moving_tags: [a, b, c, d]}\nrepositories: {a/b: {moving_tags: {add: [e, f]}}}"),
        ("fixed-tags-immutable",  # of use to one of them
         "defaults: {fixed_tags: [a]}\nrepositories: {web/a: , lab/a: {image_tag_mutability: MUTABLE}}",
         "defaults: {fixed_tags: [a]}\nrepositories: {web/a: , lab/a: }"),
        ("lifecycle-unused", "lifecycles: {it: []}\nrepositories: {a/b: {lifecycle: it}}",
         f"lifecycles: {{it: []}}\n{API}"),
        ("repositories", "repositories: {}", "lifecycles: {}"),
        ("stack-size", many(480), many(481)),
        ("stack-size", heavy(150), heavy(200)),
        ("stack-size", "namespaces: {web: {shards: 3}}\n" + many(900), many(900)),
        ("stack-size", "namespaces: {web: {stack: a}, lab: {stack: b}}\n" + two(300, 300),
         "namespaces: {web: {stack: a}, lab: {stack: a}}\n" + two(300, 300)),
        ("shared-stack", f"namespaces: {{web: {{stack: {'a' * 40}}}}}\n{API}",
         f"namespaces: {{web: {{stack: {'a' * 41}}}}}\n{API}"),
        ("access-stack", principal(f"stack: {'a' * 40}"), principal(f"stack: {'a' * 41}")),
        ("access-stack", principal("stack: a-1"), principal("stack: a--1")),
        ("access-stack-size", many_roles(239), many_roles(240)),
        ("access-stack-size", many_roles(300, stacks=2), many_roles(300)),
        ("access-stack-size", many_roles(478, stacks=2), many_roles(479, stacks=2)),
        ("access-stack-size", many_roles(240).replace("main}", "main, stack: s}"),
         many_roles(241).replace("main}", "main, stack: s}")),
        ("access-account-quota", many_roles(1_000, stacks=5), many_roles(1_001, stacks=5)),
        ("principal-kind", principal("stack: more"), principal("stack: more", "account: '345678901234'")),
        ("shared-stack-shards", f"namespaces: {{web: {{stack: a}}, lab: {{shards: 2}}}}\n{API}",
         f"namespaces: {{web: {{stack: a, shards: 2}}}}\n{API}"),
        ("replication-size", f"replicas: {{{', '.join(f'{r}: ' for r in regions(25))}}}\n{API}",
         f"replicas: {{{', '.join(f'{r}: ' for r in regions(26))}}}\n{API}"),
        ("shards", f"namespaces: {{web: {{shards: 100}}}}\n{API}", f"namespaces: {{web: {{shards: 101}}}}\n{API}"),
        ("tag-count", f"defaults: {{tags: {{{', '.join(f'k{n}: v' for n in range(49))}}}}}\n{API}",
         f"defaults: {{tags: {{{', '.join(f'k{n}: v' for n in range(50))}}}}}\n{API}"),
        ("tag", f"defaults: {{tags: {{{'k' * 127}: {'v' * 255}}}}}\n{API}",
         f"defaults: {{tags: {{{'k' * 128}: v}}}}\n{API}"),
        ("tag", f"defaults: {{tags: {{a: {'v' * 255}}}}}\n{API}", f"defaults: {{tags: {{a: {'v' * 256}}}}}\n{API}"),
        ("kms-key", f"defaults: {{encryption_type: KMS, kms_key: mrk-{'0' * 32}}}\n{API}",
         f"defaults: {{encryption_type: KMS, kms_key: mrk-{'0' * 31}}}\n{API}"),
        ("kms-key-unused", f"defaults: {{encryption_type: KMS, kms_key: alias/a}}\n{API}",
         f"defaults: {{kms_key: alias/a}}\n{API}"),
        ("replication-reach", "replicas: {us-west-2: {namespaces: [web]}}\nrepositories: {web/a: , webhooks/a: }",
         "replicas: {us-west-2: {namespaces: [_]}}\nrepositories: {web: , webhooks/a: }"),
        ("replica-region", f"replicas: {{us-west-2: }}\n{API}", f"replicas: {{us-gov-west-1: }}\n{API}"),
        ("namespace-unused", f"namespaces: {{web: }}\n{API}", f"namespaces: {{wob: }}\n{API}"),
        ("replication-prefix", f"replicas: {{us-west-2: }}\n{API}", "replicas: {us-west-2: }\nrepositories: {api: }"),
        ("text-hidden", described("a zero-width joiner: 👩\u200d💻"), described("nothing: \u200b")),
        ("text-hidden", described("a tab: \t"), described("a direction: \u2067")),
    ],
)  # fmt: skip
def test_the_limit_is_where_ecr_has_it(rule: str, legal: str, refused: str) -> None:
    assert rule not in broken(legal)
    assert rule in broken(refused)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_a_source(rule: Rule) -> None:
    assert rule.link.startswith(
        ("https://docs.aws.amazon.com/", "https://docs.github.com/", "https://github.com/", "docs/")
    )


@pytest.mark.parametrize("explained", explanations(), ids=lambda explained: explained.id)
def test_every_rule_says_why_in_a_sentence_or_two(explained: Explanation) -> None:
    assert explained.why, f"the check of {explained.id} has no docstring, which is its why"
    assert explained.why.endswith(".")
    assert len(explained.why) <= 200


@pytest.mark.parametrize("explained", explanations(), ids=lambda explained: explained.id)
def test_a_title_is_an_instruction(explained: Explanation) -> None:
    """It begins with a verb: not with an article, a noun of AWS's or a pronoun, as a statement would."""
    first, _, _ = explained.title.partition(" ")
    assert first.isalpha()
    assert first.istitle()
    assert first not in {"A", "An", "Every", "It", "No", "One", "The", "This", "What", "Who", "Whoever"}
    assert not explained.title.endswith(".")


def test_a_subject_is_what_the_file_or_its_room_says_it_is_about() -> None:
    assert {RULES[id].subject for id in ("grant-kind", "principal-kind")} == {"Access"}
    assert RULES["kms-key-idle"].subject == "KMS keys that the registry makes"
    with pytest.raises(ValueError, match="does not begin with"):
        subject_of("registry.rules.weights")


def test_an_accepted_warning_is_silent_and_an_error_cannot_be_accepted() -> None:
    text = f"namespaces: {{wob: }}\n{API}acceptances: [{{rule: namespace-unused, reason: soon}}]\n"
    assert broken(text) == set()
    error = "repositories: {a: }\nacceptances: [{rule: repository-name, reason: please}]\n"
    assert broken(error) == {"acceptance", "repository-name"}


def test_a_warning_does_not_stop_and_an_error_does() -> None:
    warned = check_sources(parse(f"{SMALL}namespaces: {{wob: }}\n{API}".encode(), "f.yaml"))
    assert warned.registry is not None
    assert [finding.severity for finding in warned.warnings] == [Severity.WARNING]
    assert warned.errors == ()
    assert check_sources(parse(f"{SMALL}repositories: {{a: }}\n".encode(), "f.yaml")).registry is None


def test_the_weight_of_a_template_is_not_underestimated(tmp_path: Path) -> None:
    settings = [
        "{tags: {team: web, 'cost center': '42'}}", "{encryption_type: KMS, kms_key: alias/ecr}",
        "{empty_on_delete: true}", "{moving_tags: [a, b, c, d, 'e*']}", "{lifecycle: long}", "",
    ]  # fmt: skip
    long = ", ".join(f'{{protect: {{tagged: "release-{n}-*"}}}}' for n in range(20))
    names = "".join(f"  web/{'x' * (n % 90)}{n}: {settings[n % len(settings)]}\n" for n in range(60))
    registry = declared(f"{SMALL}lifecycles: {{long: [{long}]}}\nrepositories:\n{names}")
    synthesized(registry, tmp_path)
    (template,) = (tmp_path / "cdk.out").glob("*Repositoriesweb*.template.json")
    estimate = sum(map(template_bytes, registry.repositories))
    assert template.stat().st_size <= estimate + 20_000
    assert estimate <= 1.5 * template.stat().st_size


def test_the_shards_that_the_message_names_are_enough() -> None:
    outcome = check_sources(parse((SMALL + heavy(300)).encode(), "f.yaml"))
    way_out = next(finding.way_out for finding in outcome.findings if finding.rule == "stack-size")
    found = re.search(r"namespaces: \{web: \{shards: (\d+)\}\}", way_out)
    assert found
    assert "stack-size" not in broken(f"{found.group()}\n{heavy(300)}")


def test_a_name_that_looks_like_the_form_of_a_value_is_a_name() -> None:
    outcome = check_sources(parse((SMALL + "repositories:\n  (list): {moving_tags: {add: [5]}}\n").encode(), "f.yaml"))
    found = {(f.rule, f.position.line, f.position.column) for f in outcome.findings}
    assert found == {("repository-name", 3, 3), ("number-as-text", 3, 32)}


def test_a_rule_that_fails_takes_no_other_along_and_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_check(declared: RuleContext) -> Iterator[Problem]:
        raise KeyError("eks-node")

    rule = dataclasses.replace(RULES["principal-unused"], check=broken_check)
    monkeypatch.setitem(RULES, rule.id, rule)
    outcome = check_sources(parse((SMALL + "repositories: {Web/Api: }\n").encode(), "f.yaml"))
    assert outcome.registry is None
    said = {finding.rule: finding for finding in outcome.findings}
    assert said.keys() == {"principal-unused", "repository-name"}
    assert said["principal-unused"].severity is Severity.ERROR
    assert "KeyError: 'eks-node'" in said["principal-unused"].message
    assert "report it" in said["principal-unused"].way_out
