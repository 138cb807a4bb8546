#!/usr/bin/env bash
# Holds what the program writes against the programs that read it, each the real one from PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'TEXT'
usage: scripts/conformance.sh [--all] [PROGRAM]

Reads what PROGRAM [build/preannotate] writes with pycocotools, faster-coco-eval,
Datumaro, label-studio-sdk, pandas and Python's own XML reader, in an environment
of its own (0.9 GB, made once below ${PREANNOTATE_CACHE:-~/.cache/preannotate}).

  --all   Also torchvision, Ultralytics and FiftyOne, with PyTorch (3 GB more)

Exit codes: 0 all hold, 1 one does not, 77 no package index can be reached.
TEXT
}

readonly kSkipped=77
all=0 program=build/preannotate
while (($#)); do
  case $1 in
    --all) all=1 ;;
    -h | --help) usage && exit 0 ;;
    *) program=$1 ;;
  esac
  shift
done
cache=${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/preannotate}
light=(pycocotools==2.0.11 faster-coco-eval==1.8.0 datumaro==1.13.12 label-studio-sdk==2.1.2 pandas==2.3.3 Pillow)
heavy=(ultralytics==8.4.13 torchvision==0.26.0 pycocotools==2.0.11)

# An environment is made whole or not at all: a stamp of its contents is written last.
has_stamp() { [[ -f $1/stamp && $(<"$1/stamp") == "$2" ]]; }

make_light() {
  local venv=$cache/conformance
  has_stamp "$venv" "${light[*]}" && return
  rm -rf "$venv"
  python3 -m venv "$venv"
  if ! "$venv/bin/pip" install --quiet --disable-pip-version-check "${light[@]}"; then
    echo "conformance: skipped: the readers cannot be installed"
    exit "$kSkipped"
  fi
  echo "${light[*]}" >"$venv/stamp"
}

# Ultralytics and torchvision go without their dependencies: torch is there, and GUIs are not needed.
make_heavy() {
  local venv=$cache/conformance-torch
  has_stamp "$venv" "${heavy[*]}" && return
  scripts/torch_venv.sh "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "${heavy[@]}"
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    opencv-python-headless pyyaml requests psutil matplotlib scipy polars ultralytics-thop --no-deps
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    charset-normalizer idna urllib3 certifi packaging cycler kiwisolver contourpy fonttools \
    pyparsing python-dateutil six polars-runtime-32
  echo "${heavy[*]}" >"$venv/stamp"
}

make_fiftyone() {
  local venv=$cache/conformance-fiftyone
  has_stamp "$venv" fiftyone && return
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check fiftyone Pillow
  echo fiftyone >"$venv/stamp"
}

make_light
failed=0
"$cache/conformance/bin/python" scripts/conformance.py "$program" 2>/dev/null || failed=1
if ((all)); then
  make_heavy
  YOLO_CONFIG_DIR=$cache/conformance-torch "$cache/conformance-torch/bin/python" \
    scripts/conformance.py "$program" torchvision ultralytics 2>/dev/null || failed=1
  make_fiftyone
  FIFTYONE_DATABASE_DIR=$cache/conformance-fiftyone/db "$cache/conformance-fiftyone/bin/python" \
    scripts/conformance.py "$program" fiftyone 2>/dev/null || failed=1
fi
exit "$failed"
