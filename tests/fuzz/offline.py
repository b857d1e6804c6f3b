"""Accepted random registries have templates that every validator takes; damaged texts have findings with a place."""

from __future__ import annotations

import json
import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from registry.load import check_sources
from tests.documents import registries, sources
from tests.fuzz.drawn import Files, Outcome, examples
from tests.hostile import MARKUP, VALUES
from tests.synth import ROOT, synthesized
from tests.test_hostile import READERS, has_places

#: Seconds of the processor, and of the clock.
SLOW, HANG = 3, 120
#: Newer than cfn-lint's schemas, as in tests/compliance/test_examples.py.
_NEWER = "'DeleteReplication' was unexpected"


def templates(number: int, seed: int) -> Iterator[Outcome]:
    """Registries: refused in words, or synthesized with cdk-nag and CloudFormation's own rules, and then cfn-lint."""
    for files in examples(registries(), number, seed):
        yield Outcome("templates", *template(files))


def template(files: Files) -> tuple[str, str]:
    """What one registry was, and what is wrong with it."""
    outcome = check_sources(sources(*files))
    if outcome.registry is None:
        has_places(outcome.findings)
        return "refused", ""
    with tempfile.TemporaryDirectory() as folder:
        try:
            _, made = synthesized(outcome.registry, Path(folder))
        except RuntimeError as problem:
            return "accepted", f"not synthesized: {_short(problem)}: {json.dumps(files)}"
    found = sorted({each for template in made.values() for each in linted(template)})
    return "accepted", f"cfn-lint: {found}: {json.dumps(files)}" if found else ""


def linted(template: dict[str, Any]) -> list[str]:
    """What cfn-lint says of a template, in this process: it takes a second to start."""
    from cfnlint.api import ManualArgs, lint

    said = [f"{it.rule.id} {it.message}" for it in lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"]))]
    return [each for each in said if not (each.startswith("E3002 ") and _NEWER in each)]


def texts(number: int, seed: int) -> Iterator[Outcome]:
    """Files that exist, damaged anywhere, and every reader of a file of another kind."""
    chance = random.Random(seed)
    for _ in range(number):
        name = chance.choice(["registry", "registry", "registry", *READERS])
        whole = chance.choice(_registries()) if name == "registry" else _filled(chance.choice(READERS[name][1]), chance)
        content = damaged(whole, chance)
        yield Outcome("texts", name, read(READERS[name][0], content))


def read(reader: Callable[[bytes], Any], content: bytes) -> str:
    """What is wrong with how a text is read."""
    begun = time.process_time()
    try:
        with _no_hang():
            has_places(reader(content))
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            raise
        return f"{_short(problem)}: {content!r}"
    took = time.process_time() - begun
    return f"{took:.1f} s: {content!r}" if took > SLOW else ""


def damaged(content: bytes, chance: random.Random) -> bytes:
    """One to three places of it are otherwise."""
    for _ in range(chance.randint(1, 3)):
        content = chance.choice(_DAMAGES)(content, chance)
    return content


def _some_bytes(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.randbytes(chance.randint(1, 4)) + content[at + chance.randint(0, 4) :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _a_line(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(4)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(other, lines[at])
    elif way == 2:
        lines[at], lines[other] = lines[other], lines[at]
    else:
        lines[at] = b" " * chance.randint(1, 3) + lines[at]
    return b"".join(lines)


def _a_value(content: bytes, chance: random.Random) -> bytes:
    """What stands behind a colon is something else."""
    at = [place for place, byte in enumerate(content) if byte == ord(":")]
    if not at:
        return content
    place = chance.choice(at) + 1
    short = [it for it in VALUES.values() if len(it) < 1_000]  # the long ones have tests of their own
    value = chance.choice([*short, *(json.dumps(it).encode() for it in MARKUP.values())])
    ends = [end for end in (content.find(mark, place) for mark in (b",", b"}", b"\n")) if end >= 0]
    return content[:place] + b" " + value + content[min(ends, default=len(content)) :]


def _a_mark(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    mark = chance.choice(
        [b":", b"- ", b"? ", b"&a ", b"*a", b"!!binary ", b"<<: ", b"{", b"]", b"|\n", b"\t", b"---\n", b"'"]
    )
    return content[:at] + mark + content[at:]


_DAMAGES = (_some_bytes, _cut, _a_line, _a_value, _a_mark)


def _filled(template: bytes, chance: random.Random) -> bytes:
    values = [it for it in VALUES.values() if len(it) < 1_000]
    return template.replace(b"%s", chance.choice(values), 1) if b"%s" in template else template


@cache
def _registries() -> list[bytes]:
    """Files that are accepted, one that is not for each rule, and random ones, in YAML."""
    files = [
        *ROOT.glob("examples/*/registry.yaml"),
        *ROOT.glob("tests/golden/*.yaml"),
        *ROOT.glob("tests/refused/*.yaml"),
    ]
    drawn = [yaml.safe_dump(root, sort_keys=False).encode() for root, _ in examples(registries(), 30, 1)]
    return [*(file.read_bytes() for file in sorted(files)), *drawn]


def _short(problem: BaseException) -> str:
    return f"{type(problem).__name__} {problem}"[:600]


@contextmanager
def _no_hang() -> Iterator[None]:
    def end(*_: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(HANG)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
