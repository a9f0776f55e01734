"""Factorization machines, measured by `recommenders.py`; seconds are those of the processor, for fit and prediction.

    OMP_NUM_THREADS=1 python benchmarks/recommenders.py --only "FM|myfm" --unit "FM gibbs" --peers PYTHON

PYTHON, an interpreter with myfm: ``python3.11 -m venv peers-fm && peers-fm/bin/pip install 'setuptools<80' numpy
scipy pybind11 && peers-fm/bin/pip install --no-build-isolation myfm``. Settings were chosen on a further split of
the training rows of random split 0 (`random_split` again, seed 0).
"""

import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from registry import model
from sklearn.linear_model import LogisticRegression

from workshop.models import FactorizationMachineClassifier, FactorizationMachineRegressor, FeatureBuilder

SIDE, DAY = "ids + genres, year, raters", "the same + day (context-aware)"


def builder_for(knows, ratings):
    if knows == "ids":
        return FeatureBuilder()
    return FeatureBuilder(ratings.items, who_rated=True, day=knows == DAY)


def fit_predict(machine, train, test, ratings, knows, target):
    """Prediction and seconds of the processor of a machine given the columns of `knows`."""
    start = time.process_time()
    builder = builder_for(knows, ratings)
    machine.fit(builder.fit_transform(train), target, fields=builder.fields_)
    X = builder.transform(test)
    answer = machine.predict_proba(X)[:, 1] if hasattr(machine, "predict_proba") else machine.predict(X)
    return answer, time.process_time() - start


def add(task, name, knows, *, slow=False, **parameters):
    def run(train, test, ratings):
        kind = FactorizationMachineRegressor if task == "rating" else FactorizationMachineClassifier
        target = train["rating"] if task == "rating" else train["rating"] >= 4
        return fit_predict(kind(random_state=0, **parameters), train, test, ratings, knows, target)

    model(task, name, knows=knows, slow=slow)(run)


add("rating", "FM adam", "ids", solver="adam")
add("rating", "FM gibbs, one noise for all", "ids")
add("rating", "FM gibbs, 100 sweeps", "ids", noise_by="user", n_iter=100, n_samples=70)
for knows in ("ids", SIDE, DAY):
    add("rating", "FM gibbs", knows, noise_by="user")
add("rating", "FM gibbs, rank 16", SIDE, noise_by="user", n_factors=16, slow=True)
add("liked", "FM adam", "ids", solver="adam")
for knows in ("ids", SIDE, DAY):
    add("liked", "FM gibbs", knows)
add("liked", "FM gibbs, 300 sweeps", DAY, n_iter=300, n_samples=250)


@model("liked", "logistic regression (FM without factors)")
def logistic(train, test, ratings):
    builder = FeatureBuilder().fit(train)
    start = time.process_time()
    fitted = LogisticRegression(C=0.3, max_iter=500).fit(builder.transform(train), train["rating"] >= 4)
    return fitted.predict_proba(builder.transform(test))[:, 1], time.process_time() - start


def add_myfm(python):
    """Register myfm, run by an interpreter that has it, on the same columns in the form that it likes best."""
    for task in ("rating", "liked"):
        for knows in ("ids", SIDE, DAY):
            run = partial(run_myfm, python, task, knows)
            model(task, "myfm", knows=knows, slow=knows != "ids", peer=True)(run)


def run_myfm(python, task, knows, train, test, ratings):
    builder = builder_for(knows, ratings).fit(train)
    with tempfile.TemporaryDirectory() as folder:
        groups = []
        for f, field in enumerate(builder.fields_):
            own = sp.eye_array(field.n_columns, format="csr")
            described = own if field.features is None else sp.hstack([own, field.features], format="csr")
            sp.save_npz(f"{folder}/block{f}.npz", sp.csr_matrix(described))
            groups.append([field.n_columns, *(field.groups or {}).values()])
        starts = np.r_[0, np.cumsum([field.n_columns for field in builder.fields_])[:-1]]
        rows = {name: builder.transform(part).indices.reshape(len(part), -1) - starts for name, part in
                (("train", train), ("test", test))}  # fmt: skip
        target = train["rating"] if task == "rating" else train["rating"] >= 4
        np.savez(f"{folder}/given.npz", target=target, groups=np.concatenate(groups), **rows)
        worker = Path(__file__).with_name("myfm_worker.py")
        subprocess.run([python, worker, task, folder], check=True, capture_output=True, text=True)
        found = np.load(f"{folder}/found.npz")
        return found["answer"], float(found["seconds"])
