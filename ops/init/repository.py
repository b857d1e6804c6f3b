"""The files of a company's own repository, and how they come into a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.init.pin import Pin
from registry import naming
from registry.errors import ExitCode, InvalidRegistry, RegistryError
from registry.findings import listed
from registry.load import check_sources
from registry.reading.include import read_files
from registry.reading.yaml_reader import parse

FILES: Final = Path(__file__).with_name("files")
#: What a template's name ends with: as it is called in the end, git, pre-commit or an editor would take it for theirs.
_SUFFIX: Final = ".template"
_PLACE: Final = re.compile(r"<<([a-z]+)>>")
_SCHEMA: Final = re.compile(r"^(# *yaml-language-server: *\$schema=).*$", re.MULTILINE)


class Occupied(RegistryError):
    """A file would be overwritten."""

    exit_code = ExitCode.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What is written into the files: whose registry it is, and how its repository is called on GitHub.

    `github` is ORGANIZATION/REPOSITORY, `owner` whoever approves changes, `@…`.
    """

    name: str
    account: str
    region: str
    github: str
    owner: str
    branch: str
    environment: str


def files_of(company: Company, pin: Pin, adopted: Mapping[str, str] | None = None) -> dict[str, str]:
    """Every file of the repository by its path, with `/`.

    :param adopted: registry.yaml and the team files, where they exist already.
    :raises InvalidRegistry: where the registry would have errors.
    """
    words = {
        **{key: getattr(company, key) for key in Company.__slots__},
        **{key: getattr(pin, key) for key in Pin.__slots__},
        "organization": company.github.partition("/")[0],
        "partition": naming.partition(company.region),
        "role": naming.role_arn(company.account, company.region, "/", naming.deployer_role_name(company.name)),
    }
    found = {}
    for file in sorted(FILES.rglob(f"*{_SUFFIX}")):
        text = file.read_text(encoding="utf-8")
        name = file.relative_to(FILES).as_posix().removesuffix(_SUFFIX)
        found[name] = _PLACE.sub(lambda place: words[place[1]], text)
    if adopted is None:
        if (errors := check_sources(parse(found["registry.yaml"].encode(), "registry.yaml")).errors) != ():
            raise InvalidRegistry(errors)
        return found
    return found | dict(adopted)


def adopted_files(path: Path) -> dict[str, str]:
    """A registry file that exists, as `registry.yaml`, and the team files it includes; editors find their schemas.

    :raises InvalidRegistry: where it has errors.
    :raises UnreadableFile: where it cannot be read.
    """
    sources = read_files(path)
    if errors := check_sources(sources).errors:
        raise InvalidRegistry(errors)
    folder = path.resolve().parent
    found = {"registry.yaml": _with_schema(path.read_text(encoding="utf-8-sig"), ".ecr-as-code/registry.schema.json")}
    beside = str(path).rpartition("/")[0]
    for name in sources.teams:
        inside = name.removeprefix(f"{beside}/") if beside else name
        up = "../" * inside.count("/")
        text = (folder / inside).read_text(encoding="utf-8-sig")
        found[inside] = _with_schema(text, f"{up}.ecr-as-code/team.schema.json")
    return found


def _with_schema(text: str, schema: str) -> str:
    line = f"# yaml-language-server: $schema={schema}"
    return _SCHEMA.sub(lambda _: line, text, count=1) if _SCHEMA.search(text) else f"{line}\n{text}"


def write(files: Mapping[str, str], folder: Path, *, force: bool = False, otherwise: str = "") -> None:
    """Write the files into a folder, which is made where it is not there.

    :param force: write over files that are there; never through a symbolic link, which may lead anywhere.
    :param otherwise: one more way out, where a command has one.
    :raises Occupied: where one of them is there already; then nothing is written.
    """
    taken = [name for name in files if _is_linked(folder, name) or (not force and (folder / name).exists())]
    if taken:
        raise Occupied(
            f"{folder} has these files already: {listed(taken)}\n"
            "    allowed: a folder without them; nothing is overwritten\n"
            f"    way out: choose another folder, or move them away{otherwise}"
        )
    try:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise Occupied(f"{folder} cannot be written: {problem}\n    way out: choose another folder") from problem


def _is_linked(folder: Path, name: str) -> bool:
    """Whether a file, or a folder of it within the one that was named, is a link."""
    file = folder / name
    return any(each.is_symlink() for each in (file, *file.parents[: len(Path(name).parts) - 1]))
