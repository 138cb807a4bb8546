"""Import, view, review, export, read back and take the answers with a Label Studio server on the
loopback.

  label_studio_server.py PROGRAM    Label Studio is started from this Python's environment
"""

import itertools
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import requests

import conformance

USER, PASSWORD = "reviewer@example.com", "a-password-of-this-run"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, folder, files):
        self.url = f"http://127.0.0.1:{free_port()}"
        environment = {
            **os.environ, "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
            "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(files), "COLLECT_ANALYTICS": "false",
            "LABEL_STUDIO_BASE_DATA_DIR": str(folder), "LATEST_VERSION_CHECK": "false"}
        self.process = subprocess.Popen(
            [pathlib.Path(sys.executable).parent / "label-studio", "start", "--no-browser",
             "--internal-host", "127.0.0.1", "--port", self.url.rsplit(":", 1)[1],
             "--username", USER, "--password", PASSWORD],
            env=environment, stdout=(folder / "log").open("w"), stderr=subprocess.STDOUT)
        self.session = requests.Session()
        self.log_in()

    def log_in(self):
        for _ in range(600):  # its first start makes a database
            if self.process.poll() is not None:
                raise RuntimeError(f"Label Studio ended with {self.process.returncode}")
            try:
                page = self.session.get(f"{self.url}/user/login/", timeout=5)
                if page.ok:
                    break
            except requests.ConnectionError:
                pass
            time.sleep(1)
        self.session.post(f"{self.url}/user/login/", timeout=30, data={
            "email": USER, "password": PASSWORD,
            "csrfmiddlewaretoken": self.session.cookies["csrftoken"]}).raise_for_status()

    def call(self, method, path, **options):
        headers = {"X-CSRFToken": self.session.cookies["csrftoken"], "Referer": self.url}
        answer = self.session.request(method, self.url + path, headers=headers, timeout=120, **options)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code}: {answer.text[:500]}")
        return answer

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def review(server, task):
    """What a person does who accepts all, but for one class and one box."""
    results = [dict(r) for r in task["predictions"][0]["result"]]
    for result in results:
        result["origin"] = "prediction"
    changed = [r for r in results if r["value"].get("rectanglelabels") == ["dog"]]
    for result in changed:
        result["value"] = {**result["value"], "rectanglelabels": ["cat"]}
    server.call("POST", f"/api/tasks/{task['id']}/annotations/",
                json={"result": results, "lead_time": 4.2, "was_cancelled": False})
    return len(changed)


def drafts_folder(folder):
    """The drafts that the tasks were made of, as predict would have left them."""
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({
        "kind": "drafts", "model_version": "0123456789ab", "task": "detect",
        "categories": conformance.CLASSES, "source": ["images"]}))
    numbers = itertools.count()
    with (folder / "drafts.jsonl").open("w") as ledger:
        for name, (width, height, labels) in conformance.IMAGES.items():
            boxes = [{"id": f"d{next(numbers):011x}", "category": label, "score": score,
                      "bbox": [x, y, w, h]} for label, x, y, w, h, score in labels]
            ledger.write(json.dumps({
                "image": name, "sha256": "", "width": width, "height": height, "orientation": 1,
                "status": "done", "bucket": "review", "uncertainty": 0.5, "labels": boxes}) + "\n")
    return folder


def take_answers(program, drafts, exported):
    done = subprocess.run([program, "import", drafts, "--from", exported, "--json", "-q"],
                          capture_output=True, text=True)
    assert done.returncode == 0, f"import: exit {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def check_import(written, folder, exported, changed):
    drafts = drafts_folder(folder / "drafts")
    taken = take_answers(written.program, drafts, exported)
    assert taken["answers"] == len(conformance.IMAGES), taken
    assert taken["objects"] == {"accepted": conformance.BOXES - changed, "relabelled": changed,
                                "moved": 0, "deleted": 0, "added": 0}, taken["objects"]
    assert len(taken["reviewers"]) == 1, taken["reviewers"]
    answers = [json.loads(line) for line in (drafts / "review.jsonl").read_text().splitlines()]
    for answer in answers:
        assert answer["seconds"] == 4.2 and answer["at"].endswith("Z"), answer
        assert [label["id"] for label in answer["labels"]] == \
            [draft["id"] for draft in answer["drafts"]], "ids survive"
    assert take_answers(written.program, drafts, exported)["answers"] == 0
    print(f"ok      answers: {taken['objects']['accepted']} drafts accepted, {changed} relabelled, "
          f"by {taken['reviewers'][0]}; nothing new the second time")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        written = conformance.Written(str(pathlib.Path(sys.argv[1]).resolve()), folder / "work")
        drafts = written["label_studio"]
        (folder / "server").mkdir()
        files = folder / "work" / "set" / "images"
        server = Server(folder / "server", files)
        try:
            project = server.call("POST", "/api/projects/", json={
                "title": "drafts", "label_config": (drafts / "config.xml").read_text()}).json()["id"]
            storage = {"project": project, "path": str(files / "one"), "use_blob_urls": False,
                       "regex_filter": "nothing"}
            server.call("POST", "/api/storages/localfiles/", json=storage)
            server.call("POST", f"/api/projects/{project}/import",
                        files={"file": ("tasks.json", (drafts / "tasks.json").read_bytes())})
            tasks = server.call("GET", f"/api/tasks?project={project}&fields=all&page_size=100"
                                ).json()["tasks"]
            tasks = [server.call("GET", f"/api/tasks/{task['id']}/").json() for task in tasks]
            assert len(tasks) == len(conformance.IMAGES), f"{len(tasks)} tasks"
            regions = sum(len(t["predictions"][0]["result"]) for t in tasks)
            assert regions == conformance.BOXES, f"{regions} regions"
            print(f"ok      import: {len(tasks)} tasks with {regions} drafts")

            picture = server.call("GET", [t["data"]["image"] for t in tasks
                                          if t["data"]["pa_image"].startswith("one/")][0])
            assert picture.content.startswith(b"\x89PNG")
            print("ok      view: an image is served from below the document root")

            changed = sum(review(server, task) for task in tasks)
            exported = folder / "export" / "export.json"
            exported.parent.mkdir()
            exported.write_bytes(
                server.call("GET", f"/api/projects/{project}/export?exportType=JSON").content)
            assert len(json.loads(exported.read_text())) == len(tasks)
            print(f"ok      export: {len(tasks)} reviewed tasks, {changed} classes changed")
        finally:
            server.stop()
        found = written.read_back(exported)
        for name, (_, _, labels) in conformance.IMAGES.items():
            expected = sorted(("cat" if c == "dog" else c, *rest) for c, *rest in labels)
            assert len(found[name]) == len(expected), name
            for a, b in zip(sorted(found[name]), expected):
                assert a[0] == b[0] and conformance.close(a[1:5], b[1:5]) and a[5] == b[5], (a, b)
        print("ok      read back: images, changed classes, boxes and scores; empty images too")
        check_import(written, folder, exported, changed)


if __name__ == "__main__":
    main()
