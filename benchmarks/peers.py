"""Other people's recommenders as entries of `recommenders.py`, each run by the interpreter that has it installed."""

import importlib
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from registry import model

WORKER = Path(__file__).with_name("peers_worker.py")
PEERS = [
    ("rating", "surprise-svd", "Surprise SVD, defaults", False),
    ("rating", "surprise-svd-tuned", "Surprise SVD, 50 epochs, penalty 0.1", False),
    ("rating", "surprise-svdpp", "Surprise SVD++", True),
    ("rating", "surprise-knn", "Surprise KNNBaseline, users", False),
    ("rating", "lenskit-als", "lenskit BiasedMF (ALS)", True),
    ("ranking", "implicit-als", "implicit ALS", False),
    ("ranking", "implicit-bm25", "implicit BM25 item-kNN", False),
    ("ranking", "lenskit-userknn", "lenskit user-kNN", False),
    ("ranking", "lenskit-ease", "lenskit EASE", True),
]


def add_peers(python):
    """Register every peer that the interpreter `python` can import; say which it cannot."""
    for task, worker_name, name, slow in PEERS:
        package = worker_name.split("-")[0]
        if subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode:
            print(f"{name} is left out: {python} cannot import {package}")
        else:
            model(task, name, slow=slow, peer=True)(partial(run, python, task, worker_name))
    if subprocess.run([python, "-c", "import myfm"], capture_output=True).returncode == 0:
        importlib.import_module("recommenders_fm").add_myfm(python)


def run(python, task, name, train, test, ratings):
    """Answer and seconds of one peer on one split."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npz"
        np.savez(
            given,
            train=train[["user", "item"]],
            stars=train["rating"],
            test=test[["user", "item"]],
            catalogue=ratings.items.index,
        )
        subprocess.run([python, WORKER, name, given, found], check=True, capture_output=True, text=True)
        answer = dict(np.load(found))
    seconds = float(answer["seconds"])
    if task == "rating":
        return answer["stars"], seconds
    lists = dict(zip(answer["users"].tolist(), answer["lists"], strict=True))
    return (lambda user, n: lists[user][:n]), seconds
