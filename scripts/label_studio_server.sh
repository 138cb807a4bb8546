#!/usr/bin/env bash
# A running Label Studio takes our tasks, shows them, and gives back what is read and taken as answers: not one of the tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  echo "usage: scripts/label_studio_server.sh [PROGRAM]   (build/preannotate; installs Label Studio, 0.9 GB)"
  exit 0
fi
program=${1:-build/preannotate}
cache=${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/preannotate}
venv=$cache/label-studio
version=1.23.2
if [[ ! -f $venv/stamp || $(<"$venv/stamp") != "$version" ]]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "label-studio==$version" Pillow
  echo "$version" >"$venv/stamp"
fi
exec "$venv/bin/python" scripts/label_studio_server.py "$program"
