"""`python -m benchmarks.sizes`: what each habit of a Dockerfile costs, in bytes as ECR stores them.

The service of examples/app, with boto3 as its dependency and pytest as that of its tests, in the versions of
requirements.txt and requirements-dev.txt: layers with the files that each Dockerfile leaves in them, compressed as
docker does. The base image is the same for all and is left out. The figures are in docs/image-size.md, which
tests/sandbox/test_image_size.py compares with what is measured.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from sandbox.context import read_context
from sandbox.layers import File, Image, image

_ROOT: Final = Path(__file__).parent.parent
_PACKAGES: Final = "usr/local/lib/python3.13/site-packages"
#: Everything that pip installs with them; none has compiled code, so they are the same on every machine.
_RUNTIME: Final = ("boto3", "botocore", "jmespath", "s3transfer", "python-dateutil", "six", "urllib3")
_OF_TESTS: Final = ("pytest", "pluggy", "iniconfig", "packaging", "pygments", "hypothesis", "sortedcontainers")
#: What pip writes about the place where it installs.
_OF_THE_PLACE: Final = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}

Files = dict[str, File]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A Dockerfile: what is better in it than in the one before, and its layers, each by the step that makes it.

    `from_code` is the first layer that a changed line of code makes anew, and with it all above it:
    https://docs.docker.com/build/cache/
    """

    better: str
    steps: Mapping[str, Files]
    from_code: int = 0


def habits() -> list[Habit]:
    """From a Dockerfile as many begin to that of examples/app, one habit at a time."""
    context = _of_the_context(["**/__pycache__"])
    service = _of_the_context((_ROOT / "examples" / "app" / ".dockerignore").read_text().splitlines(), only="service/")
    runtime, of_tests = _installed(_RUNTIME), _installed(_OF_TESTS)
    everything = {**runtime, **of_tests}
    removed = _whiteouts({"app/tests", *(f"{_PACKAGES}/{name}" for name in _tops(of_tests))})
    copy, install = "COPY . .", "RUN pip install -r requirements-dev.txt"
    chown, remove = "RUN chown -R 65532 /app /usr/local", "RUN rm -rf tests && pip uninstall -r requirements-dev.txt"
    return [
        Habit(
            better="as many begin",
            steps={copy: context, install: everything, chown: {**context, **everything}, remove: removed},
        ),
        Habit(better="no `chown` of what is there", steps={copy: context, install: everything, remove: removed}),
        Habit(better="a second stage, with what runs alone", steps={copy: context, "COPY --from=build": runtime}),
        Habit(better="`.dockerignore`", steps={"COPY service": service, "COPY --from=build": runtime}),
        Habit(
            better="dependencies before code",
            steps={"COPY --from=build": runtime, "COPY service": service},
            from_code=1,
        ),
    ]


def built(habit: Habit) -> Image:
    """The image that a Dockerfile makes, without its base."""
    return image(list(habit.steps.values()), {"Entrypoint": ["python", "-m", "service"]}, compressed=True)


def table(found: Sequence[Habit]) -> list[list[str]]:
    """By habit: the layers, their size together, and what the next build sends, all in MB as ECR counts them."""
    rows = []
    for habit in found:
        sizes = [len(layer) for layer in built(habit).layers]
        rows.append([habit.better, str(len(sizes)), _megabytes(sum(sizes)), _megabytes(sum(sizes[habit.from_code :]))])
    return rows


def steps_table(habit: Habit) -> list[list[str]]:
    """By layer of one image: the step that makes it, and its size in MB."""
    return [[step, _megabytes(len(it))] for step, it in zip(habit.steps, built(habit).layers, strict=True)]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.3f}"


def _of_the_context(patterns: Sequence[str], only: str = "") -> Files:
    found = read_context(_ROOT / "examples" / "app", patterns)
    return {f"app/{name}": file for name, file in found.items() if name.startswith(only)}


def _installed(packages: Sequence[str]) -> Files:
    """The files of packages as a wheel has them, without what Python compiles on the machine."""
    return {
        f"{_PACKAGES}/{file}": File(content=Path(str(file.locate())).read_bytes())
        for package in packages
        for file in distribution(package).files or ()
        if file.suffix != ".pyc" and ".." not in file.parts and file.name not in _OF_THE_PLACE
    }


def _tops(files: Files) -> set[str]:
    return {name.removeprefix(f"{_PACKAGES}/").partition("/")[0] for name in files}


def _whiteouts(paths: set[str]) -> Files:
    """A file is removed by an empty one: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts"""
    return {"/.wh.".join(path.rsplit("/", 1)): File(content=b"") for path in paths}


def main() -> int:
    """Measure, and print both tables."""
    found = habits()
    for heading, rows in (
        (["each with what the ones above have", "layers", "MB", "the next build sends MB"], table(found)),
        (["layer before", "MB"], steps_table(found[0])),
        (["layer after", "MB"], steps_table(found[-1])),
    ):
        print("\n" + "\n".join(f"| {' | '.join(row)} |" for row in (heading, ["---"] * len(heading), *rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
