"""The network of a detector's run, backbone and head, as one torch module, and what it means."""

import json

import torch
from torch.nn import functional as F

FLOOR, OVERLAP = 0.05, 0.6


class BoxNetwork(torch.nn.Module):
    """Normalised pixels [1, 3, height, width] to logits [cells, classes] and distances [cells, 4] in
    strides, as src/model/detector.cpp has it."""

    def __init__(self, folder):
        super().__init__()
        self.run = json.loads((folder / "run.json").read_text())
        self.strides = self.run["head"]["strides"]
        self.has_map = [channels > 0 for channels in self.run["head"]["map_channels"]]
        self.backbone = torch.jit.load(str(folder / "backbone.pt")).eval()
        self.head = torch.load(folder / "head.pt", weights_only=False)

    def normalized(self, x, name):
        w = self.head
        return F.silu(F.batch_norm(x, w[f"{name}.running_mean"], w[f"{name}.running_var"],
                                   w[f"{name}.gain"], w[f"{name}.shift"], False, 0.1, 1e-3))

    def layer(self, x, name, norm):
        depthwise = self.head[f"{name}.depthwise"]
        channels = depthwise.shape[1]
        x = F.conv2d(x, depthwise.t().reshape(channels, 1, 5, 5), padding=2, groups=channels)
        x = F.conv2d(x, self.head[f"{name}.pointwise"][:, :, None, None])
        return self.normalized(x, norm)

    def forward(self, x):
        maps = dict(zip((8, 16, 32), self.backbone(x)[1:]))
        laterals = [self.normalized(F.conv2d(maps[stride], self.head[f"lateral.{i}.pointwise"]
                                             [:, :, None, None]), f"lateral.{i}")
                    if self.has_map[i] else 0 for i, stride in enumerate(self.strides)]
        last = len(laterals) - 1
        out = [None] * last + [laterals[last]]
        for i in range(last - 1, -1, -1):
            doubled = F.interpolate(out[i + 1], scale_factor=2, mode="nearest")
            out[i] = self.layer(laterals[i] + doubled, f"down.{i}", f"down.{i}")
        for i in range(1, last + 1):
            out[i] = self.layer(out[i] + F.avg_pool2d(out[i - 1], 2), f"up.{i}", f"up.{i}")
        logits, distances = [], []
        for i, level in enumerate(out):
            towers = {}
            for tower in ("class", "box"):
                towers[tower] = level
                for depth in (0, 1):
                    name = f"{tower}.{depth}"
                    towers[tower] = self.layer(towers[tower], name, f"{name}.{i}")
            logits.append(self.flat(towers["class"], "logits", self.head["logits.bias"]))
            far = self.flat(towers["box"], "distances", self.head["distances.bias"][i])
            distances.append(far.clamp(max=5).exp())
        return torch.cat(logits), torch.cat(distances)

    def flat(self, x, name, bias):
        return F.conv2d(x, self.head[f"{name}.weight"][:, :, None, None], bias)[0].flatten(1).t()


def cells(strides, width, height):
    """[cells, 3]: centre x, y and stride in pixels of the frame."""
    import numpy as np
    rows = []
    for stride in strides:
        y, x = np.mgrid[:height // stride, :width // stride]
        rows.append(np.stack([(x + 0.5) * stride, (y + 0.5) * stride,
                              np.full(x.shape, stride)], -1).reshape(-1, 3))
    return np.concatenate(rows).astype("float32")


def decoded(logits, distances, points):
    """(class, score, x, y, width, height) in the frame, best first."""
    import cv2
    import numpy as np
    cell, category = np.nonzero(logits > -np.log(1 / FLOOR - 1))
    scores = 1 / (1 + np.exp(-logits[cell, category]))
    far, at = distances[cell] * points[cell, 2:], points[cell]
    corner = at[:, :2] - far[:, :2]
    boxes = np.concatenate([corner, far[:, :2] + far[:, 2:]], 1)
    kept = cv2.dnn.NMSBoxesBatched(boxes.tolist(), scores.tolist(), category.tolist(), FLOOR,
                                   OVERLAP)
    kept = sorted(map(int, kept), key=lambda i: -scores[i])
    return [(int(category[i]), float(scores[i]), *map(float, boxes[i])) for i in kept]
