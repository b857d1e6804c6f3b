"""What the Makefile, the scripts, the pages and Python's code need is on macOS, too, as far as that can be read.

Its bash is 3.2, its make 3.81, and its tools are BSD's. `readlink -f` is there since macOS 12.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import macs
from tests.synth import ROOT

#: What is GNU's or Linux's alone, or newer than these versions; how it is written instead.
MISSING = {
    r"\bsed -i\b": "a temporary file",
    r"\bgrep (-\w*P|--perl)": "grep -E",
    r"\bstat -c\b": "wc, or Python",
    r"\bdate (-d|--date)\b": "Python",
    r"\bcp --": "cp -a",
    r"\bcmp --": "cmp -s",
    r"\bxargs -r\b": "a test before",
    r"\b(flock|timeout|realpath|nproc|sha256sum|setsid|tac)\b": "Python",
    r"/proc/": "Python",
    r"\bmktemp --": "mktemp -d",
    r"\bsort -V\b": "Python",
    r"\bln -\w*T|\bmv -\w*T": "ln -sfn",
    r"\bmapfile\b|\breadarray\b|\bdeclare -A\b|\blocal -n\b": "bash 3.2 has only plain arrays",
    r"\$\{\w+(,,|\^\^|@Q)\}": "tr",
    r"&>>|\|&": "2>&1",
    r"\bwait -n\b": "wait",
    r"\.ONESHELL|\.SHELLFLAGS|\$\(file |\w\s*!=\s": "make 3.81 does not know it",
    r"\bbase64 -w": "base64 | tr -d '\\n'",
    r"\bhead -c -|\bfind \S+ .*-printf|\bcut --|\bdu -b\b|\btar --": "Python",
}
FILES = [
    ROOT / "Makefile",
    *sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file() and path.suffix != ".py"),
    ROOT / "ops" / "init" / "files" / "Makefile.template",
]
#: What a page or a template shows is typed, too; decisions only tell.
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
    *sorted((ROOT / "ops" / "init" / "files").rglob("*.md.template")),
]
#: What Python has on Linux alone; a line that asks first may have it.
LINUX = re.compile(
    r"\b(sched_[gs]etaffinity|F_[SG]ETPIPE_SZ|memfd_create|posix_fadvise|posix_fallocate|copy_file_range|splice|epoll|"
    r"pidfd_open|O_TMPFILE|O_PATH|O_DIRECT|prctl|setns|SO_PEERCRED|SOCK_CLOEXEC|SOCK_NONBLOCK|pipe2|eventfd|getrandom|"
    r"sigtimedwait|sigwaitinfo|CLOCK_BOOTTIME|SIGRTMIN|SIGPOLL|AF_NETLINK|AF_PACKET|[gs]etxattr)\b"
)
ASKED = re.compile(r"sys\.platform|hasattr\(")
ROOMS = ("ops", "registry", "stacks", "constructs", "sandbox", "scripts")
CODE = sorted(file for room in (*ROOMS, "benchmarks", "tests") for file in (ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("file", [*FILES, *PAGES], ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_used_that_macos_lacks(file: Path) -> None:
    assert lacking(typed(file) if file in PAGES else dict(enumerate(file.read_text().splitlines(), 1))) == []


def lacking(lines: dict[int, str]) -> list[str]:
    return [
        f"{number}: {line.strip()}: {instead}"
        for number, line in lines.items()
        for pattern, instead in MISSING.items()
        if not line.lstrip().startswith("#") and re.search(pattern, line)
    ]


def typed(page: Path) -> dict[int, str]:
    """The lines of a page that a person types, by their numbers."""
    lines = enumerate(page.read_text().splitlines(), 1)
    return {number: line for number, line in lines if line.startswith("$ ")}


def test_nothing_of_python_is_used_that_macos_lacks() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()}"
        for file in CODE
        if file != Path(__file__)
        for number, before, line in _with_the_line_before(file)
        if LINUX.search(line) and not ASKED.search(before + line)
    ]
    assert found == []


def _with_the_line_before(file: Path) -> Iterator[tuple[int, str, str]]:
    lines = ["", *file.read_text().splitlines()]
    for number, (before, line) in enumerate(pairwise(lines), 1):
        yield number, before, line


def test_what_is_shipped_reads_no_table_of_linux() -> None:
    shipped = [file for file in CODE if file.relative_to(ROOT).parts[0] in ROOMS]
    assert [str(file) for file in shipped if re.search(r"/proc/|/dev/shm|/sys/", file.read_text())] == []


def test_the_scripts_are_looked_at() -> None:
    assert {"setup.sh", "venv.sh", "cdk-alone", "ecrctl"} <= {file.name for file in FILES}


def test_lines_that_are_typed_are_looked_at() -> None:
    assert sum(len(typed(page)) for page in PAGES) >= 100
    assert lacking({1: "$ base64 -w0 key | sed -i s/a/b/ file"}) != []


def test_a_locked_package_without_a_wheel_is_named_and_the_others_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def refused(lock: str, platform: str, python: str) -> str:
        asked.append(re.findall(r"^\S+(?===)", lock, re.MULTILINE))
        lacking = next((name for name in ("b", "c") if name in asked[-1]), "")
        return lacking and f"Because {lacking}==2 has no usable wheels and you require {lacking}==2"

    monkeypatch.setattr(macs, "_refused", refused)
    lock = "".join(f"{name}==2 \\\n    --hash=sha256:0\n    # via x\n" for name in "abcd")
    found = macs.row("Intel", "3.14", [f"# written by uv\n{lock}", "a==2 \\\n    --hash=sha256:0\n"])
    assert (found.packages, found.lacking) == (4, ("b", "c"))
    assert asked == [["a", "b", "c", "d"], ["a", "c", "d"], ["a", "d"], ["a"]]
    monkeypatch.setattr(macs, "_refused", lambda *_: "error: no network")
    with pytest.raises(RuntimeError, match="no network"):
        macs.row("Intel", "3.14", [lock])
