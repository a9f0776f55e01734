"""Answers to the exercises of part 4: right ones as people write them, wrong ones with words of what is to be said."""

import decimal
from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd

from workshop import tuning
from workshop.objectives import forrester
from workshop.tuning import BayesianSearch, Categorical, Float, GridSearch, Int, RandomSearch, Space, analysis, tune


class Near:
    """Strategies that draw ten trials at random and then stay near the best; `change` says how near."""

    def __init__(self, change=lambda rng, width, n: 0.1 * rng.normal(size=width), n_random=10, best_of=1):
        self.change, self.n_random, self.best_of = change, n_random, best_of

    def propose(self, space, history, rng):
        if len(history.complete) < self.n_random:
            return space.sample(rng)
        best = sorted(history.complete, key=lambda trial: trial.value)[: self.best_of]
        centre = space.encode(best[rng.integers(len(best))].config)
        return space.decode(centre + self.change(rng, space.width, len(history.complete)))


class OneAtATime(Near):
    def propose(self, space, history, rng):
        if len(history) < 10:
            return space.sample(rng)
        config = dict(min(history.complete, key=lambda trial: trial.value).config)
        name = list(space)[rng.integers(len(space))]
        config[name] = float(np.clip(config[name] * np.exp(rng.normal(scale=0.3)), space[name].low, space[name].high))
        return config


class Wrong:
    """Strategies as learners write them at first."""

    class Worst:
        def propose(self, space, history, rng):
            if len(history.complete) < 10:
                return space.sample(rng)
            worst = max(history.complete, key=lambda trial: trial.value)
            return space.decode(space.encode(worst.config) + 0.1 * rng.normal(size=space.width))

    class Empty:
        def propose(self, space, history, rng):
            best = min(history.complete, key=lambda trial: trial.value)
            return space.decode(space.encode(best.config) + 0.1 * rng.normal(size=space.width))

    class Encoded(Worst):
        def propose(self, space, history, rng):
            return space.encode(space.sample(rng)) + 0.1

    class Unseeded:
        def propose(self, space, history, rng):
            return space.sample(np.random.default_rng())

    class Stubborn:
        def propose(self, space, history, rng):
            if len(history.complete) < 10:
                return space.sample(rng)
            return dict(min(history.complete, key=lambda trial: trial.value).config)

    class Beyond:
        def propose(self, space, history, rng):
            return {name: 2.0 for name in space}

    class Nothing:
        def propose(self, space, history, rng):
            space.sample(rng)

    class Later:
        def propose(self, space, history, rng):
            if len(history) == 20:
                raise IndexError("list index out of range")
            return space.sample(rng)

    class AtRandom:
        def propose(self, space, history, rng):
            return space.sample(rng)


def names(notebook_cell):
    """What notebook 4 has bound where its exercises stand."""
    kinds = {kind.__name__: kind for kind in (BayesianSearch, Categorical, Float, GridSearch, Int, RandomSearch, Space)}
    hidden = {"hidden": lambda config: -forrester(config["x"]), "hidden_space": Space({"x": Float(0, 1)})}
    settings = {"maximize": {"direction": "maximize", "progress": False}, "SimpleNamespace": SimpleNamespace}
    found = {"np": np, "pd": pd, "analysis": analysis, "tuning": tuning, "tune": tune, "partial": partial}
    strategies = {"Wrong": Wrong, "Near": Near, "OneAtATime": OneAtATime, "Decimal": decimal.Decimal}
    return found | strategies | kinds | hidden | settings


CORRECT = {
    "eta": "Float(0.001, 1, log=True)",
    "max_depth": "Int(2, 10)",
    "subsample": "Float(0.5, 1)",
    "reg_lambda": "Float(0.001, 1000, log=True)",
}


def space_with(**changed):
    """Code of the wanted space, with other ranges."""
    return "Space({" + ", ".join(f"{name!r}: {code}" for name, code in (CORRECT | changed).items() if code) + "})"


