#!/usr/bin/env bash
# Installs what the build needs: Debian packages, and libtorch out of the PyPI wheel.
# Does only what is missing; with nothing missing it needs neither network nor root.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: scripts/setup.sh [--demo] [--dev] [--cuda]

  --demo   Also what scripts/demo.sh needs (pictures, Python's NumPy and Pillow)
  --dev    Also clang-format and clang-tidy
  --cuda   Also the CUDA half of libtorch (3 GB more; PREANNOTATE_CUDA=1 does the same)

PREANNOTATE_TORCH_DIR   use this libtorch (with include/ and lib/), download none
PREANNOTATE_CACHE       where libtorch is kept [~/.cache/preannotate]
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cuda=${PREANNOTATE_CUDA:-0}
packages=(
  cmake ninja-build ccache pkg-config
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev
  libjpeg62-turbo-dev libturbojpeg0-dev zlib1g-dev libssl-dev
  nlohmann-json3-dev libmicrohttpd-dev libpugixml-dev libyaml-cpp-dev libutf8proc-dev libcli11-dev libspdlog-dev libgtest-dev libgmock-dev
  python3 python3-pip python3-venv unzip
  clang libclang-rt-dev
  chromium
)
while (($#)); do
  case $1 in
    --demo) packages+=(tuxpaint-stamps-default python3-numpy python3-pil fonts-dejavu-core) ;;
    --dev) packages+=(clang-format clang-tidy) ;;
    --cuda) cuda=1 ;;
    -h | --help) usage && exit 0 ;;
    *) echo "setup: unknown option '$1'" >&2 && usage >&2 && exit 2 ;;
  esac
  shift
done

say() { echo "setup: $*"; }

install_packages() {
  local installed missing=() package
  # dpkg-query exits with 1 when it does not know one of the packages.
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
  for package in "${packages[@]}"; do
    grep -qx "installed $package" <<<"$installed" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  local as_root=() log
  if ((EUID != 0)); then as_root=(sudo); fi
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    say "apt-get failed; its whole output is in $log" >&2
    return 1
  fi
  rm -f "$log"
}

holds_libtorch() {
  [[ -f $1/include/torch/script.h && -f $1/lib/libtorch_cpu.so ]] &&
    { ((!cuda)) || [[ -f $1/lib/libtorch_cuda.so ]]; }
}

# Every Python downloads the same wheels, so one hash an architecture is enough.
download_wheels() {
  local requirements=$1 into=$2 glibc platforms=()
  for glibc in _2_28 _2_27 _2_25 _2_18 _2_17 2014; do
    platforms+=(--platform "manylinux${glibc}_$(uname -m)")
  done
  /usr/bin/python3 -m pip download --quiet --no-deps --no-cache-dir --require-hashes \
    --disable-pip-version-check --progress-bar off --only-binary=:all: --python-version 3.11 \
    --implementation cp --abi cp311 --abi none "${platforms[@]}" \
    --requirement "$requirements" --dest "$into"
}

# Unpacked beside its final place and renamed last, so that no half unpacked folder counts.
unpack_libtorch() {
  local into=$1 left_out=('torch/lib/libtorch_python.so' 'torch/lib/libshm*')
  local wheels=(libtorch.txt)
  if ((cuda)); then
    wheels+=(libtorch_cuda.txt)
  else
    # libtorch.so and libtorch_global_deps.so only pull in the others, CUDA's among them.
    left_out+=('torch/lib/*cuda*' 'torch/lib/*nvrtc*' 'torch/lib/*nvshmem*'
      'torch/lib/libtorch.so' 'torch/lib/libtorch_global_deps.so')
  fi

  mkdir -p "$(dirname "$into")"
  work=$(mktemp -d "$into.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  local list wheel
  for list in "${wheels[@]}"; do download_wheels "$here/$list" "$work/wheels"; done

  unzip -q "$work"/wheels/torch-*.whl 'torch/include/*' 'torch/lib/*' \
    'torch-*.dist-info/licenses/*' -x "${left_out[@]}" -d "$work"
  for wheel in "$work"/wheels/nvidia_*.whl; do
    unzip -q -o -j "$wheel" '*/lib/lib*.so*' -d "$work/torch/lib"
  done
  if ((!cuda)); then  # of the CUDA profiling wheel, only the library itself
    rm -f "$work"/torch/lib/lib{checkpoint,nvperf_host,nvperf_target,pcsamplingutil}.so
  fi
  mv "$work"/torch-*.dist-info/licenses "$work/torch/licenses"
  chmod -R u+rwX,go+rX "$work/torch"
  holds_libtorch "$into" || rm -rf "$into"
  mv -T "$work/torch" "$into" 2>/dev/null || holds_libtorch "$into"  # another set-up was faster
  rm -rf "$work"
}

install_packages

if [[ -n ${PREANNOTATE_TORCH_DIR:-} ]]; then
  torch_dir=$PREANNOTATE_TORCH_DIR
  if ! holds_libtorch "$torch_dir"; then
    needed='include/torch/script.h and lib/libtorch_cpu.so'
    if ((cuda)); then needed+=' and lib/libtorch_cuda.so'; fi
    say "PREANNOTATE_TORCH_DIR=$torch_dir has not all of $needed" >&2
    exit 2
  fi
else
  torch_dir=${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/preannotate}/libtorch-2.11.0
  if ! holds_libtorch "$torch_dir"; then
    size='540 MB'
    if ((cuda)); then size='2.5 GB'; fi
    say "downloading libtorch 2.11.0 ($size) and unpacking its libraries"
    unpack_libtorch "$torch_dir"
  fi
fi
say "ready; libtorch is in $torch_dir"
