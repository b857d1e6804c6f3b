#!/usr/bin/env bash
# borrow.sh FROM [TO]: take .venv and node_modules of one checkout of this project into another, or into this one, where
# the locks are the same: nothing is installed, and each checkout still runs its own code. Otherwise nothing is done.
set -euo pipefail
from=$(cd "$1" && pwd)
cd "${2:-$(dirname "$0")/..}"

same() { # whether the two checkouts have the same locks of one kind
    for lock in "$@"; do cmp -s "$from/$lock" "$lock" || return 1; done
}

if [ ! -e .venv ] && [ -f "$from/.venv/.ready" ] &&
    same requirements.txt requirements-dev.txt requirements-native.txt; then
    mkdir .venv
    # Symbolic links in bin lead to this checkout. The rest of it, 90 MB of programs, is written nowhere twice.
    cp -al "$from/.venv/bin" .venv/ 2>/dev/null || { rm -rf .venv/bin && cp -a "$from/.venv/bin" .venv/; }
    cp -a "$from/.venv/pyvenv.cfg" "$from/.venv/.ready" .venv/
    ln -s "$from/.venv/lib" .venv/lib
fi
if [ ! -e node_modules ] && [ -f "$from/node_modules/.ready" ] && same package-lock.json; then
    ln -s "$from/node_modules" node_modules
fi
