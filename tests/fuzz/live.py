"""Random registries in the local AWS: deployed, read back, adopted; and from one to the next and back."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from registry.load import check, check_sources
from registry.model import Registry
from registry.plan.change import Risk
from registry.plan.run import plan
from registry.plan.sides import Side, Sides, side_of
from registry.plan.unexplained import unexplained
from registry.reading.include import read_files
from sandbox.environment import environment
from sandbox.existing import make_existing
from tests import forks
from tests.documents import registries, sources
from tests.fuzz.drawn import Files, Outcome, accounts, examples, written
from tests.registry.plan.neighbours import neighbours
from tests.sandbox.conftest import Sandbox
from tests.sandbox.put import as_the_cli_does, put_assembly

Finished = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class State:
    """A registry file, and what the app makes of it."""

    file: Path
    registry: Registry
    side: Side
    app: Path
    assembly: Any


class Live:
    """Deploys files and asks ecrctl, as root of each account of a file."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.moved = accounts()

    def state(self, files: Files) -> State:
        """The files written down, and synthesized."""
        here = Path(tempfile.mkdtemp(dir=self.folder))
        file = written(files, here)
        outcome = check(file)
        assert outcome.registry is not None, "\n".join(map(str, outcome.findings))
        side = side_of(outcome, read_files(file))
        assert side is not None
        return State(file, outcome.registry, side, here / "app", as_the_cli_does(file, here / "app"))

    def deploy(self, state: State) -> str:
        """Put its stacks, and the settings that no template has; why that was refused, if it was."""
        with contextlib.redirect_stdout(io.StringIO()):
            make_existing(self.sandbox.place, state.registry)
        self.sandbox.bootstrap(state.registry, *state.registry.stack_locations)
        try:
            put_assembly(self.sandbox.place, state.file, state.assembly)
        except (AssertionError, ClientError) as problem:
            return " | ".join(filter(None, str(problem).splitlines()))[:600] or "refused"
        return "; ".join(_last(it) for it in self.ask(state, "settings", "--yes") if it.returncode)

    def ask(self, state: State, *words: str, app: bool = False) -> list[Finished]:
        """A command of ecrctl in every account of the file."""
        here = ("--registry", str(state.file), *(("--app", str(state.app)) if app else ()))
        registry = state.registry
        return [
            forks.ecrctl(*words, *here, environment=environment(self.sandbox.place, account, registry.region))
            for account in registry.deployed_accounts
        ]

    def drifts(self, state: State) -> str:
        """What drift says of a registry that has just been deployed."""
        return "; ".join(_last(it) for it in self.ask(state, "drift") if it.returncode)

    def adopts(self, state: State) -> tuple[str, str]:
        """Whether it could be adopted, and what of the adopted file is not what is there."""
        registry, folder = state.registry, state.file.parent
        config = folder / "config"
        others = [it for it in registry.deployed_accounts if it != registry.account]
        config.write_text(
            "".join(f"[profile p{it}]\naws_access_key_id = {it}\naws_secret_access_key = any\n" for it in others)
        )
        reached = {it.location.account for it in registry.replicas if registry.repositories_in(it.location)}
        profiles = [word for it in others if it in reached for word in ("--profile", f"{it}=p{it}")]
        shell = environment(self.sandbox.place, registry.account, registry.region) | {"AWS_CONFIG_FILE": str(config)}
        words = ("adopt", "acme", "--region", registry.region, *profiles, "--json", "--write", str(folder / "adopted"))
        finished = forks.ecrctl(*words, environment=shell)
        if "has no repository in" in finished.stderr:
            return "nothing to adopt", ""
        if finished.returncode not in (0, 1) or "Traceback" in finished.stderr:
            return "not adopted", _last(finished)
        said = json.loads(finished.stdout)
        outcome = check(folder / "adopted" / "registry.yaml")
        if outcome.registry is None:
            return "adopted", "the adopted file is refused: " + "; ".join(map(str, outcome.errors))
        home = (registry.account, registry.region)
        if rows := [row for row in said["differences"] if (row["account"], row["region"]) == home]:
            return "adopted", f"the adopted file differs at home: {rows}"
        if said["differences"]:
            return "adopted, and how a replica differs is named", ""  # docs/adopting.md: a thing is said once
        return "adopted whole" if finished.returncode == 0 else "adopted, and what a file cannot say is named", ""


