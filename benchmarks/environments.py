"""`python -m benchmarks.environments`: the verbs of a user in odd places, with odd users, locales and Pythons.

It clones this checkout into a folder with spaces, quotes and other letters, installs everything there anew, and types.
What cannot be run on this machine is a row, too, and says so. With `--write` its table goes into docs/reliability.md.
Exit code 1 where something did not come out as it should.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.reliability import Section, Table, put

ROOT: Final = Path(__file__).resolve().parent.parent
NAME: Final = "a place with spaces, Ümläute, 한글 and it's quoted"
#: How this machine reaches package servers is its own; everything else of the environment is left out.
_OF_THE_MACHINE: Final = (
    "PIP_",
    "npm_config_",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_",
    "REQUESTS_",
    "NODE_EXTRA",
)
_VERBS: Final = ("make validate", "make synth", "make report")
_NOBODY: Final = (65534, "nobody")
_UNKNOWN: Final = (54321, "a user whom the system does not know")


@dataclass(frozen=True, slots=True)
class Row:
    """What was typed where, and what came of it; `fine` is None where it was not run."""

    environment: str
    command: str
    outcome: str
    fine: bool | None


class Checkout:
    """A clone of this checkout, and a shell that knows nothing but what it is told."""

    def __init__(self, folder: Path, python: str) -> None:
        self.place = folder / NAME
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        folder.chmod(0o755)
        self.new = not self.place.exists()
        git = shutil.which("git") or "git"
        if self.new:
            subprocess.run([git, "clone", "--quiet", str(ROOT), str(self.place)], check=True)
        else:
            subprocess.run([git, "-C", str(self.place), "pull", "--quiet"], check=True)
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHON": python,
            **{key: value for key, value in os.environ.items() if key.startswith(_OF_THE_MACHINE)},
        }

    def start(self, command: str, changes: Mapping[str, str | None], user: int | None = None) -> subprocess.Popen[str]:
        """Start a line in a shell; None takes a variable away."""
        environment = {**self.environment, **changes}
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        return subprocess.Popen(
            [*as_user, "bash", "-c", command],
            cwd=self.place,
            env={key: value for key, value in environment.items() if value is not None},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            start_new_session=True,
        )

    def row(
        self,
        environment: str,
        command: str,
        changes: Mapping[str, str | None] | None = None,
        *,
        user: int | None = None,
        code: int = 0,
        says: str = "",
    ) -> Row:
        """Type a line, wait for its end, and compare its exit code and what it says with what is wanted."""
        began = time.monotonic()
        running = self.start(command, changes or {}, user)
        said, _ = running.communicate()
        took = time.monotonic() - began
        fine = running.returncode == code and says in said and "Traceback" not in said
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        if fine:
            return Row(environment, command, f"{says or 'works'} ({took:.0f} s)", True)
        return Row(environment, command, f"exit code {running.returncode}: {' / '.join(lines[-3:])[:300]}", False)


def main() -> int:
    """Run every case and print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.environments", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the table into docs/reliability.md")
    parser.add_argument("--python", action="append", metavar="PATH", help="a Python to install with; may be repeated")
    parser.add_argument("--folder", metavar="DIR", help="keep the checkouts there, and install into none again")
    asked = parser.parse_args()
    pythons = asked.python or [path for name in _names() if (path := shutil.which(name))]
    rows = []
    for row in _rows(pythons, asked.folder):
        rows.append(row)
        print(
            {True: "ok  ", False: "BAD ", None: "-   "}[row.fine],
            row.environment,
            "|",
            row.command,
            "|",
            row.outcome,
            flush=True,
        )
    if asked.write:
        put("environments", _section(rows))
    return int(any(it.fine is False for it in rows))


def _section(rows: Sequence[Row]) -> Section:
    return Section(
        place=40,
        title="Environments",
        says=[
            "A clone in a folder with spaces, quotes and other letters, all installed anew, then what a user types.",
            "For macOS, `tests/test_portable.py` looks for what BSD's tools, bash 3.2 and make 3.81 lack; "
            "`readlink -f` needs macOS 12.3.",
        ],
        tables=[
            Table(
                columns=("environment", "typed", "outcome"),
                rows=[(it.environment, f"`{it.command}`", it.outcome) for it in rows],
            )
        ],
        command="python -m benchmarks.environments --write",
    )


def _names() -> Sequence[str]:
    return [f"python3.{minor}" for minor in range(11, 15)]


def _rows(pythons: Sequence[str], kept: str | None) -> Iterator[Row]:
    for number, python in enumerate(pythons):
        name = Path(python).name
        with tempfile.TemporaryDirectory(prefix="environments-") as temporary:
            folder = Path(kept, name) if kept else Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            here = Checkout(folder, python)
            if number:
                yield from _another_python(here, name)
            else:
                yield from _interrupted(here) if here.new else ()
                yield here.row(
                    f"{name}, HOME not set, LC_ALL=C",
                    "make setup",
                    {"HOME": None, "LC_ALL": "C"},
                    says="Ready." if here.new else "",
                )
                yield from _places(here)
                yield from _two_sandboxes(here)
                yield from _users(here, python)
    known = {Path(python).name for python in pythons}
    absent = "not run: it is not on this machine"
    yield from (Row(name, "make setup", absent, None) for name in _names() if name not in known)
    if sys.platform != "darwin":
        yield Row(
            "macOS",
            "make setup",
            "not run: read only, and tests/test_portable.py looks for what BSD's tools lack",
            None,
        )


