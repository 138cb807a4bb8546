"""What the program writes, read by the programs that people review and train with, and back.

  conformance.py PROGRAM [READER...]    without READER: all that are installed here

Makes a small labelled set (folders, spaces, an accent, an image without a label, scores), writes it
with `PROGRAM convert` in each format, and holds what each real reader finds against what went in.
Prints a line a check; exits 1 when one fails. scripts/conformance.sh makes the environments.
"""

import contextlib
import importlib.util
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from PIL import Image

CLASSES = ["cat", "dog", "red cell"]
# image: (width, height, [(class, x, y, width, height, score)])
IMAGES = {
    "a b.png": (120, 80, [("cat", 10.25, 20.5, 30, 40, 0.93), ("dog", 50, 5, 60.5, 70.25, 0.42)]),
    "empty.png": (64, 64, []),
    "one/same.png": (100, 100, [("red cell", 0, 0, 100, 100, 0.5)]),
    "two/same.png": (80, 120, [("cat", 8, 9, 10, 11, 1.0), ("cat", 40, 60, 20, 30, 0.125)]),
    "zwei/caf\u00e9.png": (90, 60, [("dog", 1, 2, 80, 50, 0.75)]),
}
BOXES = sum(len(labels) for _, _, labels in IMAGES.values())


def flat(name):
    return name.replace("/", "-")


def make_set(root, named=lambda name: name):
    """A COCO file with scores, as drafts have them, beside its images."""
    images, annotations = [], []
    for number, (name, (width, height, labels)) in enumerate(IMAGES.items(), 1):
        name = named(name)
        path = root / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (width, height), (10 * number, 80, 120)).save(path)
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for label, x, y, w, h, score in labels:
            annotations.append({
                "id": len(annotations) + 1, "image_id": number, "iscrowd": 0, "area": w * h,
                "category_id": CLASSES.index(label) + 1, "bbox": [x, y, w, h], "score": score,
                "segmentation": [], "attributes": {"draft_id": f"d{len(annotations):011x}",
                                                   "model_version": "0123456789ab"}})
    categories = [{"id": i, "name": name, "supercategory": ""} for i, name in enumerate(CLASSES, 1)]
    (root / "annotations.json").write_text(json.dumps(
        {"info": {}, "licenses": [], "images": images, "categories": categories,
         "annotations": annotations}))


def make_class_set(root):
    for number, name in enumerate(["cat/a.png", "cat/b c.png", "dog/d.png", "dog/e.png"]):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 24), (40 * number, 90, 30)).save(path)


def stem(name):
    return str(pathlib.PurePosixPath(name).with_suffix(""))


def close(found, expected, tolerance=0.02):
    return len(found) == len(expected) and all(
        abs(a - b) <= tolerance for a, b in zip(found, expected))


def check_boxes(found, key=lambda name: name, scores=True, tolerance=0.02, empties=True):
    """found: {image: [(class, x, y, w, h, score)]}"""
    expected = {key(name): labels for name, (_, _, labels) in IMAGES.items() if labels or empties}
    assert set(found) == set(expected), f"images {sorted(found)} for {sorted(expected)}"
    for name, labels in expected.items():
        assert len(found[name]) == len(labels), f"{name}: {len(found[name])} boxes for {len(labels)}"
        for a, b in zip(sorted(found[name]), sorted(labels)):
            assert a[0] == b[0], f"{name}: class {a[0]} for {b[0]}"
            assert close(a[1:5], b[1:5], tolerance), f"{name}: {a[1:5]} for {b[1:5]}"
            if scores:
                assert a[5] is not None and abs(float(a[5]) - b[5]) < 1e-5, f"{name}: {a[5]}"


