#!/usr/bin/env python3
"""One peer of predict.py, in the peers' virtual environment: a list of images to a class for each.

    peer.py KIND MODEL LIST OUTPUT             KIND: dataloader-eager, dataloader-frozen,
                                               dataloader-compiled, onnxruntime-fp32, openvino-f32,
                                               openvino-bf16
    peer.py boxes-f32 MODEL LIST OUTPUT        images to boxes (also boxes-bf16); MODEL is a run of
                                               a detector
    peer.py network-f32 MODEL SECONDS SIDE     images/s of OpenVINO's network alone, on pictures of
                                               SIDE x SIDE pixels (also network-bf16)

MODEL is a run of `preannotate train`: its backbone with its head. Prints one line of JSON: images/s
without the start, the precision that was used, seconds of the start.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

START = time.perf_counter()
BATCH, THREADS = 32, 2


class Model:
    """The run's backbone and head as one torch module of normalised pixels, and its numbers."""

    def __init__(self, folder):
        import torch
        torch.set_grad_enabled(False)
        run = json.loads((folder / "run.json").read_text())
        head = torch.load(folder / "head.pt", weights_only=False)
        backbone = torch.jit.load(str(folder / "backbone.pt")).eval()
        self.side = run["preprocessing"]["side"]
        self.mean, self.std = run["backbone"]["mean"], run["backbone"]["std"]

        class Classifier(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.backbone = backbone
                for name, value in head.items():
                    self.register_buffer(name, value)

            def forward(self, x):
                embedding, _, stride16, stride32 = self.backbone(x)
                features = torch.cat(
                    [embedding, stride16.mean([2, 3]), stride32.mean([2, 3])], 1)
                features = features[:, :self.weight.shape[1]]
                return torch.nn.functional.linear(
                    (features - self.mean) * self.scale, self.weight, self.bias)

        self.torch = torch.jit.trace(Classifier().eval(),
                                     torch.rand(1, 3, self.side, self.side), check_trace=False)

    def by_openvino(self, precision):
        return compiled_by_openvino(self.torch, precision, {"mean": self.mean, "std": self.std},
                                    (self.side, self.side))


def pixels(path, side):
    """The picture's middle, its short side `side` pixels: [side, side, 3] uint8 RGB."""
    import cv2
    cv2.setNumThreads(1)
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    height, width = image.shape[:2]
    scale = side / min(height, width)
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    top, left = (size[1] - side) // 2, (size[0] - side) // 2
    return cv2.cvtColor(image[top:top + side, left:left + side], cv2.COLOR_BGR2RGB)


class Images:
    """For torch's DataLoader."""

    def __init__(self, paths, model):
        import numpy as np
        self.paths, self.side = paths, model.side
        self.mean, self.std = np.float32(model.mean), np.float32(model.std)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        image = pixels(self.paths[i], self.side)
        return ((image.astype("float32") / 255 - self.mean) / self.std).transpose(2, 0, 1)


def compiled_by_torch(network, example):
    """TorchScript through torch.export to torch.compile; weights frozen, as it is fastest."""
    import torch
    from torch._export.converter import TS2EPConverter
    torch._inductor.config.freezing = True
    exported = TS2EPConverter(network, (example,)).convert().module()
    compiled = torch.compile(exported)

    def padded(batch):  # another size would be compiled anew
        missing = len(example) - len(batch)
        return compiled(torch.nn.functional.pad(batch, (0, 0, 0, 0, 0, 0, 0, missing)))[:len(batch)]

    return padded


def dataloader(model, paths, kind):
    import torch
    example = torch.rand(BATCH, 3, model.side, model.side)
    network = {"eager": lambda: model.torch,
               "frozen": lambda: torch.jit.optimize_for_inference(model.torch),
               "compiled": lambda: compiled_by_torch(
                   model.torch, example.contiguous(memory_format=torch.channels_last))}[kind]()
    network(example.contiguous(memory_format=torch.channels_last))
    loader = torch.utils.data.DataLoader(Images(paths, model), BATCH, num_workers=2)
    begin = time.perf_counter()
    found = []
    for batch in loader:
        batch = batch.contiguous(memory_format=torch.channels_last)
        found += network(batch).argmax(1).tolist()
    return found, begin, "fp32"


def onnxruntime_fp32(model, paths):
    import numpy as np
    import onnxruntime
    import torch
    file = Path(sys.argv[4]).with_suffix(".onnx")
    torch.onnx.export(model.torch, (torch.rand(1, 3, model.side, model.side),), str(file),
                      dynamo=False, input_names=["x"], opset_version=17)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, ["CPUExecutionProvider"])
    images = Images(paths, model)

    def classify(i):
        return int(session.run(None, {"x": np.float32(images[i])[None]})[0].argmax())

    classify(0)
    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(classify, range(len(paths)))), begin, "fp32"


