#!/usr/bin/env bash
# The everyday commands of a developer; scripts/setup.sh comes first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: scripts/dev.sh COMMAND [...]

  build            Build build/preannotate and its tests (preset `release`)
  test [CTEST...]  Build, then run the tests, e.g. `test -R Csv`
  asan [CTEST...]  Build in build-asan/, run the tests under ASan and UBSan
  tsan             Build the pipeline's tests with a stub model in build-tsan/, run
                   them and those of its loader under ThreadSanitizer
  lint [FILE...]   Layers, clang-format, clang-tidy (on FILEs, else on changed
                   files); needs `scripts/setup.sh --dev`
  format           Rewrite every C++ file with clang-format
  bench [NAME...]  List the benchmarks of scripts/bench/, or run those named
TEXT
}

jobs=$(($(nproc) < 2 ? $(nproc) : 2))  # a libtorch file takes 2 GB to compile

build() {
  local preset=$1 folder=$2
  cmake --preset "$preset" --log-level=WARNING >/dev/null
  cmake --build "$folder" -j "$jobs"
}

cpp_files() { git ls-files --cached --others --exclude-standard '*.cpp' '*.h' '*.cu' '*.cuh'; }

changed_sources() {
  { git diff --name-only --diff-filter=d HEAD && git ls-files --others --exclude-standard; } |
    grep '\.cpp$' || true
}

lint() {
  local failed=0 sources
  python3 scripts/check_layers.py || failed=1
  cpp_files | xargs --no-run-if-empty clang-format --dry-run --Werror || failed=1
  if [[ -f .clang-tidy ]]; then
    if (($#)); then sources=$(printf '%s\n' "$@"); else sources=$(changed_sources); fi
    if [[ -n $sources ]]; then
      build release build
      xargs -n 1 -P "$jobs" clang-tidy --quiet -p build <<<"$sources" || failed=1
    fi
  fi
  return "$failed"
}

asan() {
  # Set before the build, which runs each test program once to list its tests.
  local suppressions=$PWD/scripts/sanitizers
  # intercept_tls_get_addr=0: GCC 12's LeakSanitizer takes other memory for a dlopened library's thread
  # storage, and stops with "does not work under ptrace".
  export ASAN_OPTIONS="suppressions=$suppressions/asan.supp:detect_stack_use_after_return=1:strict_string_checks=1:intercept_tls_get_addr=0"
  export LSAN_OPTIONS="suppressions=$suppressions/lsan.supp:print_suppressions=0"
  export UBSAN_OPTIONS="suppressions=$suppressions/ubsan.supp:print_stacktrace=1:halt_on_error=1"
  # ASan calls dlopen for the program, which then does not look where the program's RUNPATH says.
  export LD_LIBRARY_PATH=$PWD/build-asan${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  build asan build-asan
  ctest --test-dir build-asan --output-on-failure -j "$jobs" "$@"
}

tsan() {
  local program failed=0
  local programs=(preannotate_stream_tests preannotate_image_tests preannotate_core_tests)
  export TSAN_OPTIONS="suppressions=$PWD/scripts/sanitizers/tsan.supp:second_deadlock_stack=1"
  cmake --preset tsan --log-level=WARNING >/dev/null
  cmake --build build-tsan -j "$jobs" --target "${programs[@]}"
  for program in "${programs[@]}"; do
    "$(find build-tsan/tests -name "$program" -type f)" --gtest_brief=1 || failed=1
  done
  return "$failed"
}

bench() {
  local benchmarks=() name script
  mapfile -t benchmarks < <(find scripts/bench -maxdepth 1 -name '*.py' -o -name '*.sh' | sort)
  if ((!$#)); then
    echo "Benchmarks (scripts/dev.sh bench NAME...):"
    for script in "${benchmarks[@]}"; do
      # The line below the #! is what it measures.
      printf '  %-24s %s\n' "$(basename "${script%.*}")" "$(sed -n '2{s/^# *//;s/^"""//;s/"""$//;p}' "$script")"
    done
    return
  fi
  for name in "$@"; do
    script=$(printf '%s\n' "${benchmarks[@]}" | grep -E "/$name\.(py|sh)$" || true)
    [[ -n $script ]] || { echo "dev: no benchmark '$name' in scripts/bench" >&2 && return 2; }
    case $script in
      *.py) python3 "$script" ;;
      *) bash "$script" ;;
    esac
  done
}

command=${1:-}
if (($#)); then shift; fi
case $command in
  build) build release build ;;
  test) build release build && ctest --test-dir build --output-on-failure -j "$jobs" "$@" ;;
  asan) asan "$@" ;;
  tsan) tsan ;;
  lint) lint "$@" ;;
  format) cpp_files | xargs --no-run-if-empty clang-format -i ;;
  bench) bench "$@" ;;
  -h | --help) usage ;;
  '') usage >&2 && exit 2 ;;
  *) echo "dev: unknown command '$command'" >&2 && usage >&2 && exit 2 ;;
esac
