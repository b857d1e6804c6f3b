"""`ecrctl login`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, say, warn


@app.command("login", rich_help_panel=Panel.IMAGES)
def login(
    tool: Annotated[
        Literal["docker", "podman", "skopeo", "helm"] | None,
        typer.Option("--with", help="Which tool; default: the first that is installed.", show_default=False),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region", metavar="REGION", help="This replica; may be repeated. Default: the home.", show_default=False
        ),
    ] = None,
    print_: Annotated[bool, typer.Option("--print", help="Print the password, for another tool; the user is AWS.")] = (
        False
    ),
    helper: Annotated[
        bool, typer.Option("--helper", help="Store no password: have docker ask for one each time.")
    ] = False,
    public: Annotated[bool, typer.Option("--public", help="Log in to ECR Public, to push there.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Log docker, podman, skopeo or helm in to the registry.

    The password ends after 12 hours, or with the credentials it comes from. With --helper nothing is stored and nothing
    ends: the host gets an entry in credHelpers of Docker's config.json, and docker-credential-ecrctl asks AWS. With
    --json the password is printed with its host, its user and its end. With --public it is that of public.ecr.aws,
    where everybody may pull without one.
    """
    from dataclasses import asdict

    from ops.images import ImageRegistry, clients
    from ops.images.logins import public_login
    from ops.images.places import location
    from ops.registry_file import load
    from registry.naming import registry_host

    if (print_ or as_json) and (helper or tool or len(region or ()) > 1):
        raise typer.BadParameter("--print and --json are for one registry, without --with and --helper")
    if helper and tool:
        raise typer.BadParameter("--helper sets up every tool that reads Docker's config.json; leave out --with")
    if public and (helper or region):
        raise typer.BadParameter("--public goes with --with, --print and --json: ECR Public is one registry")
    registry, _ = load(file)
    places = [location(registry, each) for each in region] if region else [registry.home]
    if helper:
        hosts = [registry_host(at.account, at.region) for at in places]
        config = clients.docker_config()
        added = clients.add_helper(config, hosts)
        for host in hosts:
            say(f"{config}: {host} {'asks' if host in added else 'already asks'} docker-credential-ecrctl")
        _warn_without_helper()
        return
    named = None if print_ or as_json else clients.tool_named(tool)
    for at in places:
        found = public_login() if public else ImageRegistry(at.region, account=at.account).login()
        if as_json:
            print_json(asdict(found))
        elif named is None:
            say(found.password)
        else:
            clients.log_in(named, found)
            say(f"{named} is logged in to {found.host} until {found.expires.isoformat(timespec='minutes')}")


def _warn_without_helper() -> None:
    import shutil
    from pathlib import Path

    name = "docker-credential-ecrctl"
    if shutil.which(name) is None:
        here = Path(__file__).resolve().parents[2] / ".venv" / "bin" / name
        warn(f"docker looks for {name} on PATH, where it is not\n    way out: link it, for example from {here}")