def compiled_by_openvino(network, precision, statistics, size):
    """Takes [1, height, width, 3] uint8, as many requests at a time as it wants."""
    import openvino as ov
    from openvino.preprocess import PrePostProcessor
    import torch
    shape = [1, 3, size[1], size[0]]
    converted = ov.convert_model(network, example_input=torch.rand(shape), input=[shape])
    steps = PrePostProcessor(converted)
    steps.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(
        [255 * m for m in statistics["mean"]]).scale([255 * s for s in statistics["std"]])
    steps.input().model().set_layout(ov.Layout("NCHW"))
    compiled = ov.Core().compile_model(steps.build(), "CPU", {
        "PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": precision})
    return compiled, compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()


def openvino(model, paths, precision):
    import openvino as ov
    compiled, used = model.by_openvino(precision)
    queue = ov.AsyncInferQueue(compiled)
    found = [0] * len(paths)

    def done(request, i):
        found[i] = int(request.get_output_tensor().data.argmax())

    queue.set_callback(done)
    queue.start_async({0: pixels(paths[0], model.side)[None]}, 0)
    queue.wait_all()
    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        ahead = [pool.submit(pixels, path, model.side) for path in paths[:64]]
        for i in range(len(paths)):
            if i + 64 < len(paths):
                ahead.append(pool.submit(pixels, paths[i + 64], model.side))
            image, ahead[i] = ahead[i].result(), None
            queue.start_async({0: image[None]}, i)
    queue.wait_all()
    return found, begin, used


def letterboxed(path, width, height):
    """[height, width, 3] uint8 RGB, the whole picture in the middle, grey beside it."""
    import cv2
    import numpy as np
    cv2.setNumThreads(1)
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    scale = min(width / image.shape[1], height / image.shape[0])
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    frame = np.full((height, width, 3), 127, "uint8")
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    frame[top:top + size[1], left:left + size[0]] = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return frame


def boxes(folder, paths, precision):
    import openvino as ov
    import torch
    from boxes import BoxNetwork, cells, decoded
    torch.set_grad_enabled(False)
    network = BoxNetwork(folder).eval()
    width, height = network.run["preprocessing"]["frame"]
    traced = torch.jit.trace(network, torch.rand(1, 3, height, width), check_trace=False)
    compiled, used = compiled_by_openvino(traced, precision, network.run["backbone"],
                                          (width, height))
    points, found = cells(network.strides, width, height), [None] * len(paths)
    queue = ov.AsyncInferQueue(compiled)

    def done(request, i):
        found[i] = decoded(request.get_output_tensor(0).data, request.get_output_tensor(1).data,
                           points)

    queue.set_callback(done)
    queue.start_async({0: letterboxed(paths[0], width, height)[None]}, 0)
    queue.wait_all()
    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        ahead = [pool.submit(letterboxed, path, width, height) for path in paths[:16]]
        for i in range(len(paths)):
            if i + 16 < len(paths):
                ahead.append(pool.submit(letterboxed, paths[i + 16], width, height))
            image, ahead[i] = ahead[i].result(), None
            queue.start_async({0: image[None]}, i)
    queue.wait_all()
    return found, begin, used


def network_alone(model, precision, seconds):
    import numpy as np
    import openvino as ov
    compiled, used = model.by_openvino(precision)
    queue = ov.AsyncInferQueue(compiled)
    image = np.random.default_rng(1).integers(
        0, 256, (1, model.side, model.side, 3)).astype("uint8")
    for _ in range(50):
        queue.start_async({0: image})
    queue.wait_all()
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        queue.start_async({0: image})
        count += 1
    queue.wait_all()
    return {"images_per_s": count / (time.perf_counter() - begin), "precision": used}


def main():
    kind, folder = sys.argv[1], Path(sys.argv[2])
    model = None if kind.startswith("boxes-") else Model(folder)
    if kind.startswith("network-"):
        model.side = int(sys.argv[4])
        print(json.dumps(network_alone(model, kind[8:], float(sys.argv[3]))))
        return
    paths = Path(sys.argv[3]).read_text().splitlines()
    if kind.startswith("boxes-"):
        found, begin, used = boxes(folder, paths, kind.split("-")[1])
    elif kind.startswith("dataloader"):
        found, begin, used = dataloader(model, paths, kind.split("-")[1])
    elif kind.startswith("onnxruntime"):
        found, begin, used = onnxruntime_fp32(model, paths)
    else:
        found, begin, used = openvino(model, paths, kind.split("-")[1])
    end = time.perf_counter()
    Path(sys.argv[4]).write_text(json.dumps(dict(zip(paths, found))))
    print(json.dumps({"images_per_s": len(paths) / (end - begin), "precision": used,
                      "start_s": begin - START}))


if __name__ == "__main__":
    main()
