#!/usr/bin/env bash
# Kills runs of predict at random moments and resumes them: what they write is the same bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  echo "usage: scripts/soak.sh [KILLS] [BUILD]   (1000 kills, with the tests of build/)"
  exit 0
fi
kills=${1:-1000}
build=${2:-build}
PREANNOTATE_KILLS=$kills "$build/tests/cli/preannotate_cli_tests" \
  --gtest_filter='ResumeTest.Row60*' --gtest_brief=1
