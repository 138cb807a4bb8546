#!/usr/bin/env bash
# What the CUDA kernels of ops use and move: registers, spills, occupancy, bytes; on a GPU also times.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'TEXT'
usage: scripts/bench/kernels.sh [BUILD]

Compiles each .cu for sm_80 and sm_90 and prints what ptxas says; fails where a register is
spilled. Then builds and runs preannotate_kernel_bench in BUILD, a configured build folder
[build]: the bytes of each kernel, and with a GPU (BUILD with PREANNOTATE_CUDA) its time against
these bytes over the bandwidth of a plain copy. Needs nvcc.
TEXT
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
esac
build=${1:-build}
if [[ ! -f $build/CMakeCache.txt ]]; then
  echo "kernels: $build is not a configured build folder" >&2
  exit 2
fi
PATH=$PATH:/usr/local/cuda/bin
torch_include=$(sed -n 's/^Libtorch_INCLUDE_DIR:PATH=//p' "$build/CMakeCache.txt")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The flags of src/ops/CMakeLists.txt.
compile() {
  nvcc -O3 -std=c++20 -fmad=false -Xptxas -v -fatbin -o "$work/$(basename "$1").fatbin" \
    -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 \
    -I include -isystem "$torch_include" "$1" >"$work/$(basename "$1").log" 2>&1 ||
    { cat "$work/$(basename "$1").log" >&2 && return 1; }
}
export -f compile
export work torch_include

# Both chips hold 64 warps and 65,536 registers a multiprocessor, a quarter of each a scheduler,
# and give registers out to a warp by 256. Blocks have 256 threads.
print_figures() {
  c++filt | awk '
    /Compiling entry function/ {
      match($0, /<preannotate::ops::[A-Za-z]+>/)
      kernel = substr($0, RSTART + 19, RLENGTH - 20)
      match($0, /sm_[0-9]+/)
      chip = substr($0, RSTART, RLENGTH)
    }
    /spill stores/ { stack = $1; spilled = $5 + $9 }
    /Used [0-9]+ registers/ {
      match($0, /Used [0-9]+/)
      registers = substr($0, RSTART + 5, RLENGTH - 5)
      a_warp = int((registers * 32 + 255) / 256) * 256
      warps = int(int(16384 / a_warp) * 4 / 8) * 8
      if (warps > 64) warps = 64
      printf "%-16s %-6s %9d %9d %9d %9d %%\n", kernel, chip, registers, stack, spilled, warps / 0.64
      all_spilled += spilled
    }
    END { exit all_spilled > 0 }'
}

nvcc --version | sed -n 's/.*release/nvcc/p'
find src/ops -name '*.cu' -print0 | xargs -0 -n 1 -P "$(nproc)" bash -c 'compile "$1"' compile
printf '%-16s %-6s %9s %9s %9s %11s\n' kernel chip registers 'stack B' 'spilled B' occupancy
if ! cat "$work"/*.log | print_figures; then
  echo "kernels: registers are spilled" >&2
  exit 1
fi
echo

cmake --build "$build" --target preannotate_kernel_bench >"$work/build.log" ||
  { cat "$work/build.log" >&2 && exit 1; }
"$build/tests/ops/preannotate_kernel_bench"