STEP = "Near(lambda rng, width, n: {})"
RIGHT = {
    "4.1": [
        "16",
        "16.0",
        "analysis.training_hours(4**6, minutes_per_job=45, max_parallel=8) / 24",
        "4**6 / 8 * 45 / 60 / 24",
        "4**6 * 45 / (8 * 60 * 24)",
        "np.ceil(4**6 / 8) * 0.75 / 24",
        "np.float64(16)",
        "[16]",
        "np.array(16)",
        "pd.Series([16.0])",
        'Decimal("16")',
        "round(15.99, 0)",
        "15.98",
    ],
    "4.2": [
        "299",
        "int(np.ceil(np.log(0.05) / np.log(0.99)))",
        "np.ceil(np.log(0.05) / np.log(0.99))",
        "np.ceil(np.log10(0.05) / np.log10(0.99)).astype(int)",
        "next(n for n in range(1000) if 1 - 0.99**n >= 0.95)",
        "sum(0.99**n > 0.05 for n in range(1000))",
        "np.argmax(1 - 0.99 ** np.arange(1000) >= 0.95)",
        "299.0",
        "[299]",
        "np.array([299])",
        "pd.Series([299])",
        "Decimal(299)",
    ],
    "4.3": [
        space_with(),
        "Space({name: kind for name, kind in " + space_with()[6:-1] + ".items()})",
        "Space(dict(reversed(list(" + space_with()[6:-1] + ".items()))))",
        "Space(dict(" + ", ".join(f"{name}={code}" for name, code in CORRECT.items()) + "))",
        space_with(eta="Float(1e-3, 1.0, log=True)"),
        space_with(eta="Float(low=0.001, high=1, log=True)"),
        space_with(max_depth="Int(2, 10, log=False)"),
        space_with(max_depth="Int(low=2, high=10)"),
        space_with(subsample="Float(0.5, 1.0)"),
        space_with(subsample="Float(1 / 2, 1, log=False)"),
        space_with(reg_lambda="Float(10**-3, 10**3, log=True)"),
        space_with(eta="Float(np.float64(0.001), np.float64(1), log=True)"),
    ],
    "4.4": [
        "3",
        "3.0",
        "np.int64(3)",
        "sum([True, True, True, False, False])",
        "np.sum(np.array([0.9, 0.9, 0.9, 6, 6, 6, 6, 6]) < 5)",
        "[3]",
        "pd.Series([3])",
        "np.array([True, False, True, False, True, False, False, False])",
        "pd.Series([0.9, 6, 0.9, 6, 0.9, 6, 6, 6]) < 5",
        "[end < 5 for end in (0.9, 6, 0.9, 6, 0.9, 6, 6, 6)]",
        "Decimal(3)",
    ],
    "4.5": [
        "Near()",
        STEP.format("0.05 * rng.normal(size=width)"),
        STEP.format("0.15 * rng.normal(size=width)"),
        STEP.format("rng.uniform(-0.1, 0.1, size=width)"),
        STEP.format("rng.uniform(-0.2, 0.2, width)"),
        STEP.format("rng.normal(size=width) / n"),
        STEP.format("rng.laplace(scale=0.05, size=width)"),
        STEP.format("0.3 * 0.9 ** (n - 10) * rng.normal(size=width)"),
        "Near(best_of=2)",
        "Near(n_random=8)",
        "OneAtATime()",
        "SimpleNamespace(propose=Near().propose)",
    ],
}

# With 50 seeds each: code in which `seed` is one of them.
BY_SEED = {"4.5": ["Near(lambda rng, width, n: (0.05 + 0.001 * seed) * rng.normal(size=width))"]}

