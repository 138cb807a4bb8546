#!/usr/bin/env bash
# Runs export_backbone.py in a Python environment of its own, which it makes on the first call.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${PREANNOTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/preannotate}/export-venv
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)

say() { echo "export_backbone: $*" >&2; }

if [[ ! -f $venv/ready ]]; then
  say "making $venv (downloads 560 MB)"
  "$here/torch_venv.sh" "$venv"
  touch "$venv/ready"
fi
case " $* " in *timm:* | *torchvision:*)
  if [[ ! -f $venv/zoo-ready ]]; then
    say 'adding timm and torchvision'
    "${pip[@]}" pyyaml safetensors 'huggingface-hub<1'
    "${pip[@]}" --no-deps torchvision==0.26.0 timm==1.0.31
    touch "$venv/zoo-ready"
  fi ;;
esac
exec "$venv/bin/python" "$here/export_backbone.py" "$@"