class Written:
    """The set in each format, made when it is first asked for."""

    def __init__(self, program, root):
        self.program, self.root, self.made = program, root, {}
        make_set(root / "set")
        make_set(root / "flat", flat)
        make_class_set(root / "classes")

    def __getitem__(self, name):
        if name not in self.made:
            source = {"yolo_classify": "classes", "folder": "classes", "yolo-flat": "flat"}
            self.made[name] = self.convert(self.root / source.get(name, "set"),
                                           name.removesuffix("-flat"))
        return self.made[name]

    def convert(self, source, name):
        out = self.root / "out" / f"{name}-{len(list((self.root).glob('out/*')))}"
        out.parent.mkdir(exist_ok=True)
        done = subprocess.run([self.program, "convert", source, out, "--to-format", name, "-q"],
                              capture_output=True, text=True)
        assert done.returncode == 0, f"convert to {name}: exit {done.returncode}: {done.stderr}"
        return out

    def read_back(self, source):
        """What the program finds in a folder or file, by way of a COCO file."""
        document = json.loads((self.convert(source, "coco") / "annotations.json").read_text())
        names = {c["id"]: c["name"] for c in document["categories"]}
        found = {image["file_name"]: [] for image in document["images"]}
        of_id = {image["id"]: image["file_name"] for image in document["images"]}
        for a in document["annotations"]:
            found[of_id[a["image_id"]]].append(
                (names[a["category_id"]], *a["bbox"], a.get("score")))
        return found


@contextlib.contextmanager
def silence():
    with contextlib.redirect_stdout(io.StringIO()):
        yield


# --- pycocotools and faster-coco-eval


def coco_evaluation(written, module, evaluation):
    folder = written["coco"]
    with silence():
        truth = module.COCO(str(folder / "annotations.json"))
        drafts = truth.loadRes(str(folder / "results.json"))
        judge = evaluation(truth, drafts, "bbox")
        judge.evaluate(), judge.accumulate(), judge.summarize()
    assert len(truth.anns) == BOXES and len(truth.imgs) == len(IMAGES)
    assert len(drafts.anns) == BOXES
    assert judge.stats[0] > 0.999, f"AP of the labels against themselves is {judge.stats[0]}"


def pycocotools(written):
    from pycocotools import coco, cocoeval
    coco_evaluation(written, coco, cocoeval.COCOeval)
    yield "loads annotations.json and results.json, AP 1.000 against itself"


def faster_coco_eval(written):
    import faster_coco_eval as module
    coco_evaluation(written, module, module.COCOeval_faster)
    yield "loads annotations.json and results.json, AP 1.000 against itself"


# --- Datumaro


def datumaro_items(dataset):
    from datumaro.components.annotation import AnnotationType
    labels = dataset.categories()[AnnotationType.label]
    found = {}
    for item in dataset:
        boxes = found.setdefault(item.id, [])
        for a in item.annotations:
            if a.type == AnnotationType.bbox:
                score = a.attributes.get("score", a.attributes.get("confidence"))
                boxes.append((labels[a.label].name, *a.get_bbox(), score))
    return found


def with_images(written, name):
    """The layouts that need their images beside them, in which the labels themselves need none."""
    if name not in ("coco", "cvat"):
        return written[name]
    folder = written.root / f"datumaro-{name}"
    shutil.copytree(written.root / "set" / "images", folder / "images")
    if name == "coco":  # <task>_<subset>.json
        (folder / "annotations").mkdir()
        shutil.copy(written[name] / "annotations.json",
                    folder / "annotations" / "instances_default.json")
    else:
        shutil.copy(written[name] / "annotations.xml", folder)
    return folder


