"""What the Makefile and the scripts need is on macOS, too, as far as that can be read without one.

Its bash is 3.2, its make 3.81, and its tools are BSD's. `readlink -f` is there since macOS 12.3.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
}
FILES = [
    ROOT / "Makefile",
    *sorted(path for path in (ROOT / "scripts").iterdir() if path.is_file() and path.suffix != ".py"),
    ROOT / "ops" / "init" / "files" / "Makefile.template",
]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_used_that_macos_lacks(file: Path) -> None:
    found = [
        f"{number}: {line.strip()}: {instead}"
        for number, line in enumerate(file.read_text().splitlines(), 1)
        for pattern, instead in MISSING.items()
        if not line.lstrip().startswith("#") and re.search(pattern, line)
    ]
    assert found == []


def test_the_scripts_are_looked_at() -> None:
    assert {"setup.sh", "venv.sh", "cdk-alone", "ecrctl"} <= {file.name for file in FILES}
