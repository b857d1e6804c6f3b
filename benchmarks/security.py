"""`python -m benchmarks.security`: what attacks this project in its tests, and how many of them there are.

Each row is a run of the tests that hold it. The figures go into docs/reliability.md. Exit code 1 where one failed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from scripts.reliability import Section, Table, put
from tests.hostile import FILES, MARKUP, VALUES

ROOT: Final = Path(__file__).resolve().parent.parent
#: What is tried, and the tests that try it.
ATTACKS: Final = {
    "texts in the file, in names, arguments and AWS's answers that are commands to a terminal or a CI, in every form "
    "of every command; credentials of the environment in any of them": "tests/test_hostile_output.py",
    "bytes, nesting, aliases and numbers in every file that is read": "tests/test_hostile.py",
    "texts in the page and the diagram of a report": "tests/ops/report/test_page.py",
    "names in YAML, shell, Groovy and expressions of snippets": "tests/ops/snippet/test_injection.py",
    "references of CloudFormation, and text that nobody sees": "tests/test_refused.py -k text_ or text-",
    "links that lead elsewhere": "tests/test_links.py",
    "workflows, as an attacker reads them": "tests/test_workflows.py",
    "locks: hashes, no server, every install by them; what an audit may call fine": "tests/test_audit.py",
    "passwords: on standard input, not in the process list, not stored": "tests/ops/images/test_login.py",
    "set-up: stopped, twice at once, of something else": "tests/test_setup.py",
}


def main() -> int:
    """Run every row; the exit code."""
    rows, failed = [], False
    for what, tests in ATTACKS.items():
        files, _, chosen = tests.partition(" -k ")
        words = [sys.executable, "-m", "pytest", "-q", *(file for file in files.split() if (ROOT / file).exists())]
        words += ["-k", chosen] if chosen else []
        finished = subprocess.run(
            words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
        )
        last = finished.stdout.strip().splitlines()[-1]
        said = re.sub(r" in .*|\d+ deselected, |, \d+ deselected", "", last)
        failed |= finished.returncode != 0
        rows.append((what, f"`{files.split()[0]}`", said))
        print(*rows[-1], sep=" | ", flush=True)
    section = Section(
        place=30,
        title="Security of the project itself",
        says=[
            f"One table of hostile texts (`tests/hostile.py`): {len(MARKUP)} that are markup or commands somewhere, "
            f"{len(VALUES)} values and {len(FILES)} whole files. docs/decisions/0075-security.md has the reasons.",
            "`make check` looks for credentials in every file, and `make audit` for known holes of what is locked: a "
            "lock that could not be looked up is not checked, which is never fine.",
            "Not covered: the CDK CLI prints the file's values as they are (`make diff`, `make deploy`). Commands to a "
            "terminal are refused in the file, words such as `##vso[` are not.",
        ],
        tables=[Table(columns=("what is tried", "held by", "result"), rows=rows)],
        command="python -m benchmarks.security",
    )
    put("security", section)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
