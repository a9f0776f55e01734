"""myfm on given columns: ``python myfm_worker.py TASK FOLDER``. Knows nothing of this project.

Rank 8, 200 sweeps of which the last 180 are averaged. The seconds found are those of the processor, for fit and
prediction.
"""

import sys
import time
from pathlib import Path

import myfm
import numpy as np
import scipy.sparse as sp

task, folder = sys.argv[1], Path(sys.argv[2])
given = dict(np.load(folder / "given.npz"))
fields = [sp.load_npz(folder / f"block{f}.npz") for f in range(given["train"].shape[1])]
plain = all(block.nnz == block.shape[0] for block in fields)  # every column is its own only feature


def columns(rows):
    """Arguments X and X_rel: one sparse matrix for ids alone, else relational blocks, which are then much faster."""
    if plain:
        return sp.hstack([block[i] for block, i in zip(fields, rows.T, strict=True)], format="csr"), []
    return None, [myfm.RelationBlock(i, block) for block, i in zip(fields, rows.T, strict=True)]


kind = myfm.MyFMRegressor if task == "rating" else myfm.MyFMClassifier
X, X_rel = columns(given["train"])
X_test, X_rel_test = columns(given["test"])
start = time.process_time()
machine = kind(rank=8, random_seed=0)
machine.fit(X, given["target"], X_rel=X_rel, n_iter=200, n_kept_samples=180, group_shapes=given["groups"].tolist())
predict = machine.predict if task == "rating" else machine.predict_proba
answer = predict(X_test, X_rel=X_rel_test)
np.savez(folder / "found.npz", answer=answer, seconds=time.process_time() - start)