def datumaro(written):
    from datumaro.components.dataset import Dataset

    with silence():
        for name, format_name, scores in [("coco", "coco_instances", True),
                                          ("cvat", "cvat", True),
                                          ("datumaro", "datumaro", True),
                                          ("voc", "voc_detection", True)]:
            folder = with_images(written, name)
            check_boxes(datumaro_items(Dataset.import_from(str(folder), format_name)), key=stem,
                        scores=scores)
        # Its YOLO reader takes folders below images/train for subsets.
        found = datumaro_items(Dataset.import_from(str(written["yolo-flat"]), "yolo"))
        check_boxes(found, key=lambda name: stem(flat(name)), scores=False)
    yield "reads coco, cvat, datumaro, voc and yolo: images, classes, boxes, scores where held"

    with silence():
        original = Dataset.import_from(str(written["datumaro"]), "datumaro")
        for format_name in ("coco_instances", "datumaro", "voc_detection"):
            out = written.root / f"by-datumaro-{format_name}"
            original.export(str(out), format_name, save_media=False)
            found = {stem(name.removeprefix("default/")): boxes
                     for name, boxes in written.read_back(out).items()}
            voc = format_name == "voc_detection"  # which has no file for an image without a label
            check_boxes(found, key=stem, scores=not voc, empties=not voc, tolerance=0.51)
    yield "what it writes as coco, datumaro and voc is read back"


# --- Label Studio


def label_studio(written):
    from label_studio_sdk.label_interface import LabelInterface

    folder = written["label_studio"]
    interface = LabelInterface((folder / "config.xml").read_text())
    tasks = json.loads((folder / "tasks.json").read_text())
    for task in tasks:
        for prediction in task["predictions"]:
            errors = interface.validate_prediction(prediction, return_errors=True)
            assert not errors, errors
    assert len(tasks) == len(IMAGES)
    yield "label-studio-sdk: every prediction is valid for the configuration"

    from label_studio_sdk.converter import Converter

    exported = written.root / "export" / "export.json"
    exported.parent.mkdir()
    exported.write_text(json.dumps([reviewed(task, i) for i, task in enumerate(tasks, 1)]))
    for kind in ("COCO", "YOLO"):
        out = written.root / f"by-label-studio-{kind}"
        with silence():
            converter = Converter(str(folder / "config.xml"), str(written.root), download_resources=False)
            if kind == "COCO":
                converter.convert_to_coco(str(exported), str(out), is_dir=False)
            else:
                converter.convert_to_yolo(str(exported), str(out), is_dir=False)
    converted = json.loads((written.root / "by-label-studio-COCO" / "result.json").read_text())
    assert len(converted["annotations"]) == BOXES
    assert [c["name"] for c in converted["categories"]] == CLASSES
    yield "its converter makes COCO and YOLO of the reviewed tasks, classes in our order"

    check_boxes(written.read_back(exported))
    yield "the reviewed export is read back: images, classes, boxes, scores"


def reviewed(task, number):
    """The task as the server exports it when the drafts were accepted as they are."""
    return {**task, "id": number, "annotations": [
        {"id": number, "completed_by": 1, "was_cancelled": False, "lead_time": 3.5,
         "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
         "result": [{**r, "origin": "prediction"} for r in task["predictions"][0]["result"]]}]}


# --- plain readers


def element_tree(written):
    found = {}
    for path in (written["voc"] / "Annotations").rglob("*.xml"):
        root = xml.etree.ElementTree.parse(path).getroot()
        boxes = found.setdefault(root.findtext("filename"), [])
        for item in root.iter("object"):
            corner = [float(item.find("bndbox").findtext(name))
                      for name in ("xmin", "ymin", "xmax", "ymax")]
            score = [a.findtext("value") for a in item.iter("attribute")
                     if a.findtext("name") == "score"]
            boxes.append((item.findtext("name"), corner[0], corner[1], corner[2] - corner[0],
                          corner[3] - corner[1], score[0]))
    check_boxes(found)
    yield "xml.etree reads voc: images, classes, boxes, scores"


def pandas(written):
    import pandas as pd

    table = pd.read_csv(written["csv"] / "labels.csv")
    assert set(table["path"]) == set(IMAGES)
    boxes = pd.read_csv(written["open_images"] / "boxes.csv")
    sizes = pd.read_csv(written["open_images"] / "images.csv").set_index("ImageID")
    found = {name: [] for name in sizes.index}
    for row in boxes.itertuples():
        w, h = sizes.loc[row.ImageID, "Width"], sizes.loc[row.ImageID, "Height"]
        found[row.ImageID].append((row.LabelName, row.XMin * w, row.YMin * h,
                                   (row.XMax - row.XMin) * w, (row.YMax - row.YMin) * h,
                                   row.Confidence))
    check_boxes(found)
    yield "reads csv and open_images: images, classes, boxes, scores"


