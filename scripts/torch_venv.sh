#!/usr/bin/env bash
# Makes a virtual environment with PyTorch for the CPU: torch_venv.sh FOLDER
#
# PyPI's torch for x86-64 is the CUDA build and asks for 2.5 GB of CUDA libraries, of which work on
# the CPU calls no function. It is installed without them, beside one library that has their symbols
# and aborts when one is called.
set -euo pipefail

venv=${1:?usage: torch_venv.sh FOLDER}
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)

# Symbols that torch looks up in CUDA libraries, as name@version, less those of the CUDA runtime.
cuda_symbols() {
  local library
  for library in "$1"/libtorch_{cuda,python,nvshmem}.so; do
    nm -D --undefined-only --with-symbol-versions "$library"
  done | awk '{print $2}' | grep -E '^(cu|nccl|nvshmem)' | grep -v '@libcudart' | sort -u
}

stand_in_for_cuda() {
  local lib=$1 work file
  work=$(mktemp -d)
  cuda_symbols "$lib" >"$work/symbols"
  sed 's/@.*//' "$work/symbols" | sort -u |
    sed 's/.*/void &(void) { __builtin_trap(); }/' >"$work/stand_in.c"
  awk -F@ 'NF > 1 { of[$2] = of[$2] " " $1 ";" } END { for (v in of) print v " {" of[v] " };" }' \
    "$work/symbols" >"$work/versions"
  cc -w -fno-builtin -shared -fPIC -Wl,--version-script="$work/versions" \
    -o "$work/stand_in.so" "$work/stand_in.c"
  readelf -d "$lib"/libtorch_{cuda,python,nvshmem}.so | grep -oP 'NEEDED.*\[\K[^]]+' | sort -u |
    grep -E '^lib(cu|nccl|nvshmem)' | grep -v '^libcudart' | while read -r file; do
    cp "$work/stand_in.so" "$lib/$file"
  done
  rm -rf "$work"
}

rm -rf "$venv"
/usr/bin/python3 -m venv "$venv"
"${pip[@]}" numpy pillow filelock sympy networkx jinja2 fsspec typing-extensions 'setuptools<82'
"${pip[@]}" --no-deps torch==2.11.0
lib=$(echo "$venv"/lib/python3*/site-packages/torch/lib)
if [[ -f $lib/libtorch_cuda.so ]]; then
  "${pip[@]}" --no-deps nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
  stand_in_for_cuda "$lib"
fi
"$venv/bin/python" -c 'import torch'
