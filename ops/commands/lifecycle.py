"""The commands of `ecrctl lifecycle`. Each imports what it needs when it runs, as those of ops/cli.py do."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.commands.options import DEFAULT_FILE, Json, RegistryFile
from ops.commands.output import print_json, print_rows, say, warn
from registry.errors import ExitCode

app = typer.Typer(
    no_args_is_help=True,
    help="Lifecycle policies: what ECR accepts, and what they will delete.",
    rich_markup_mode="markdown",
)

Repositories = Annotated[
    list[str] | None, typer.Argument(metavar="REPOSITORY", help="Names of the file.", show_default=False)
]
Regions = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="REGION", help="Only there; may be repeated.", show_default=False),
]
Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="POLICY.json", help="This policy text, and not the declared ones.", show_default=False
    ),
]


@app.command("check")
def check(
    policy: Annotated[Path, typer.Argument(metavar="POLICY.json", help="ECR's own lifecycle policy text.")],
    as_json: Json = False,
) -> None:
    """Check a lifecycle policy against every rule of ECR's, and against what people regret.

    POLICY.json is what `aws ecr put-lifecycle-policy` takes as lifecycle-policy-text. Exits 0 when ECR would
    take it, 1 when an error was found, 2 when the file cannot be read. Needs no AWS account and no network.
    """
    from ops.commands.findings_output import exit_code, print_findings, report
    from registry.lifecycle.check import check_policy

    findings = check_policy(policy)
    if as_json:
        print_json(report(str(policy), findings))
    else:
        print_findings(str(policy), findings, "ECR accepts this policy")
    raise typer.Exit(exit_code(findings))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no time; write ISO 8601, such as 2026-11-23T12:00:00+00:00") from None
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text} has no zone; write {found.isoformat()}+00:00, or your own")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(f"{text} is no time that is reckoned with; write one of this century") from None


@app.command("simulate")
def simulate(
    policy: Annotated[Path, typer.Option("--policy", metavar="POLICY.json", help="ECR's own lifecycle policy text.")],
    images: Annotated[
        Path, typer.Option("--images", metavar="IMAGES.json", help="The output of `aws ecr describe-images`.")
    ],
    manifests: Annotated[
        Path | None,
        typer.Option(
            "--manifests",
            metavar="FILE",
            help="The output of `aws ecr batch-get-image` for manifest lists.",
            show_default=False,
        ),
    ] = None,
    now: Annotated[
        datetime | None,
        typer.Option(
            "--now", metavar="TIME", parser=_moment, help="The time of the run (default: now).", show_default=False
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what a lifecycle policy does to a list of images.

    Take the images with `aws ecr describe-images --repository-name NAME --filter imageStatus=ANY`: without the
    filter, archived images are left out. The JSON has the shape of `aws ecr get-lifecycle-policy-preview`; what
    goes in later runs, because other images went, stands beside it. Exits 0, or 2 where a file holds something
    that cannot be read. Needs no AWS account and no network.
    """
    from registry.lifecycle import algorithm, indexes, inventory, preview_json
    from registry.lifecycle import policy as policies
    from registry.reading.file_text import content_of

    text = policies.text_of(policy)
    rules = policies.rules_of(text, str(policy))
    with inventory.without_collector():
        found = inventory.read(content_of(images), str(images))
        known = indexes.read(content_of(manifests), str(manifests)) if manifests else indexes.Manifests()
        outcome = algorithm.simulate(rules, found.images, known, (now or datetime.now(UTC)).timestamp())
        said = preview_json.answer(outcome, policy=text, repository=found.repository)
        if as_json:
            sys.stdout.writelines(preview_json.pieces(said))
            say()
        else:
            from ops.commands.lifecycle_output import print_answer

            print_answer(said, found.repository or str(images))