# --- those that need PyTorch or a database


def torchvision(written):
    from torchvision.datasets import CocoDetection, ImageFolder

    folder = ImageFolder(written["folder"])
    assert folder.classes == ["cat", "dog"] and len(folder) == 4
    with silence():
        coco = CocoDetection(written.root / "set" / "images", written["coco"] / "annotations.json")
        assert len(coco) == len(IMAGES) and sum(len(target) for _, target in coco) == BOXES
    yield "ImageFolder reads folder, CocoDetection reads coco"


def ultralytics(written):
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.data.utils import check_cls_dataset, check_det_dataset

    found = {}
    with silence():
        data = check_det_dataset(str(written["yolo"] / "data.yaml"))
        assert list(data["names"].values()) == CLASSES, data["names"]
        dataset = YOLODataset(img_path=data["train"], data=data, augment=False, imgsz=128)
        for label in dataset.labels:
            name = label["im_file"].split("/images/train/")[1]
            h, w = label["shape"]
            found[name] = [(CLASSES[int(c[0])], (b[0] - b[2] / 2) * w, (b[1] - b[3] / 2) * h,
                            b[2] * w, b[3] * h, None)
                           for c, b in zip(label["cls"].tolist(), label["bboxes"].tolist())]
        classes = check_cls_dataset(str(written["yolo_classify"]))
    check_boxes(found, scores=False)
    assert list(classes["names"].values()) == ["cat", "dog"]
    yield "check_det_dataset and its dataset read yolo, check_cls_dataset reads yolo_classify"


def fiftyone(written):
    """Its importer alone: a dataset of its own needs a MongoDB server."""
    from fiftyone.utils.coco import COCODetectionDatasetImporter

    found = {}
    with silence():
        importer = COCODetectionDatasetImporter(
            data_path=str(written.root / "set" / "images"),
            labels_path=str(written["coco"] / "annotations.json"), include_id=True)
        with importer:
            for path, _, label in importer:
                name = path.split("/set/images/")[1]
                if isinstance(label, dict):  # {"detections": ..., "coco_id": ...}
                    label = label.get("detections")
                w, h = IMAGES[name][:2]
                found[name] = [(d.label, d.bounding_box[0] * w, d.bounding_box[1] * h,
                                d.bounding_box[2] * w, d.bounding_box[3] * h, d.confidence)
                               for d in (label.detections if label else [])]
    check_boxes(found)
    yield "its COCO importer reads images, classes, boxes and confidences"


READERS = {  # name: (module that has to be there, the checks)
    "pycocotools": ("pycocotools", pycocotools),
    "faster_coco_eval": ("faster_coco_eval", faster_coco_eval),
    "datumaro": ("datumaro", datumaro),
    "label_studio": ("label_studio_sdk", label_studio),
    "element_tree": ("xml", element_tree),
    "pandas": ("pandas", pandas),
    "torchvision": ("torchvision", torchvision),
    "ultralytics": ("ultralytics", ultralytics),
    "fiftyone": ("fiftyone", fiftyone),
}


def main():
    program, wanted = sys.argv[1], sys.argv[2:]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        written = Written(str(pathlib.Path(program).resolve()), pathlib.Path(folder))
        for name, (module, check) in READERS.items():
            if wanted and name not in wanted:
                continue
            if not wanted and importlib.util.find_spec(module) is None:
                continue
            try:
                for line in check(written):
                    print(f"ok      {name}: {line}", flush=True)
            except Exception as error:  # noqa: BLE001: every reader has errors of its own
                failed = True
                print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
