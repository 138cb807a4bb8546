#!/usr/bin/env bash
# Sets up, builds build/preannotate, and runs every test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
scripts/dev.sh build
ctest --test-dir build --output-on-failure -j2
