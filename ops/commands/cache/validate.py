"""`ecrctl cache validate`."""

from __future__ import annotations

import typer

from ops.commands.cache import cache
from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.terminal import print_json, print_table, say, warn
from registry.errors import ExitCode


@cache.command("validate")
def validate(file: RegistryFile = DEFAULT_FILE, as_json: Json = False) -> None:
    """Ask ECR whether each pull-through cache rule works: it reads the secret, and logs in upstream.

    After the first deploy, and after each new credential. Looks at the locations of the credentials' account. For what
    does not work it prints what to do; of a secret, how to store a credential in it.

    Exits 0 if every rule works, 1 otherwise.
    """
    from ops import caching
    from ops.registry_file import load

    registry, _ = load(file)
    found = caching.validated(registry)
    if as_json:
        print_json([it.as_dict(registry.home) for it in found])
    elif found:
        print_table(caching.COLUMNS, [it.row(registry.home) for it in found])
    else:
        say(f"{file}: declares no pull-through cache rule for these credentials' account")
    for it in found:
        if it.way_out:
            warn(f"{it.prefix} in {it.at.beside(registry.home)}: {it.reason}\n    way out: {it.way_out}")
    raise typer.Exit(ExitCode.NO if any(it.works is False for it in found) else ExitCode.FINE)
