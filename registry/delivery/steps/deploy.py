"""Deploy to Lambda: a new version of the function with the image, and its alias moved to it.

https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
"""

from __future__ import annotations

import time
from collections.abc import Callable

from registry.delivery.steps.ecr import Stopped, call, run, variable

_SECONDS, _TRIES = 5, 120  # ten minutes


def deploy(function: str, alias: str, image: str, sleep: Callable[[float], None] = time.sleep) -> str:
    """What was done, in a sentence. The alias is moved when Lambda has the image, not before.

    :param image: with its digest, so that a later promotion changes nothing here.
    :raises Stopped: where the version does not become active.
    """
    made = call("lambda", "update-function-code", FunctionName=function, ImageUri=image, Publish=True)
    version, state = made["Version"], made.get("State", "Pending")
    for _ in range(_TRIES):
        if state != "Pending":
            break
        sleep(_SECONDS)
        state = call("lambda", "get-function-configuration", FunctionName=function, Qualifier=version)["State"]
    if state not in ("Active", "Inactive"):
        raise Stopped(
            f"version {version} of {function} is {state}; the alias {alias} was not moved\n"
            f"    way out: `aws lambda get-function --function-name {function} --qualifier {version}` says why"
        )
    call("lambda", "update-alias", FunctionName=function, Name=alias, FunctionVersion=version)
    return f"{function}:{alias} is version {version}, {image}"


def main() -> None:
    """What the build's variables say."""
    image = f"{variable('IMAGE')}@{variable('DIGEST')}"
    print(deploy(variable("FUNCTION"), variable("ALIAS"), image))


if __name__ == "__main__":
    run(main)
