"""How the tools that push and pull get a password: told it, or set up to ask for it each time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from ops.images import whole_file
from ops.images.kinds import Login
from registry.errors import ExitCode, RegistryError

#: By tool the words with which it logs in; all take the name and the password in one way.
TOOLS: Final = {
    "docker": ("login",),
    "podman": ("login",),
    "skopeo": ("login",),
    "helm": ("registry", "login"),
}
HELPER: Final = "ecrctl"  # docker puts docker-credential- before it


class NoTool(RegistryError):
    """A tool is not installed."""

    exit_code = ExitCode.INVALID


class ToolFailed(RegistryError):
    """A tool did not take the password."""

    exit_code = ExitCode.UNKNOWN


class UnusableConfig(RegistryError):
    """Docker's config.json is nothing that an entry can be added to."""

    exit_code = ExitCode.INVALID


def tool_named(name: str | None) -> str:
    """The tool of a name, or the first that is installed.

    :raises NoTool: where it is not on PATH.
    """
    names = [name] if name else list(TOOLS)
    for each in names:
        if shutil.which(each):
            return each
    raise NoTool(
        f"{' or '.join(names)} is not on PATH\n"
        "    way out: install it, or give the password of `ecrctl login --print` to another tool; the user is AWS"
    )


def log_in(tool: str, login: Login) -> None:
    """Have a tool store a password for the host. The password goes to its standard input, where no other user sees it.

    :raises ToolFailed: where it refuses; what it says is on standard error.
    """
    words = [tool, *TOOLS[tool], "--username", login.user, "--password-stdin", login.host]
    finished = subprocess.run(words, input=login.password, encoding="utf-8", stdout=subprocess.DEVNULL, check=False)  # noqa: S603
    if finished.returncode:
        raise ToolFailed(
            f"{tool} did not take the password for {login.host} (exit code {finished.returncode})\n"
            f"    way out: see what {tool} says above; `ecrctl login --helper` needs no password in {tool}"
        )


def docker_config() -> Path:
    """Where docker, helm, skopeo and oras look for credential helpers, and podman after its own auth.json.

    https://docs.docker.com/reference/cli/docker/#environment-variables

    :raises UnusableConfig: where the user has no home.
    """
    try:
        return Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    except RuntimeError:  # HOME is not set, and the system does not know the user, as in many containers
        raise UnusableConfig(
            "nobody knows where this user's .docker/config.json is: HOME is not set\n"
            "    way out: set HOME, or name a folder in DOCKER_CONFIG"
        ) from None


def add_helper(config: Path, hosts: list[str]) -> list[str]:
    """Have docker ask `docker-credential-ecrctl` for these hosts; the hosts that were not set up so before.

    Everything else in the file stays.

    :raises UnusableConfig: where the file is no JSON map, or cannot be read or written.
    """
    try:
        text = config.read_text(encoding="utf-8") if config.exists() else "{}"
        settings = json.loads(text)
        helpers = settings.setdefault("credHelpers", {})
        added = [host for host in hosts if helpers.get(host) != HELPER]
        helpers.update(dict.fromkeys(added, HELPER))
    except (ValueError, AttributeError, TypeError):
        raise UnusableConfig(
            f"{config} is no JSON map in which credHelpers could stand\n    way out: correct it, or move it away"
        ) from None
    except OSError as problem:
        raise _no_access(config, problem) from problem
    if added:
        try:
            whole_file.replace(config, json.dumps(settings, indent="\t") + "\n")  # as docker writes it
        except OSError as problem:
            raise _no_access(config, problem) from problem
    return added


def _no_access(config: Path, problem: OSError) -> UnusableConfig:
    return UnusableConfig(
        f"{config} cannot be read or written: {problem.strerror}\n"
        "    way out: make it writable, or name another folder in DOCKER_CONFIG"
    )