WRONG = {
    "4.1": {
        "analysis.training_hours(4**6, minutes_per_job=45, max_parallel=8)": "in hours",
        "4**6 / 8 * 45": "in minutes",
        "4**6": "number of jobs",
        "analysis.training_hours(4**6, minutes_per_job=45) / 24": "eight work at once",
        "analysis.training_hours(6**4, minutes_per_job=45, max_parallel=8) / 24": "so it is 4**6",
        "analysis.training_hours(4 * 6, minutes_per_job=45, max_parallel=8) / 24": "multiply",
        "analysis.training_hours(4**6, minutes_per_job=45, max_parallel=8) / 8": "do not sleep",
        '"16 days"': "is text",
        "15": "too small for the days that these jobs take: values of different hyperparameters multiply",
        "1000": "too large for the days",
        "pd.Timedelta(days=16)": "that is a Timedelta",
        "True": "yes or no",
    },
    "4.2": {
        "np.log(0.05) / np.log(0.99)": "round up",
        "int(np.log(0.05) / np.log(0.99))": "one too few",
        "int(np.ceil(np.log(0.05) / np.log(0.95)))": "top 5%",
        "int(np.ceil(np.log(0.01) / np.log(0.95)))": "exchanged",
        "int(np.ceil(np.log(0.01) / np.log(0.99)))": "hits the top 1% with 99%",
        "int(np.ceil(np.log(0.95) / np.log(0.99)))": "all miss with 95%",
        "int(0.95 / 0.01)": "do not simply add up",
        "300": "one fewer",
        "1000": "too large for the least number that all miss with at most 5%: 0.99 ** n",
        "60": "the chance that all n miss, has to be 0.05 or less",
        "-5": "too small",
        '"299"': "is text",
    },
    "4.3": {
        space_with(eta="Float(0.001, 1)"): "`eta` spans 3 powers of ten",
        space_with(eta='Float(0.001, 1, log="auto")'): "`eta` spans 3 powers of ten",
        space_with(reg_lambda="Float(0.001, 1000)"): "`reg_lambda` spans 6 powers of ten",
        space_with(subsample="Float(0.5, 1, log=True)"): "changes only 2-fold",
        space_with(max_depth="Float(2, 10)"): "whole depths",
        space_with(max_depth="Int(2, 10, log=True)"): "changes only 5-fold",
        space_with(max_depth="Categorical([2, 4, 6, 8, 10])"): "list of choices",
        space_with(eta="Float(0.01, 1, log=True)"): "`eta` goes from 0.01 to 1",
        space_with(reg_lambda=""): "has no `reg_lambda`",
        space_with(gamma="Float(0, 1)"): "nobody asked for `gamma`",
        '{"eta": Float(0.001, 1, log=True)}': "hand it to Space",
        "Float(0.001, 1, log=True)": "asks for a Space",
    },
    "4.4": {
        "5": "who did not",
        "6": "knows least",
        "0": "`kappa` has to be 0",
        "9": "out of 8",
        "-1": "out of 8",
        "0.375": "out of 8",
        "4": "too large for the runs, of 8, that end below 5: 4 random trials at first",
        "1": "too small for the runs",
        "[6.02, 0.98]": "2 values",
        '"three"': "is text",
        "Wrong.AtRandom()": "that is an AtRandom",
    },
    "4.5": {
        "Wrong.Worst": "hand over an instance",
        "Wrong.Worst()": "go near the trial with the lowest",
        "Wrong.Empty()": "no trial yet",
        "Wrong.Encoded()": "not a config of the space",
        "Wrong.Beyond()": "out of range",
        "Wrong.Unseeded()": "not from np.random",
        "Wrong.Stubborn()": "drawn anew",
        "Wrong.Nothing()": "returns nothing",
        "Wrong.Later()": "in a study its propose raises IndexError",
        "Wrong.AtRandom()": "should gain",
        "RandomSearch()": "workshop's own strategy",
        "BayesianSearch(n_initial=10)": "workshop's own strategy",
        "lambda space, history, rng: space.sample(rng)": "without a method `propose",
        STEP.format("5 * rng.normal(size=width)"): "go near the trial",
        "4.5": "without a method `propose",
    },
}
