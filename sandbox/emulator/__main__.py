"""Check what is installed, patch it, serve."""

import sys

from sandbox.emulator import pin


def main() -> None:
    """Serve until the process is ended; what cannot work ends in one line, before anything listens."""
    if sys.argv[1:]:
        # `--detach` would start a second process, which has none of the patches.
        raise SystemExit("sandbox.emulator takes no arguments: its settings are environment variables")
    problem = pin.problem(pin.installed_version())
    if problem is not None:
        raise SystemExit(problem)
    # Only now: importing the patches imports the inside of ministack, which another version may not have.
    from ministack import app

    from sandbox.emulator import patches

    patches.install()
    # With TLS it would listen on 443 as well, where root may and nobody else has it; one port is what was asked for.
    app._port_is_bindable = lambda host, port: False
    app.main()


if __name__ == "__main__":
    main()
