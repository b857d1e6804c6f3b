#!/usr/bin/env bash
# venv.sh FOLDER LOCK...: a virtual environment with the packages of the locks, made anew where it is not that already:
# other locks, a Python that was upgraded or removed. By content and not by date: a fresh checkout is newer than a cache.
# OPTIONAL=LOCK names packages that not every machine can have.
set -euo pipefail
folder=$1
shift

of() { # what an environment is made of: the version of its Python, and the locks
    "$1" -c 'import sys; print(*sys.version_info[:2], sep=".")' && cat "${@:2}" ${OPTIONAL:-} | cksum
}

if ready=$(cat "$folder/.ready" 2>/dev/null) && [ "$ready" = "$(of "$folder/bin/python" "$@" 2>/dev/null)" ]; then
    exit 0
fi
PATH=${PATH//"$PWD/.venv/bin:"/} # not with the Python of an environment that goes
python=${PYTHON:-}
# Any of these will do; PYTHON=... chooses another.
for name in python3.11 python3.12 python3.13 python3.14 python3 python; do
    [ -n "$python" ] && break
    "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && python=$name
done
if [ -z "$python" ]; then
    echo "Python 3.11 or newer with venv is needed; on Debian: apt install python3-venv" >&2
    exit 1
fi
if [ -z "${ALONE:-}" ]; then # then look again: another run may have made it meanwhile
    mkdir -p "$(dirname "$folder")"
    ALONE=1 exec "$python" "$(dirname "$0")/alone.py" "$folder.lock" bash "$0" "$folder" "$@"
fi
echo "Installing Python packages into $folder (about a minute) ..."
rm -rf "$folder"
"$python" -m venv "$folder"
install=("$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes)
"${install[@]}" "${@/#/--requirement=}" || {
    echo "The packages could not be installed; what pip said stands above." >&2
    echo "Behind a proxy or with a mirror: set HTTPS_PROXY, or PIP_INDEX_URL. Then run this again." >&2
    exit 1
}
[ -z "${OPTIONAL:-}" ] || "${install[@]}" --requirement="$OPTIONAL" ||
    echo "No native library for CloudFormation's rules here: the CDK's WebAssembly does the same in more time."
of "$folder/bin/python" "$@" >"$folder/.ready"
