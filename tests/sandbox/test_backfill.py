"""A replica that was added later, filled with what was pushed before; and account settings, applied once."""

from __future__ import annotations

import json

from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario


def test_images_pushed_before_a_replica_was_added_are_sent_there(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000121"
    registry, file = scenario(account, "repositories: {web/api: , data/x: }")
    sandbox.put(file)
    pushed = {tag: sandbox.push(registry, "web/api", tag, f"image {tag}") for tag in ("v1", "v2", "v3")}
    sandbox.push(registry, "data/x", "v1", "of a namespace that is not replicated")

    registry, file = scenario(
        account, f"replicas: {{{REPLICA}: {{namespaces: [web]}}}}\nrepositories: {{web/api: , data/x: }}"
    )
    options = ("backfill", "--registry", str(file), "--yes")
    too_early = sandbox.ecrctl(registry, *options)
    assert too_early.returncode == 1
    assert "nothing is replicated to us-west-2 yet" in too_early.stderr

    sandbox.put(file)
    assert sandbox.tags(registry, "web/api", REPLICA) == {}
    filled = sandbox.ecrctl(registry, *options)
    assert filled.returncode == 0, filled.stdout + filled.stderr
    assert "to us-west-2: COMPLETE, 3 of 3 replicated, 0 failed" in filled.stdout
    assert sandbox.tags(registry, "web/api", REPLICA) == pushed
    history = sandbox.ecrctl(registry, "backfill", "--registry", str(file), "--list", "--json")
    (row,) = json.loads(history.stdout)
    assert (row["status"], row["destination"]) == ("COMPLETE", {"region": REPLICA, "registryId": account})


def test_an_image_that_an_account_does_not_let_in_is_named(sandbox: Sandbox, scenario: Scenario) -> None:
    account, other = "210000000122", "210000000124"
    registry, file = scenario(account, f"replicas: {{{other}/{REPLICA}: }}\nrepositories: {{web/api: }}")
    # The other account is not deployed to, so nothing there lets this one replicate.
    sandbox.put(file, only=[account])
    digest = sandbox.push(registry, "web/api", "v1", "not let in")
    filled = sandbox.ecrctl(registry, "backfill", "--registry", str(file), "--yes")
    assert filled.returncode == 1, filled.stdout + filled.stderr
    assert f"to {other}/{REPLICA}: COMPLETE, 0 of 1 replicated, 1 failed" in filled.stdout
    assert f"    web/api:v1 {digest}: " in filled.stdout


def test_account_settings_are_shown_applied_and_then_as_declared(sandbox: Sandbox, scenario: Scenario) -> None:
    account = "210000000123"
    registry, file = scenario(
        account, f"account_settings: {{blob_mounting: ENABLED}}\nreplicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}"
    )
    applied = sandbox.ecrctl(registry, "settings", "--registry", str(file), "--yes")
    assert applied.returncode == 0, applied.stderr
    for region in (HOME, REPLICA):
        assert f"BLOB_MOUNTING in {region}: DISABLED, but the file declares ENABLED\n" in applied.stdout
        value = sandbox.client(registry, region).get_account_setting(name="BLOB_MOUNTING")["value"]
        assert value == "ENABLED"
    again = sandbox.ecrctl(registry, "settings", "--registry", str(file))
    assert (again.returncode, again.stdout) == (0, f"{file}: every account setting is as declared\n")
