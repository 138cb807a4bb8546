#!/usr/bin/env bash
# Builds the libFuzzer harnesses of tests/fuzz and runs each for some seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: scripts/fuzz.sh [SECONDS] [HARNESS...]

Builds in build-fuzz/ and runs each harness (all, or those named) first over its
regressions and seeds, then SECONDS [20] more on what it makes of them; 0 stops
after the seeds. Inputs that reach new code are kept in
${PREANNOTATE_CACHE:-~/.cache/preannotate}/fuzz and used next time.

An input with a finding is copied to tests/fuzz/regressions/HARNESS/.
Exit codes: 0 none, 1 findings, 77 no clang with libFuzzer here.
TEXT
}

readonly kSkipped=77
seconds=20
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  [0-9]*) seconds=$1 && shift ;;
esac
jobs=$(($(nproc) < 2 ? $(nproc) : 2))
fuzz=$PWD/tests/fuzz
cache=${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/preannotate}/fuzz
scratch=$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo "${TMPDIR:-/tmp}")" preannotate-fuzz.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

need_clang() {
  echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' >"$scratch/probe.cpp"
  clang++ -fsanitize=fuzzer,address "$scratch/probe.cpp" -o "$scratch/probe" 2>"$scratch/probe.log" && return
  echo "fuzz: skipped: clang++ with libFuzzer is needed (scripts/setup.sh installs it): $(head -n 1 "$scratch/probe.log")"
  exit "$kSkipped"
}

build() {
  local targets=("${@/#/fuzz_}")
  cmake -S tests/fuzz -B build-fuzz -G Ninja -DCMAKE_CXX_COMPILER=clang++ --log-level=WARNING >/dev/null
  cmake --build build-fuzz -j "$jobs" ${targets[@]:+--target "${targets[@]}"} >"$scratch/build.log" && return
  cat "$scratch/build.log" >&2
  return 2
}

# What a run left of inputs with findings, under a name that says the kind and the content. One that
# took too long counts if it does so again: a machine can stand still for seconds.
keep_findings() {
  local name=$1 artifact found=0
  for artifact in "$scratch/$name"/{crash,leak,oom,timeout}-*; do
    [[ -f $artifact ]] || continue
    if [[ $artifact == */timeout-* ]] && "build-fuzz/fuzz/$name" -timeout=10 "$artifact" &>/dev/null; then
      echo "$name: fast when run again: ${artifact##*/}" >&2
      continue
    fi
    mkdir -p "$fuzz/regressions/$name"
    cp "$artifact" "$fuzz/regressions/$name/"
    found=$((found + 1))
  done
  echo "$found"
}

# One harness; its row of the table goes to a file of its own.
run_harness() {
  local name=$1 log=$scratch/$1.log options=() findings
  local work=$cache/$name
  mkdir -p "$work" "$scratch/$name"
  export TMPDIR=$scratch/$name
  options=(-rss_limit_mb=2048 -timeout=10 -artifact_prefix="$scratch/$name/" -print_final_stats=1)
  if [[ -f $fuzz/dictionaries/$name.dict ]]; then options+=(-dict="$fuzz/dictionaries/$name.dict"); fi
  if ((seconds)); then options+=(-max_total_time="$seconds"); else options+=(-runs=0); fi

  local failed=0 ended_badly=0
  : >"$log"
  if [[ -d $fuzz/regressions/$name ]]; then
    find "$fuzz/regressions/$name" -type f -print0 | sort -z |
      xargs -0 -n 1 "build-fuzz/fuzz/$name" -rss_limit_mb=2048 -timeout=10 -artifact_prefix="$scratch/" \
        >>"$log" 2>&1 || failed=1
  fi
  # The end says it all; OpenCV has a line or two for each damaged picture.
  "build-fuzz/fuzz/$name" "${options[@]}" "$work" "$fuzz/corpus/$name" 2>&1 |
    tail -c 1000000 >>"$log" || ended_badly=1
  findings=$(keep_findings "$name")
  if compgen -G "$scratch/$name/timeout-*" >/dev/null; then ended_badly=0; fi  # keep_findings has judged it
  if ((!findings && (failed || ended_badly))); then findings=1; fi

  awk -v name="$name" -v findings="$findings" '
    match($0, /cov: [0-9]+/) { edges = substr($0, RSTART + 5, RLENGTH - 5) }
    /stat::number_of_executed_units/ { runs = $2 }
    /stat::average_exec_per_sec/ { rate = $2 }
    END { printf "%-12s %12d %9d %8d %9d\n", name, runs, rate, edges, findings }' "$log" >"$scratch/$name.row"
}

# What the harness said, from the first line of a report on.
show_finding() {
  grep -E -m 1 -A 30 'fuzz: does not hold|terminate called|ERROR:|runtime error:' "$scratch/$1.log" | cut -c 1-200 ||
    tail -n 20 "$scratch/$1.log"
}

need_clang
build "$@"
if (($#)); then names=("$@"); else mapfile -t names < <(find build-fuzz/fuzz -type f -printf '%f\n' | sort); fi
export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
for name in "${names[@]}"; do
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n || true; done
  run_harness "$name" &
done
wait

printf '%-12s %12s %9s %8s %9s\n' harness executions exec/s edges findings
for name in "${names[@]}"; do cat "$scratch/$name.row"; done
status=0
for name in "${names[@]}"; do
  [[ $(awk '{ print $5 }' "$scratch/$name.row") == 0 ]] && continue
  status=1
  echo "--- $name: tests/fuzz/regressions/$name/"
  show_finding "$name"
done
exit "$status"
