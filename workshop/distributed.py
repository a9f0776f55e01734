"""One training job on several machines, and whose score it then is.

Each instance of a distributed job holds a part of the rows. XGBoost adds up what they see, so that all grow the same
trees; but nobody adds up the *metric*: left alone, each instance reports the score of the model on its own validation
rows. A tuning service takes the last value that any instance reports, and who is last is chance. The cure is in the
job: let the instances agree on one value over all rows before anyone reports.

The instances run wherever an executor takes them: in threads here, which talk over sockets as machines do, or on the
workers of a dask cluster. XGBoost's own collective does the talking (`xgboost.collective`, Rabit).
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, FIRST_EXCEPTION, Executor, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import xgboost as xgb
from xgboost import collective
from xgboost.tracker import RabitTracker

from workshop.metrics import auc
from workshop.objectives import LikedAUC
from workshop.tuning.parameter import able, one_of, whole

PATIENCE_SECONDS = 300  # how long the instances of a job wait for each other; a busy worker imports for a minute
GRACE_SECONDS = 2  # how long after a failure


class Report(NamedTuple):
    """What one instance of a training job says at its end: the AUC of the common model, and on how many rows.

    Examples
    --------
    >>> sorted([Report(worker=1, value=0.75, n_rows=4501), Report(worker=0, value=0.71, n_rows=4502)])[0].value
    0.71
    """

    worker: int
    value: float
    n_rows: int


def shards(rows: pd.DataFrame, n_shards: int, by: str) -> list[pd.DataFrame]:
    """Return the rows of each instance, a list of `n_shards` tables of equal length (to one row), cut along a column.

    This is what happens to data that lies in files ordered by a key, when each instance gets some of the files.

    Examples
    --------
    >>> rows = pd.DataFrame({"user_count": [70, 10, 30, 20]})
    >>> [part["user_count"].tolist() for part in shards(rows, 2, by="user_count")]
    [[10, 20], [30, 70]]
    """
    if by not in rows:
        raise ValueError(f"by={by!r} is not a column; choose one of {', '.join(map(str, rows))}")
    if (n_shards := whole("n_shards", n_shards, 1)) > len(rows):
        raise ValueError(f"n_shards={n_shards} cannot be cut from {len(rows)} rows; give a number from 1 to that")
    ordered = rows.sort_values(by, kind="stable")
    return [ordered.iloc[part] for part in np.array_split(np.arange(len(rows)), n_shards)]


class DistributedAUC:
    """The AUC that a service believes a distributed training job has: what the last of its instances reported.

    It takes the place of the `LikedAUC` that it is given: the same rows, the same model, but on several workers.

    Parameters
    ----------
    objective : LikedAUC
        Its training and validation rows are cut into parts, one for each worker.
    n_workers : int
        How many instances train one model together.
    metric : {"own", "joint"}
        What each instance reports: the AUC on its own validation rows, or that on everybody's.
    by : str
        The column along which the rows are cut; "user_count": worker 0 has those with the fewest ratings.
    executors : sequence of concurrent.futures.Executor, optional
        Where instance 0, 1, ... run; `dask_executors` makes them. All must run at the same time. Threads by default.
    host : str
        The address under which the workers reach this process.

    Examples
    --------
    >>> from workshop.datasets import load_movielens
    >>> objective = LikedAUC(load_movielens(), n_train=1000)
    >>> own = DistributedAUC(objective, metric="own").reports({"num_round": 5})
    >>> [(report.worker, round(report.value, 2)) for report in sorted(own)]  # the same model, judged twice
    [(0, 0.69), (1, 0.7)]
    >>> joint = DistributedAUC(objective, metric="joint").reports({"num_round": 5})
    >>> len({report.value for report in joint}), joint[0].n_rows
    (1, 9003)
    """

    def __init__(
        self,
        objective: LikedAUC,
        n_workers: int = 2,
        *,
        metric: str = "own",
        by: str = "user_count",
        executors: Sequence[Executor] | None = None,
        host: str = "127.0.0.1",
    ):
        if not isinstance(objective, LikedAUC):
            raise TypeError(f"objective={objective!r} is not a LikedAUC; give LikedAUC(load_movielens()) or the like")
        one_of("metric", metric, ("own", "joint"))
        if executors is not None and len(executors) != n_workers:
            raise ValueError(f"executors={len(executors)} of them for n_workers={n_workers}; give one to each worker")
        self.metric, self.executors, self.host, self._objective = metric, executors, host, objective
        train, valid = (shards(rows, n_workers, by) for rows in (objective.train, objective.valid))
        self._parts = list(zip(train, valid, strict=True))

    def __call__(self, config: dict) -> float:
        """Return the AUC that was reported last, in [0, 1]: with metric="own", another one in another run."""
        return self.reports(config)[-1].value

    def reports(self, config: dict) -> list[Report]:
        """Return what the instances reported when they trained one model with `config`, a list, in order of arrival.

        RuntimeError if an instance fails or is lost; the others then end too.
        """
        with ExitStack() as stack, _tracker(len(self._parts), self.host) as address:
            executors = self.executors
            if executors is None:
                executors = [stack.enter_context(ThreadPoolExecutor(1)) for _ in self._parts]
            settings, running = self._objective.arguments(config), []
            arrived: list[Any] = []
            for worker, (executor, part) in enumerate(zip(executors, self._parts, strict=True)):
                running.append(executor.submit(_train_part, address, worker, settings, *part, self.metric))
                running[-1].add_done_callback(arrived.append)
            try:
                wait(running, return_when=FIRST_COMPLETED)
                wait(running, PATIENCE_SECONDS, FIRST_EXCEPTION)  # in step: when one has ended, all are about to
                return [future.result(timeout=0) for future in (*arrived, *(set(running) - set(arrived)))]
            except Exception as error:
                wait(running, GRACE_SECONDS)  # the others hear of it from XGBoost, unless they still wait for this one
                raise RuntimeError(f"an instance of the job with {config} failed or was lost: {error!r}") from error
            finally:
                for future in running:
                    future.cancel()


@contextmanager
def _tracker(n_workers, host):
    """Yield the address at which `n_workers` instances find each other; let nobody wait there afterwards."""
    tracker = RabitTracker(n_workers=n_workers, host_ip=host, sortby="task", timeout=PATIENCE_SECONDS)
    tracker.start()
    try:
        yield {**tracker.worker_args(), "dmlc_timeout": PATIENCE_SECONDS}
    finally:
        with suppress(xgb.core.XGBoostError):  # it complains when an instance is missing, which is known by then
            tracker.free()


def _train_part(address, worker, settings, train, valid, metric):
    """Return the `Report` of one instance, which trains on its own rows together with the others at this address."""
    parameters, num_round = settings
    xgb.core._LIB.XGBRegisterLogCallback(_say)
    with xgb.config_context(verbosity=0):
        collective.init(**address, dmlc_task_id=f"{worker:06}")
        try:
            rows = xgb.DMatrix(LikedAUC.features(train), train["liked"], nthread=1)
            booster = xgb.train(parameters, rows, num_round)  # sums of gradients go around: all grow the same trees
            liked, score = valid["liked"].to_numpy(), booster.inplace_predict(LikedAUC.features(valid))
            if metric == "joint":
                liked, score = gathered(liked), gathered(score)
            return Report(worker, auc(liked, score), len(liked))
        finally:
            with suppress(xgb.core.XGBoostError):  # another instance has left and is gone; all results are here by then
                collective.finalize()


def gathered(values: np.ndarray) -> np.ndarray:
    """Return the values of all instances, one after the other; each sends its own to all others, inside a job only."""
    if not isinstance(values, np.ndarray):
        raise TypeError(f"values={values!r} is not an array; each instance sends one")
    here, n_workers = collective.get_rank(), collective.get_world_size()
    return np.concatenate([collective.broadcast(values if root == here else None, root) for root in range(n_workers)])


@ctypes.CFUNCTYPE(None, ctypes.c_char_p)
def _say(message):  # each instance announces its rank on the terminal, whatever its verbosity: not here
    if b" got rank " not in message:
        print(message.decode(errors="replace"), file=sys.stderr)


def dask_executors(client: Any, n_workers: int = 2) -> list[Executor]:
    """Return one executor for each of `n_workers` workers of a cluster, a list: no two instances of a job share one."""
    able("client", client, "get_executor", "dask's distributed.Client()")
    addresses, n_workers = sorted(client.nthreads()), whole("n_workers", n_workers, 1)
    if len(addresses) < n_workers:
        raise ValueError(f"n_workers={n_workers}, but the cluster has {len(addresses)}; add some, or wait for them")
    return [client.get_executor(workers=[address]) for address in addresses[:n_workers]]