@app.command("preview")
def preview(
    repositories: Repositories = None,
    all_: Annotated[bool, typer.Option("--all", help="Every repository of the file.")] = False,
    policy: Policy = None,
    compare: Annotated[bool, typer.Option("--compare", help="Simulate too, and show the differences.")] = False,
    simulate_: Annotated[bool, typer.Option("--simulate", help="Simulate, and do not ask for AWS's preview.")] = False,
    region: Regions = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Show what the declared lifecycle policies, or another one, would do now.

    It is AWS's own preview, which changes nothing; where the service has none (a local one), the simulation.
    Exits 0, or 1 where AWS and the simulation differ.
    """
    import time

    from ops.aws import cloud
    from ops.aws.parallel import each
    from ops.commands import lifecycle_output
    from ops.lifecycle.preview import preview as previewed
    from ops.lifecycle.targets import of_account, targets
    from registry.load import load

    if bool(repositories) == all_:
        raise typer.BadParameter("name repositories, or say --all")
    registry, _ = load(file)
    wanted = targets(registry, repositories or (), region or (), _policy(policy))
    with cloud.speaking_for_aws():
        wanted = of_account(wanted, cloud.own_account(registry))
        clients = {target.region: cloud.ecr(target.region) for target in wanted}
        now = time.time()
        found = each(
            wanted,
            lambda it: previewed(clients[it.region], it, simulate=simulate_, compare=compare, now=now),
            "previewing",
        )
    if as_json:
        said = [lifecycle_output.preview_json(it, compare) for it in found]
        print_json(said[0] if len(said) == 1 else said)
    elif found:
        lifecycle_output.print_previews(found)
    else:
        say("nothing expires there: no lifecycle policy is declared")
    if not simulate_ and any(it.simulation and not it.aws for it in found):
        warn("note: this service has no preview of lifecycle policies; it was simulated")
    raise typer.Exit(ExitCode.NO if any(it.differences for it in found) else ExitCode.FINE)


@app.command("guard")
def guard(
    repositories: Repositories = None,
    policy: Policy = None,
    running: Annotated[
        list[Path] | None,
        typer.Option(
            "--running",
            metavar="FILE",
            help="A text that names images that run, such as what kubectl prints; may be repeated.",
            show_default=False,
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="ecs|lambda|inspector",
            help="Do not ask this service; may be repeated.",
            show_default=False,
        ),
    ] = None,
    pulled_days: Annotated[
        int, typer.Option("--pulled-days", min=0, help="Warn of images pulled or used in so many days; 0 for none.")
    ] = 7,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept",
            metavar="REASON",
            help="Let images go that run, for this reason, which is printed with them.",
            show_default=False,
        ),
    ] = None,
    region: Regions = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Fail where a deploy would newly take away an image that runs.

    What the policies of the file would expire or archive is compared with ECS services, tasks and task
    definitions, with Lambda functions, with texts that name images, and with what ECR and Amazon Inspector saw.
    What the policies that are live take already is a warning: this deploy changes nothing about it.
    `make deploy` runs it; options go through `make deploy GUARD='--accept "REASON"'`. Exits 0 when nothing that runs
    would newly go, or the reason to let it go was given; 1 when something would; 3 when AWS cannot be asked.
    """
    from ops.commands import lifecycle_output
    from ops.lifecycle.guard import SOURCES
    from ops.lifecycle.guard import guard as guarded
    from ops.lifecycle.targets import targets
    from registry.load import load

    for name in without or ():
        if name not in SOURCES:
            raise typer.BadParameter(f"--without {name}: there are {', '.join(SOURCES)}")
    if accept is not None and not accept.strip():
        raise typer.BadParameter("--accept wants a reason, such as --accept 'stopped on Monday, OPS-17'")
    registry, _ = load(file)
    found = guarded(
        registry,
        targets(registry, repositories or (), region or (), _policy(policy)),
        sources=[source for source in SOURCES if source not in (without or ())],
        files=running or (),
        pulled_days=pulled_days,
    )
    if as_json:
        print_json(lifecycle_output.guarded_json(found, accept))
    else:
        lifecycle_output.print_guarded(found, accept)
    raise typer.Exit(ExitCode.NO if found.stopping and accept is None else ExitCode.FINE)


@app.command("running")
def running_(
    region: Annotated[list[str], typer.Option("--region", metavar="REGION", help="Where to look; may be repeated.")],
) -> None:
    """List the images that run on ECS and Lambda here, each with where.

    For a registry whose images run in other accounts: run it there, and give what it prints to
    `ecrctl lifecycle guard --running FILE`.
    """
    from ops.aws import cloud
    from ops.lifecycle.running import SOURCES, running

    with cloud.speaking_for_aws():
        for name in region:
            for source in SOURCES:
                print_rows([(each, each.where) for each in running(cloud.client(source, name), name) or ()])


def _policy(path: Path | None) -> tuple[str, str] | None:
    if path is None:
        return None
    from registry.lifecycle.policy import text_of

    return text_of(path), str(path)
