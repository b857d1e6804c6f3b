"""Both sides of every limit. What the messages say is in tests/refused."""

from __future__ import annotations

import pytest

from registry.findings import Severity
from registry.load import checked
from registry.rules import RULES
from registry.yaml_reader import parse
from tests.synth import SMALL

API = "repositories: {web/api: }\n"


def broken(text: str) -> set[str]:
    return {finding.rule for finding in checked(parse((SMALL + text).encode(), "f.yaml")).findings}


def lifecycle(sentences: list[str]) -> str:
    return "lifecycles: {it: [" + ", ".join(sentences) + "]}\n" + API


def regions(count: int) -> list[str]:
    return [f"{a}-{d}-{n}" for a in ("us", "eu", "sa") for d in ("east", "west", "south") for n in (1, 2, 3)][:count]


def many(count: int, namespace: str = "web") -> str:
    return "repositories:\n" + "".join(f"  {namespace}/service-{n}:\n" for n in range(count))


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
        ("stack-size", many(480), many(481)),
        ("stack-size", "namespaces: {web: {shards: 3}}\n" + many(900), many(900)),
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
    ],
)  # fmt: skip
def test_the_limit_is_where_ecr_has_it(rule: str, legal: str, refused: str) -> None:
    assert rule not in broken(legal)
    assert rule in broken(refused)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_a_title_and_a_source(rule: object) -> None:
    assert getattr(rule, "title", "")
    assert getattr(rule, "link", "").startswith(("https://docs.aws.amazon.com/", "https://github.com/", "docs/"))


def test_an_accepted_warning_is_silent_and_an_error_cannot_be_accepted() -> None:
    text = f"namespaces: {{wob: }}\n{API}acceptances: [{{rule: namespace-unused, reason: soon}}]\n"
    assert broken(text) == set()
    error = "repositories: {a: }\nacceptances: [{rule: repository-name, reason: please}]\n"
    assert broken(error) == {"acceptance", "repository-name"}


def test_a_warning_does_not_stop_and_an_error_does() -> None:
    warned = checked(parse(f"{SMALL}namespaces: {{wob: }}\n{API}".encode(), "f.yaml"))
    assert warned.registry is not None
    assert [finding.severity for finding in warned.warnings] == [Severity.WARNING]
    assert warned.errors == ()
    assert checked(parse(f"{SMALL}repositories: {{a: }}\n".encode(), "f.yaml")).registry is None
