"""Kill -9 at random moments: what a study has been told is never lost, and it goes on as if nothing had happened.

    OMP_NUM_THREADS=1 python benchmarks/kills.py                   # 200 kills at least, some minutes
    OMP_NUM_THREADS=1 python benchmarks/kills.py --kills 1000 --seed 1

Each study is tuned by a process that is killed after a random time and started again until the study is done. The
process writes down each value when `tell` has come back; after every kill a fresh look into the file must find all of
them. A study that ran one trial at a time must in the end equal one that was never interrupted, value for value.
Prints a line a kind of study and exits with 1 if anything was lost. Needs fork: Linux or macOS.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

from workshop.tuning import (
    BayesianSearch,
    Categorical,
    Float,
    GridSearch,
    Hyperband,
    Int,
    MedianRule,
    RandomSearch,
    Space,
    Study,
    tune,
)

SPACE = Space({"x": Float(-2, 2), "k": Int(1, 9), "kind": Categorical(["a", "b"])})
N_TRIALS = 12


def value_of(config):
    time.sleep(0.003)
    if config["k"] == 9:
        raise ValueError("nine")  # failures have to survive too
    return (config["x"] - 1) ** 2 + 0.1 * config["k"]


def learning(config):
    for step in range(1, 10):
        yield value_of(config) + 1 / step


STUDIES = {
    "grid": {"strategy": GridSearch(3), "objective": value_of},
    "random": {"strategy": RandomSearch(), "objective": value_of},
    "bayesian": {"strategy": BayesianSearch(n_initial=4), "objective": value_of},
    "median rule": {"strategy": BayesianSearch(n_initial=4), "objective": learning, "stopping": MedianRule()},
    "hyperband": {"strategy": Hyperband(max_steps=9), "objective": learning},
}


def processes(max_parallel):
    return ProcessPoolExecutor(max_parallel, mp_context=multiprocessing.get_context("fork"))


WAYS = {
    "one at a time": {"max_parallel": 1},
    "three threads": {"max_parallel": 3},
    "three processes": {"max_parallel": 3, "executor": processes},
}


def told(trial):
    """Return what has to be found again of a trial that was told."""
    return [trial.number, dict(trial.config), trial.state, trial.value, trial.error, list(trial.values)]


def tune_and_write_down(settings, log):
    """Tune in this process, and note each trial in the file `log` as soon as `tell` has returned."""
    tell = Study.tell

    def tell_and_note(study, *arguments, **outcome):
        trial = tell(study, *arguments, **outcome)
        with log.open("a") as file:
            file.write(json.dumps(told(trial)) + "\n")
        return trial

    Study.tell = tell_and_note
    tune(**settings)


def run_and_kill(seconds, function, *arguments):
    """Return whether `function` ended, in a process group of its own that is killed after so many seconds."""
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        try:
            function(*arguments)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    with suppress(PermissionError, ProcessLookupError):  # the child has done it already
        os.setpgid(pid, pid)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    if status not in (0, signal.SIGKILL):
        raise RuntimeError(f"the process that tuned ended with status {status}: it failed by itself")
    return status == 0


def look(settings, log):
    """Return (trials that were told and are not in the file as they were told, trials that the kill interrupted)."""
    if not settings["storage"].exists():
        return 0, 0
    study = {name: settings[name] for name in ("space", "strategy", "seed", "storage")}
    history = Study(**study, stopping=settings.get("stopping")).history
    found = {trial.number: told(trial) for trial in history}
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    notes = [json.loads(line) for line in lines if line.endswith("\n")]  # the last may have been cut by the kill
    return sum(found.get(note[0]) != note for note in notes), len(history.running)


def torture(settings, folder, moments):
    """Return what came of one study, killed until it is done: a Counter."""
    settings, log = {**settings, "storage": folder / "study.sqlite"}, folder / "told"
    count, patience, done = Counter(studies=1), 0.01, False
    while not done:
        done = run_and_kill(moments.uniform(0, patience), tune_and_write_down, settings, log)
        lost, interrupted = look(settings, log)
        count.update(lost=lost, kills=not done, in_trial=interrupted > 0)
        patience *= 1.1  # ever more, so that any machine gets there
    study = tune(**settings)
    whole = tune(**{**settings, "storage": None, "max_parallel": 1, "executor": None})
    count.update(equal=[told(t) for t in study.history] == [told(t) for t in whole.history])
    left = {path.name for path in folder.iterdir()} - {"study.sqlite", "told"}
    if len(study.history) != N_TRIALS or study.history.running or left:
        raise RuntimeError(f"the study ended with {study.history!r} and left {left}")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="how many at least, over all kinds (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and of the studies")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # of fork
    moments, begin, total = random.Random(arguments.seed), time.monotonic(), Counter()
    kinds = [(name, way) for name in STUDIES for way in WAYS]
    print(
        f"{'study':12} {'run as':16} {'studies':>8} {'kills':>6} {'in a trial':>11} {'told, lost':>11} {'differs':>8}"
    )
    for name, way in kinds:
        count = Counter()
        while count["kills"] < arguments.kills / len(kinds):
            settings = {**STUDIES[name], **WAYS[way], "space": SPACE, "n_trials": N_TRIALS, "progress": False}
            with tempfile.TemporaryDirectory() as folder:
                count += torture({**settings, "seed": arguments.seed + count["studies"]}, Path(folder), moments)
        # Several at once, what a strategy knew depends on which trial ended first: there is nothing to compare.
        different = count["studies"] - count["equal"] if way == "one at a time" else 0
        print(
            f"{name:12} {way:16} {count['studies']:8} {count['kills']:6} {count['in_trial']:11} {count['lost']:11} "
            f"{different if way == 'one at a time' else '-':>8}",
            flush=True,
        )
        total += count
        total["different"] += different
    print(
        f"{total['kills']} kills of {total['studies']} studies in {time.monotonic() - begin:.0f} s, "
        f"{total['in_trial']} of them in a trial: {total['lost']} told trials lost, "
        f"{total['different']} studies unlike the uninterrupted"
    )
    return 1 if total["lost"] or total["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
