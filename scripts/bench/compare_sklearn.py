#!/usr/bin/env python3
"""Compares the head with scikit-learn's LogisticRegression on identical features and folds.

    scripts/bench/compare_sklearn.py SEED            trains with build/preannotate first
    scripts/bench/compare_sklearn.py --dump FOLDER   uses what `train --dump-features` wrote

Both minimise mean cross-entropy + penalty/2 ||W||^2 on the same scaled features and choose the
penalty by out-of-fold log-loss (scikit-learn: C = 1 / (penalty * rows), LogisticRegressionCV with
scoring='neg_log_loss'). Prints out-of-fold accuracy, log-loss and the seconds each took. Exit
code 1 where ours is more than 0.3 points of accuracy or 0.002 nats behind.

Installs numpy and scikit-learn into a virtual environment of its own in the cache folder.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import venv
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ["numpy", "scikit-learn"]


def cache_folder():
    cache = os.environ.get("PREANNOTATE_CACHE")
    if cache:
        return pathlib.Path(cache)
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "preannotate"


def enter_environment():
    """Runs this script again with the Python of the virtual environment, made where absent."""
    folder = cache_folder() / "bench-venv"
    python = folder / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == folder.resolve():
        return
    imports = [python, "-c", "import numpy, sklearn"]
    if not python.exists() or subprocess.run(imports, capture_output=True).returncode:
        print(f"installing {' and '.join(PACKAGES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    os.execv(python, [str(python), __file__, *sys.argv[1:]])


def train(program, seed, folder):
    """Trains on `seed` and returns the folder of what it dumped."""
    run = folder / "run"
    # The embedding alone: scikit-learn gets one scale for all columns, ours one a block.
    subprocess.run([program, "train", "--data", seed, "--output", run, "--quiet",
                    "--features", "embedding", "--imgsz", "224",
                    "--dump-features", folder / "dump"], check=True)
    return folder / "dump"


def time_of_ours(program):
    """The head's benchmark, where it is built: seconds for 1,000 x 1,280 and 10 classes."""
    if not program.exists():
        return None
    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    found = re.search(r"median ([0-9.]+) s", out)
    return float(found.group(1)) if found else None


def load(dump):
    import numpy as np
    arrays = [np.load(dump / f"{name}.npy", allow_pickle=False)
              for name in ("features", "targets", "folds", "out_of_fold")]
    features, targets, folds, ours = arrays
    n = len(features)
    if not (len(targets) == len(folds) == len(ours) == n):
        sys.exit(f"{dump}: arrays of {[len(a) for a in arrays]} rows; they should be equal")
    if targets.ndim != 1:
        sys.exit(f"{dump}: targets of shape {targets.shape}; only classification is compared")
    if (folds >= 0).sum() == 0:
        sys.exit(f"{dump}: no row was validated on, so there is nothing to compare")
    return features, targets, folds, ours


def scores(logits, targets):
    """(accuracy, log-loss) of logits [N, C]."""
    import numpy as np
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(targets))
    return (z.argmax(axis=1) == targets).mean(), -log_p[rows, targets].mean()


def make_pipeline(scaling, classifier):
    import numpy as np
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    class CommonScale(BaseEstimator, TransformerMixin):
        """Centres each feature; one scale for all of them brings the mean variance to 1."""

        def fit(self, x, y=None):
            self.mean_ = x.mean(axis=0)
            self.scale_ = 1 / np.sqrt(((x - self.mean_) ** 2).mean())
            return self

        def transform(self, x):
            return (x - self.mean_) * self.scale_

    scaler = StandardScaler() if scaling == "feature" else CommonScale()
    return Pipeline([("scale", scaler), ("classify", classifier)])


def sklearn_out_of_fold(features, targets, folds, scaling, count):
    """Out-of-fold logits at the best of `count` penalties; the fit on all rows is timed too."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    penalties = np.logspace(1, -5, count)
    classes = int(targets.max()) + 1
    x = features.astype(np.float64)
    logits = np.full((count, len(x), classes), -50.0)  # a class no training row has
    start = time.perf_counter()
    for fold in range(folds.max() + 1):
        training, validated = folds != fold, folds == fold
        classifier = LogisticRegression(max_iter=1000, tol=1e-4, warm_start=True)
        pipeline = make_pipeline(scaling, classifier)
        scaler = pipeline.named_steps["scale"].fit(x[training])
        fitted, held_out = scaler.transform(x[training]), scaler.transform(x[validated])
        for i, penalty in enumerate(penalties):
            classifier.C = 1 / (penalty * training.sum())
            classifier.fit(fitted, targets[training])
            z = classifier.decision_function(held_out)
            z = np.stack([-z / 2, z / 2], axis=1) if z.ndim == 1 else z
            logits[np.ix_([i], np.flatnonzero(validated), classifier.classes_)] = z
    validated = folds >= 0
    losses = [scores(z[validated], targets[validated])[1] for z in logits]
    best = int(np.argmin(losses))
    classifier = LogisticRegression(C=1 / (penalties[best] * len(x)), max_iter=1000, tol=1e-4)
    make_pipeline(scaling, classifier).fit(x, targets)
    return logits[best], penalties[best], time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("seed", nargs="?", type=pathlib.Path, help="labelled images to train on")
    parser.add_argument("--dump", type=pathlib.Path, help="folder of an earlier --dump-features")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "preannotate")
    parser.add_argument("--penalties", type=int, default=24, help="how many scikit-learn tries")
    args = parser.parse_args()
    if (args.seed is None) == (args.dump is None):
        parser.error("give a seed or --dump, one of them")
    enter_environment()
    from sklearn import __version__ as version
    from sklearn.exceptions import ConvergenceWarning
    warnings.simplefilter("ignore", ConvergenceWarning)

    with tempfile.TemporaryDirectory() as folder:
        dump = args.dump or train(args.program, args.seed, pathlib.Path(folder))
        features, targets, folds, ours = load(dump)
    validated = folds >= 0
    rows = [("preannotate", "", scores(ours[validated], targets[validated]), None)]
    for scaling, label in (("common", "one scale"), ("feature", "a scale a feature")):
        logits, penalty, seconds = sklearn_out_of_fold(features, targets, folds, scaling,
                                                       args.penalties)
        rows.append((f"scikit-learn {version}, {label}", f"{penalty:.2e}",
                     scores(logits[validated], targets[validated]), seconds))

    print(f"{len(features)} rows x {features.shape[1]} features, {targets.max() + 1} classes, "
          f"{folds.max() + 1} folds, {validated.sum()} rows validated on")
    print(f"{'head':42} {'penalty':>9} {'accuracy':>9} {'log-loss':>9} {'seconds':>8}")
    for name, penalty, (accuracy, log_loss), seconds in rows:
        took = f"{seconds:8.2f}" if seconds is not None else " " * 8
        print(f"{name:42} {penalty:>9} {100 * accuracy:8.2f}% {log_loss:9.4f} {took}")
    ours_s = time_of_ours(args.program.parent / "tests/model/preannotate_head_bench")
    if ours_s is not None:
        print(f"preannotate_head_bench (1,000 x 1,280, 10 classes): {ours_s:.2f} s")

    (accuracy, log_loss), (peer_accuracy, peer_log_loss) = rows[0][2], rows[1][2]
    if accuracy < peer_accuracy - 0.003 or log_loss > peer_log_loss + 0.002:
        sys.exit("preannotate is behind scikit-learn")


if __name__ == "__main__":
    main()
