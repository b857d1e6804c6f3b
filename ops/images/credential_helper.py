"""Docker's credential helper `docker-credential-ecrctl`: a new password for each use, so that nothing is stored.

docker, podman, skopeo, helm and oras start it with an action and speak to it on standard input and output:
https://github.com/docker/docker-credential-helpers. A refusal is a line on standard output and the exit code 1.
"""

from __future__ import annotations

import json
import sys
from typing import TextIO

from ops.terminal import as_json, say
from registry import VERSION
from registry.errors import ExitCode, RegistryError

#: What clients take for "ask somebody else, or nobody": the protocol knows it by these words.
NOT_FOUND = "credentials not found in native keychain"


def main() -> None:
    """Answer one action of a client."""
    actions = sys.argv[1:]
    try:
        answer = answered(actions[0] if len(actions) == 1 else "", sys.stdin)
    except RegistryError as problem:
        say(str(problem))
        sys.exit(ExitCode.NO)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    if answer:
        say(answer)


def answered(action: str, given: TextIO) -> str:
    """What to say to a client.

    :param given: the stream on which the client says the rest; read only where the action has any.
    :raises RegistryError: for what is refused; CloudError where AWS gives no password.
    """
    if action == "get":
        return _get(given.read().strip())
    if action == "store":
        _refuse_other_hosts(given.read())
        return ""
    if action == "erase":
        given.read()
        return ""  # there is nothing to erase
    if action == "list":
        return "{}"
    if action == "version":
        return f"docker-credential-ecrctl {VERSION}"
    raise RegistryError("docker-credential-ecrctl takes one of get, store, erase, list, version; docker starts it")


def _get(server: str) -> str:
    from ops.images.reference import located_host
    from ops.images.registry import ImageRegistry

    at = located_host(server)
    if at is None:
        raise RegistryError(NOT_FOUND)
    login = ImageRegistry(at.region, account=at.account).login()
    return as_json({"ServerURL": server, "Username": login.user, "Secret": login.password})


def _refuse_other_hosts(text: str) -> None:
    """A password of ECR's need not be stored, as each `get` asks for a new one; any other would be lost."""
    from ops.images.reference import located_host

    try:
        server = json.loads(text)["ServerURL"]
    except (ValueError, TypeError, KeyError):
        server = ""
    if not isinstance(server, str) or located_host(server) is None:
        raise RegistryError(
            "docker-credential-ecrctl stores no passwords, and knows registries of Amazon ECR alone; "
            "name it in credHelpers of Docker's config.json for these, not in credsStore"
        )
