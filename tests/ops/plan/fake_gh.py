#!/usr/bin/env python3
"""GitHub's command line as far as a plan needs it, over a state in a file: pages of two comments, and its refusals."""

import json
import os
import sys
from pathlib import Path
from urllib.parse import unquote

STATE = Path(os.environ["FAKE_GITHUB"])
state = json.loads(STATE.read_text())
words = sys.argv[1:]
if os.environ.get("GH_TOKEN") != "token":
    sys.exit("gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.\nmore")
if words[:2] == ["api", "graphql"]:
    number = next(int(each.removeprefix("number=")) for each in words if each.startswith("number="))
    if number != state["number"]:
        print(json.dumps([{"data": {"repository": {"pullRequest": None}}}]))
        sys.exit(0)
    rows = [{"databaseId": key, "viewerDidAuthor": by == "bot", "body": body} for key, by, body in state["comments"]]
    pages = [rows[at : at + 2] for at in range(0, len(rows), 2)] or [[]]
    labels = {"nodes": [{"name": name} for name in state["labels"]]}
    found = [{"labels": labels, "comments": {"nodes": page}} for page in pages]
    print(json.dumps([{"data": {"repository": {"pullRequest": page}}} for page in found]))
    sys.exit(0)
method, path = words[words.index("--method") + 1], words[words.index("--method") + 2]
body = json.load(sys.stdin) if "--input" in words else {}
if len(body.get("body", "")) > 65_536:
    sys.exit("gh: Validation Failed (HTTP 422)\nBody is too long (maximum is 65536 characters)")
parts = unquote(path.removeprefix("repos/{owner}/{repo}/issues/")).split("/")
state["calls"].append(f"{method} {'/'.join(parts)}")
match method, parts:
    case "POST", [_, "comments"]:
        state["comments"].append([len(state["comments"]) + 1, "bot", body["body"]])
    case "PATCH", ["comments", key]:
        (row,) = [each for each in state["comments"] if each[0] == int(key)]
        if row[1] != "bot":
            sys.exit("gh: Resource not accessible by integration (HTTP 403)")
        row[2] = body["body"]
    case "POST", [_, "labels"]:
        state["labels"] += [each for each in body["labels"] if each not in state["labels"]]
    case "DELETE", [_, "labels", name]:
        if name not in state["labels"]:
            sys.exit("gh: Label does not exist (HTTP 404)")
        state["labels"].remove(name)
    case _:
        sys.exit(f"gh: Not Found (HTTP 404): {method} {path}")
STATE.write_text(json.dumps(state))
