#!/usr/bin/env bash
# On a machine with a GPU: builds what runs on it alone, runs its tests, compute-sanitizer, benchmarks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: scripts/gpu_check.sh [--build-only]

  --build-only   Compile and link everything, run what needs no GPU; for machines without one

Needs nvcc, CMake, Ninja and a libtorch with CUDA, nothing else: the one in PREANNOTATE_TORCH_DIR,
or that of python3's torch, or what `scripts/setup.sh --cuda` unpacked. Builds in build-gpu/ with
PREANNOTATE_OPS_ONLY. A test that finds no GPU fails here (without --build-only).
TEXT
}

build_only=0
case ${1:-} in
  '') ;;
  --build-only) build_only=1 ;;
  -h | --help) usage && exit 0 ;;
  *) echo "gpu_check: unknown option '$1'" >&2 && usage >&2 && exit 2 ;;
esac
PATH=$PATH:/usr/local/cuda/bin
build=build-gpu
tests=("$build/tests/ops/preannotate_ops_tests" "$build/preannotate_device_tests")

say() { echo "gpu_check: $*"; }

if [[ -z ${PREANNOTATE_TORCH_DIR:-} ]]; then
  python_torch=$(python3 -c 'import torch; print(torch.__path__[0])' 2>/dev/null || true)
  if [[ -n $python_torch ]]; then export PREANNOTATE_TORCH_DIR=$python_torch; fi
fi

build() {
  # A libtorch file takes 2 GB to compile.
  local memory_gb jobs
  memory_gb=$(awk '/MemAvailable/ { print int($2 / 1e6) }' /proc/meminfo)
  jobs=$((memory_gb / 2 < $(nproc) ? memory_gb / 2 : $(nproc)))
  cmake --preset cuda -B "$build" -DPREANNOTATE_OPS_ONLY=ON --log-level=WARNING
  cmake --build "$build" -j "$((jobs > 0 ? jobs : 1))" --target all preannotate_kernel_bench \
    preannotate_device_bench
}

# Only our own kernels are looked at. Each tensor gets an allocation of its own, so that memcheck
# sees a step beyond its end.
sanitize() {
  local tool
  for tool in memcheck racecheck synccheck; do
    say "compute-sanitizer, $tool"
    # Of the kernels' tests; those of the lane run the same ones between libtorch's.
    PYTORCH_NO_CUDA_MEMORY_CACHING=1 compute-sanitizer --tool "$tool" --error-exitcode 9 \
      --kernel-name kns=call_for_each "${tests[0]}" '--gtest_filter=*/CUDA' >"$build/$tool.log" 2>&1 ||
      { tail -n 50 "$build/$tool.log" >&2 && say "$tool failed; its output is in $build/$tool.log" >&2 && return 1; }
    tail -n 2 "$build/$tool.log"
  done
}

say "building"
SECONDS=0
build
say "built in $SECONDS s"

if ((build_only)); then
  for program in "${tests[@]}"; do "$program"; done
  say "built; nothing was run on a GPU"
  exit 0
fi

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
say "tests"
for program in "${tests[@]}"; do PREANNOTATE_REQUIRE_CUDA=1 "$program"; done
sanitize
say "registers, bytes and times"
scripts/bench/kernels.sh "$build"
# predict but for decoding and files: pictures in memory to features, each thread a stream of its own.
for threads in 1 2 "$(nproc)"; do
  "$build/tests/bench/preannotate_device_bench" models/efficientnet_lite0.pt cuda:0 "$threads" 32
done
say "all passed"