def _interrupted(here: Checkout) -> Iterator[Row]:
    """Ctrl-C while pip waits for a package server, and then the same line once more: it begins anew."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        index = {"PIP_INDEX_URL": f"http://127.0.0.1:{server.getsockname()[1]}", "PIP_RETRIES": "0"}
        outcomes = []
        for _ in range(2):
            running = here.start("make setup", index)
            server.settimeout(300)
            connection, _ = server.accept()
            os.killpg(running.pid, signal.SIGINT)
            said, _ = running.communicate()
            connection.close()
            outcomes.append(
                (
                    running.returncode != 0,
                    "Installing Python packages" in said,
                    (here.place / ".venv" / ".ready").exists(),
                )
            )
    fine = outcomes == [(True, True, False)] * 2
    yield Row(
        "Ctrl-C while pip downloads",
        "make setup; make setup",
        "the next run begins anew" if fine else str(outcomes),
        fine,
    )


def _places(here: Checkout) -> Iterator[Row]:
    odd: dict[str, dict[str, str | None]] = {
        "spaces, quotes and other letters in the path": {},
        "HOME not set": {"HOME": None},
        "HOME that is not there": {"HOME": "/nonexistent"},
        "LC_ALL=C": {"LC_ALL": "C", "LANG": None},
        "no UTF-8 in Python: LC_ALL=C, PYTHONUTF8=0, PYTHONCOERCECLOCALE=0": {
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
        },
        "PYTHONIOENCODING=ascii": {"PYTHONIOENCODING": "ascii"},
    }
    for environment, changes in odd.items():
        for verb in _VERBS:
            if verb != "make synth" or changes.keys() - {"PYTHONIOENCODING", "LANG"} or not changes:
                yield here.row(environment, verb, changes)
    yield here.row("spaces, quotes and other letters in the path", "make plan BASE=HEAD", says="nothing changes")
    for verb in _VERBS:
        yield here.row("umask 077", f"umask 077; {verb}")
    yield here.row("four verbs at once", "make -j4 validate synth report plan BASE=HEAD")
    yield here.row("two synths at once, in folders of their own", _TWO_SYNTHS)
    yield here.row("the same file from two processes", "make report & one=$!; make report & wait $one && wait $!")


def _two_sandboxes(here: Checkout) -> Iterator[Row]:
    """Two at once, of which neither sees the other's port, folder or content; the second one's folder is elsewhere."""
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as server:
            ports.append(server.getsockname()[1])
    yield here.row("two sandboxes at once, on two ports", _TWO_SANDBOXES.format(*ports), says="both stopped")


#: The first one is stopped while the second one still answers.
_TWO_SANDBOXES: Final = (
    'two=$(mktemp -d); other() {{ .venv/bin/python -m sandbox --folder "$two" "$@"; }}; '
    "make .sandbox/venv && "
    "{{ make sandbox PORT={0} & one=$!; other up registry.yaml --port {1} & wait $one && wait $!; }} && "
    "make sandbox-stop && other up registry.yaml && other down && echo both stopped"
)
_TWO_SYNTHS: Final = "cdk() { .venv/bin/cdk synth --quiet -o $(mktemp -d); }; cdk & one=$!; cdk & wait $one && wait $!"


def _users(here: Checkout, python: str) -> Iterator[Row]:
    if os.name != "posix" or os.getuid() or not shutil.which("setpriv"):
        yield Row("another user", "make validate", "not run: only root can become another user", None)
        return
    for number, name in (_NOBODY, _UNKNOWN):
        home = {"HOME": "/"} if number == _UNKNOWN[0] else {}
        tried = [shutil.which("setpriv") or "", f"--reuid={number}", "--clear-groups", python, "-V"]
        if subprocess.run(tried, check=False, capture_output=True).returncode:
            yield Row(name, "make validate", f"not run: {python} is not for other users", None)
            continue
        yield here.row(f"{name}, in root's checkout", "make validate", home, user=number)
        yield here.row(f"{name}, in root's checkout", ".venv/bin/ecrctl cost", home, user=number)
        yield here.row(
            f"{name}, in root's checkout",
            ".venv/bin/ecrctl report",
            home,
            user=number,
            code=2,
            says="cannot be written",
        )
        yield here.row(
            f"{name}, in root's checkout",
            '.venv/bin/cdk synth --quiet -o "$(mktemp -d)"',
            home,
            user=number,
        )
    unknown = {"HOME": None}
    yield here.row(
        _UNKNOWN[1], ".venv/bin/ecrctl login --helper", unknown, user=_UNKNOWN[0], code=2, says="HOME is not set"
    )


def _another_python(here: Checkout, name: str) -> Iterator[Row]:
    """Two at once: the second one waits for the first, and finds everything made."""
    began = time.monotonic()
    both = [here.start("umask 077; make setup", {}) for _ in range(2)]
    said = [each.communicate()[0] for each in both]
    fine = all(each.returncode == 0 for each in both) and sum("Waiting for another run" in text for text in said) == 1
    outcome = f"one waits for the other, then both go on ({time.monotonic() - began:.0f} s)"
    yield Row(f"{name}, umask 077, two at once", "make setup", outcome if fine else " / ".join(said)[-400:], fine)
    for verb in (*_VERBS, "make plan BASE=HEAD"):
        yield here.row(name, verb)
    yield here.row(name, _SAME.format(root=ROOT), says="the same templates")


#: The templates of two Pythons, compared byte by byte.
_SAME: Final = (
    'cp -r cdk.out ours && (cd "{root}" && .venv/bin/cdk synth --quiet -o "$OLDPWD/theirs") && '
    "for file in ours/*.template.json; do cmp -s $file theirs/${{file#ours/}} || exit 1; done && "
    "echo the same templates"
)


if __name__ == "__main__":
    sys.exit(main())
