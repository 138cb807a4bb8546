#!/usr/bin/env python3
"""Fails on an #include in include/ or src/ that breaks the layers.

  check_layers.py [ROOT]        prints FILE:LINE: the include, and the rule it breaks
  check_layers.py --self-test   checks that planted violations are found, and good files pass

core < headers < data < metrics < quality < review < image < serve < ops < engine < model < pipeline < cli
A file includes its own module or one to the left.
"""

import os
import posixpath
import re
import sys
import tempfile

MODULES = ["core", "headers", "data", "metrics", "quality", "review", "image", "serve", "ops",
           "engine", "model", "pipeline", "cli"]
PLAIN_MODULES = MODULES[:MODULES.index("image")]
SOURCE = re.compile(r".*\.(h|hpp|cpp|cu|cuh)$")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
TORCH = ("torch/", "ATen/", "c10/")
OPENCV = ("opencv2/",)
LOGGING = ("spdlog/", "fmt/")


def module_of(path):
    """The module that a path below the root belongs to, or None: src/data/x.cpp is `data`."""
    match = re.match(r"(?:src|include/preannotate)/([^/]+)/", path)
    return match[1] if match else None


def target_of(path, quoted, root):
    """The module that an include of one of our own headers points to, or None."""
    if quoted.startswith("preannotate/"):
        return module_of("include/" + quoted)
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), quoted))
    if quoted.startswith("../") or os.path.exists(os.path.join(root, beside)):
        return module_of(beside)
    from_source_root = "src/" + quoted
    return module_of(from_source_root) if os.path.exists(os.path.join(root, from_source_root)) else None


def broken_rule(path, quoted, header, root):
    """The rule that one include breaks, or None."""
    module, target = module_of(path), target_of(path, quoted, root) if quoted else None
    name = quoted or header
    if target and target not in MODULES:
        return f"'{target}' is no module; known: {' '.join(MODULES)}"
    if target and MODULES.index(target) > MODULES.index(module):
        return f"{module} may not include {target}: a file includes its own module or one to the left"
    if module in PLAIN_MODULES and name.startswith(TORCH):
        return f"{module} uses no libtorch"
    if module in PLAIN_MODULES and name.startswith(OPENCV):
        return f"{module} uses no OpenCV"
    if name == "torch/torch.h" and path.endswith((".h", ".hpp", ".cuh")):
        return "a header includes torch/types.h, not torch/torch.h"
    return None


def check_file(path, root):
    """Yields (line, include, rule) for one file."""
    module = module_of(path)
    if module is None:
        return
    if module not in MODULES:
        yield 1, "", f"'{module}' is no module; known: {' '.join(MODULES)}"
        return
    has_torch, logging = False, None
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = match[1] or match[2]
            rule = broken_rule(path, match[1], match[2], root)
            if rule:
                yield number, name, rule
            has_torch = has_torch or name.startswith(TORCH)
            if name.startswith(LOGGING):
                logging = (number, name)
    if has_torch and logging:
        yield *logging, "no file includes both spdlog or fmt and libtorch, which carries its own fmt"


def check(root):
    """Returns (files looked at, ["FILE:LINE: ..."])."""
    files, problems = 0, []
    for top in ("include", "src"):
        for parent, _, names in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(filter(SOURCE.match, names)):
                path = os.path.relpath(os.path.join(parent, name), root)
                files += 1
                for line, include, rule in check_file(path, root):
                    problems.append(f"{path}:{line}: {include + ': ' if include else ''}{rule}")
    return files, problems


# (path, text, line and a part of the rule expected; None: the file is good)
PLANTED = [
    ("include/preannotate/model/backbone.h", "#include <torch/types.h>\n", None),
    ("include/preannotate/data/dataset.h", '#include "preannotate/core/error.h"\n', None),
    ("include/preannotate/data/up.h", '#pragma once\n#include "preannotate/model/backbone.h"\n',
     (2, "data may not include model")),
    ("src/image/mine.cpp", '#include "exif_tags.h"\n#include <opencv2/core.hpp>\n', None),
    ("src/image/exif_tags.h", "", None),
    ("src/image/relative.cpp", '#include "../cli/command.h"\n', (1, "image may not include cli")),
    ("src/core/from_source_root.cpp", '\n#include "image/exif_tags.h"\n',
     (2, "core may not include image")),
    ("src/metrics/tensor.cpp", "#include <ATen/ATen.h>\n", (1, "metrics uses no libtorch")),
    ("src/quality/scalar.cpp", '#include "c10/core/Scalar.h"\n', (1, "quality uses no libtorch")),
    ("src/data/pixels.cpp", "  #  include <opencv2/core.hpp>\n", (1, "data uses no OpenCV")),
    ("src/model/both.cpp", "#include <torch/script.h>\n#include <spdlog/spdlog.h>\n",
     (2, "spdlog or fmt")),
    ("src/model/slow.h", "#include <torch/torch.h>\n", (1, "not torch/torch.h")),
    ("src/model/fast.cpp", "#include <torch/torch.h>\n", None),
    ("src/cli/log.cpp", '// #include <torch/torch.h>\n#include <spdlog/spdlog.h>\n', None),
    ("src/util/strings.h", "", (1, "'util' is no module")),
]


def self_test():
    with tempfile.TemporaryDirectory() as root:
        for path, text, _ in PLANTED:
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        files, problems = check(root)
    wrong = [] if files == len(PLANTED) else [f"looked at {files} of {len(PLANTED)} files"]
    for path, _, expected in PLANTED:
        found = [problem for problem in problems if problem.startswith(path + ":")]
        if expected is None and found:
            wrong.append(f"good file reported: {found[0]}")
        elif expected and not (len(found) == 1 and found[0].startswith(f"{path}:{expected[0]}:")
                               and expected[1] in found[0]):
            wrong.append(f"{path}:{expected[0]}: expected '{expected[1]}', found {found}")
    for line in wrong:
        print(line)
    print(f"self-test: {len(PLANTED)} planted files, {len(wrong)} wrong")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    files, problems = check(root)
    for problem in problems:
        print(problem)
    if not files:
        print(f"no source files below {root}")
        return 1
    print(f"layers: {files} files, {len(problems)} broken rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
