"""`ecrctl rewrite`."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.options import DEFAULT_FILE, RegistryFile
from ops.program import Panel, app
from ops.terminal import say
from registry.errors import ExitCode, InvalidRegistry, RegistryError

if TYPE_CHECKING:
    from registry.reading.document import Document


@app.command("rewrite", rich_help_panel=Panel.FILE)
def rewrite(
    file: RegistryFile = DEFAULT_FILE,
    check: Annotated[bool, typer.Option("--check", help="Only say what would be rewritten.")] = False,
) -> None:
    """Rename keys of an earlier version in the registry file and its team files; everything else stays as it is.

    Comments, quotes and order are kept. It writes only files whose meaning stays the same. Needs no AWS account and no
    network.

    Exits 0 when no such key is left, 1 with --check when there is one.
    """
    from registry.load import check_sources
    from registry.reading import yaml_reader
    from registry.reading.deprecated import read_old_keys, rewritten
    from registry.reading.file_text import content_of, decoded
    from registry.reading.include import read_files
    from registry.reading.sources import Sources
    from registry.shape import FileShape, TeamShape

    sources = read_files(file)
    keys = {file: read_old_keys(sources.root, FileShape)}
    keys |= {Path(name): read_old_keys(document, TeamShape) for name, document in sources.teams.items()}
    keys = {path: found for path, found in keys.items() if found}
    before = check_sources(sources)
    if before.registry is None:
        raise InvalidRegistry(before.errors)
    for key in sorted(each for found in keys.values() for each in found):
        say(f"{key.position}: {key.old} -> {key.new}")
    if not keys:
        say(f"{file}: every key has its name of today")
    if check or not keys:
        raise typer.Exit(ExitCode.NO if keys else ExitCode.FINE)
    content = {path: content_of(path) for path in keys}
    texts = {path: rewritten(decoded(content[path]), found) for path, found in keys.items()}

    def read(path: Path, document: Document) -> Document:
        return yaml_reader.parse(texts[path].encode(), document.name) if path in texts else document

    after = Sources(
        read(file, sources.root), {name: read(Path(name), document) for name, document in sources.teams.items()}
    )
    if check_sources(after).registry != before.registry:
        raise RegistryError(
            f"{file} would mean something else; nothing is written\n    way out: rename the keys by hand"
        )
    for path, text in texts.items():
        path.write_bytes((codecs.BOM_UTF8 if content[path].startswith(codecs.BOM_UTF8) else b"") + text.encode())