def deployed(live: Live, number: int, seed: int) -> Iterator[Outcome]:
    """Registries deployed, read back and adopted."""
    for files in accepted(examples(registries(), number, seed)):
        yield from read_back(live, files)


def read_back(live: Live, files: Files) -> Iterator[Outcome]:
    """One registry."""
    state = live.state(live.moved(files))
    told = f": {json.dumps(files)}"
    if why := live.deploy(state):
        yield Outcome("deployed", "refused", why + told)
        return
    said = live.drifts(state)
    yield Outcome("deployed", "read back", said and said + told)
    kind, wrong = live.adopts(state)
    yield Outcome("adopted", kind, wrong and wrong + told)


def pairs(live: Live, number: int, seed: int) -> Iterator[Outcome]:
    """From a registry to another one, and back: half of them are almost the same."""
    for both in examples(neighbours() | st.tuples(registries(), registries()), number, seed):
        if len(kept := list(accepted(list(both)))) == 2:
            yield from there_and_back(live, (kept[0], kept[1]))


def there_and_back(live: Live, both: tuple[Files, Files]) -> Iterator[Outcome]:
    """Whatever is refused on the way must have been said before."""
    told = f": {json.dumps(both)}"
    old, new = (live.state(it) for it in live.moved(both))  # type: ignore[arg-type]
    if why := live.deploy(old):
        yield Outcome("pairs", "refused at first", why + told)
        return
    for begin, end in ((old, new), (new, old)):
        said = stopped(live, begin, end)
        if said:
            live.ask(end, "import", "--all", "--yes", app=True)  # the way out for what exists
        if why := live.deploy(end):
            yield Outcome("pairs", "refused, and said before" if said else "refused", "" if said else why + told)
            return
        live.ask(end, "retire", "--yes", app=True)
        drift = live.drifts(end)
        kind = "deployed, though it was said that it would be refused" if said else "deployed"
        yield Outcome("pairs", kind, drift + told if drift and not said else "")


def stopped(live: Live, old: State, new: State) -> list[str]:
    """What says that the deploy will not come through, of the plan and of what runs before a deploy."""
    before, after = (
        {(_at(stack), stack.stack_name): stack.template for stack in it.assembly.stacks} for it in (old, new)
    )
    sides = Sides(old.side, new.side)
    changes = plan(sides)
    said = [it.kind.id for it in (*changes, *unexplained(changes, before, after)) if it.risk is Risk.BREAKS]
    said += [it.stdout for it in live.ask(new, "replacements", app=True) if it.returncode]
    return said + [it.stdout for it in live.ask(new, "drift", "--before-deploy") if it.returncode]


def _at(stack: Any) -> Any:
    from registry.locations import Location

    return Location(stack.environment.account, stack.environment.region)


def accepted(drawn: list[Files]) -> Iterator[Files]:
    """Those that are no error, without what cannot be deployed here."""
    for files in drawn:
        if check_sources(sources(*(kept := _deployable(files)))).registry is not None:
            yield kept


def _deployable(files: Files) -> Files:
    """Without what the local AWS does not have: pipelines, metric math, filters of Amazon Inspector."""
    root, teams = files
    kept = {key: value for key, value in root.items() if key not in ("pipelines", "accepted_findings")}
    for key, left_out in (("monitoring", "alarms"), ("scanning", "suppression_filters")):
        if key in kept:
            kept[key] = {name: value for name, value in kept[key].items() if name != left_out}
    return kept, teams


def _last(finished: Finished) -> str:
    return " | ".join((finished.stdout + finished.stderr).strip().splitlines()[-8:])[-900:]


__all__ = ["Live", "deployed", "pairs", "read_back", "there_and_back"]
