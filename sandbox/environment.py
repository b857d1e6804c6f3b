"""The environment of everything in the sandbox: built from nothing, so that nothing of the shell leaks in.

Overriding single variables is not enough: a profile, an endpoint for one service, a proxy or the switch
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS would each send a call to the real AWS.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import boto3

from sandbox.place import ROOT, Place

# Not one of them can redirect traffic.
_FROM_THE_SHELL: Final = ("HOME", "LANG", "LC_ALL", "TERM", "COLUMNS", "NO_COLOR", "TMPDIR", "USER")

# The emulator takes the key id for the caller and checks no signature, so any secret will do.
ANY_SECRET: Final = "sandbox"  # noqa: S105


def environment(place: Place, account: str, region: str, shell: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The whole environment of a client of the sandbox.

    :param account: 12 digits; they are also the access key, which makes the client that account's root.
    """
    kept = {name: shell[name] for name in _FROM_THE_SHELL if name in shell}
    path = os.pathsep.join([str(ROOT / ".venv" / "bin"), *(p for p in ("/usr/local/bin", "/usr/bin", "/bin"))])
    return {**kept, "PATH": path, **aws_environment(place, account, region)}


def enter(wanted: Mapping[str, str]) -> None:
    """Make `wanted` the whole environment of this process: boto3 reads profiles and proxies from it."""
    os.environ.clear()
    os.environ.update(wanted)
    boto3.setup_default_session()  # the one before keeps the credentials of another account


def aws_environment(place: Place, account: str, region: str) -> dict[str, str]:
    """What points an AWS client at the sandbox and keeps it there."""
    return {
        "AWS_ENDPOINT_URL": place.endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": ANY_SECRET,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CA_BUNDLE": str(place.authority),
        "NODE_EXTRA_CA_CERTS": str(place.authority),
        "CDK_HOME": str(place.folder / "cdk-home"),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
    }


def write_environment_file(place: Place, account: str, region: str) -> None:
    """A file for `. FILE` in a POSIX shell: first everything that could lead elsewhere is unset."""
    write_shell_file(place.environment_file, aws_environment(place, account, region), "Written by `make sandbox`")


def write_shell_file(file: Path, wanted: Mapping[str, str], about: str) -> None:
    """The same with other variables; `about` is a sentence for whoever opens the file."""
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in wanted.items())
    file.write_text(
        f"# Points this shell at the sandbox and at nothing else. {about}; use it as: . FILE\n"
        "for _name in $(env | sed -n 's/^\\(AWS_[A-Za-z0-9_]*\\)=.*/\\1/p'); do unset \"$_name\"; done\n"
        "unset _name HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy\n"
        f"{exports}\n"
        f'export PATH={shlex.quote(str(ROOT / ".venv" / "bin"))}:"$PATH"\n'
    )
