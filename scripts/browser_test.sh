#!/usr/bin/env bash
# Reviews small drafts in a real browser, and checks what the program has written afterwards.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: scripts/browser_test.sh [PROGRAM] [TEST...]

Drives `PROGRAM review` [build/preannotate] with Playwright in Debian's chromium,
without a window. Playwright lies in an environment of its own (0.2 GB, made once
below ${PREANNOTATE_CACHE:-~/.cache/preannotate}). TEST: only those, by name.

PREANNOTATE_CHROMIUM   another browser [/usr/bin/chromium]

Exit codes: 0 all hold, 1 one does not, 77 no browser or no package index.
TEXT
}

readonly kSkipped=77
if [[ ${1:-} == -h || ${1:-} == --help ]]; then usage && exit 0; fi
program=${1:-build/preannotate}
shift || true
chromium=${PREANNOTATE_CHROMIUM:-/usr/bin/chromium}
venv=${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/preannotate}/browser

if [[ ! -x $chromium ]]; then
  echo "browser: skipped: there is no $chromium (scripts/setup.sh installs it)"
  exit "$kSkipped"
fi
# The environment is made whole or not at all: the list that it was made from is copied last.
if ! cmp -s scripts/playwright.txt "$venv/requirements.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  if ! "$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/playwright.txt; then
    echo "browser: skipped: Playwright cannot be installed"
    exit "$kSkipped"
  fi
  cp scripts/playwright.txt "$venv/requirements.txt"
fi
PREANNOTATE_CHROMIUM=$chromium exec "$venv/bin/python" scripts/browser_test.py "$program" "$@"
