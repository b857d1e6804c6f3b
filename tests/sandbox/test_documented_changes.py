"""The lines of tests/sandbox/test_documented.py about a change of the file, in a repository of git."""

from __future__ import annotations

import json
from pathlib import Path

from tests.checkout import git
from tests.sandbox.test_documented import OF_A_CHANGE, REGISTRY, inside_a_sandbox, person, wrong

DEPLOYED = f"{REGISTRY.replace('{push:', '{lifecycle: newest, push:').replace('}}', '}, old/tool: }')}"
LIFECYCLE = 'lifecycles: {newest: [{keep: {tagged: "v*", last: 9}}]}\n'
IMAGES = [
    {
        "repositoryName": "web/api",
        "imageDigest": f"sha256:{number}",
        "imageTags": [f"v{number}"],
        "imagePushedAt": f"2026-11-0{number}T00:00:00+00:00",
    }
    for number in (1, 2)
]


def test_the_lines_about_a_change_do_what_they_say(tmp_path: Path) -> None:
    before = DEPLOYED + LIFECYCLE
    after = before.replace("last: 9", "last: 1").replace(", old/tool: ", "")
    with inside_a_sandbox(tmp_path, before, image=True) as place:
        file = place / "registry.yaml"
        git("init", "--quiet", "--initial-branch=main", at=place)
        for version, text in (("v1.0.0", before.replace("last: 9", "last: 20")), ("v1.1.0", before)):
            file.write_text(text)
            git("add", "registry.yaml", at=place)
            git("commit", "--quiet", "--message", version, at=place)
            git("tag", version, at=place)
        file.write_text(after)
        (place / "old.yaml").write_text(before)
        (place / "new.yaml").write_text(after)
        (place / "images.json").write_text(json.dumps({"imageDetails": IMAGES}))
        failed = wrong(OF_A_CHANGE, place, person(), inside=True)
    assert not failed, failed
