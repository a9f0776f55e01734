"""The exercises of part 4: each solution passes, and each plausible mistake is called by its name."""

import numpy as np
import pytest

from workshop import tuning
from workshop.exercises.exercise import EXERCISES
from workshop.objectives import forrester
from workshop.tuning import BayesianSearch, Categorical, Float, GridSearch, Int, RandomSearch, Space, analysis, tune

OF_PART = [exercise for number, exercise in EXERCISES.items() if number.startswith("4")]


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


@pytest.fixture(scope="module")
def names():
    """What notebook 4 has bound where its exercises stand."""
    kinds = {kind.__name__: kind for kind in (BayesianSearch, Categorical, Float, GridSearch, Int, RandomSearch, Space)}
    hidden = {"hidden": lambda config: -forrester(config["x"]), "hidden_space": Space({"x": Float(0, 1)})}
    settings = {"maximize": {"direction": "maximize", "progress": False}}
    return {"np": np, "analysis": analysis, "tuning": tuning, "tune": tune, "Wrong": Wrong} | kinds | hidden | settings


@pytest.mark.parametrize("exercise", OF_PART, ids=lambda e: e.number)
def test_the_solution_passes_its_check(exercise, names, said, solved):
    answers = solved(exercise.number, names)
    assert said(exercise.number, *answers) == f"Exercise {exercise.number}: Right. {exercise.why}"


@pytest.mark.parametrize("exercise", OF_PART, ids=lambda e: e.number)
def test_the_stub_is_not_an_attempt(exercise, said):
    assert "not attempted" in said(exercise.number, None)


RIGHT = {
    "eta": "Float(0.001, 1, log=True)",
    "max_depth": "Int(2, 10)",
    "subsample": "Float(0.5, 1)",
    "reg_lambda": "Float(0.001, 1000, log=True)",
}


def space_with(**changed):
    """Code of the wanted space, with other ranges."""
    return "Space({" + ", ".join(f"{name!r}: {code}" for name, code in (RIGHT | changed).items() if code) + "})"


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
        "15": "too small",
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
        "1000": "too large",
    },
    "4.3": {
        space_with(eta="Float(0.001, 1)"): "eta spans 3 powers of ten",
        space_with(eta='Float(0.001, 1, log="auto")'): "eta spans 3 powers of ten",
        space_with(reg_lambda="Float(0.001, 1000)"): "reg_lambda spans 6 powers of ten",
        space_with(subsample="Float(0.5, 1, log=True)"): "changes only 2-fold",
        space_with(max_depth="Float(2, 10)"): "whole depths",
        space_with(max_depth="Int(2, 10, log=True)"): "changes only 5-fold",
        space_with(max_depth="Categorical([2, 4, 6, 8, 10])"): "list of choices",
        space_with(eta="Float(0.01, 1, log=True)"): "eta goes from 0.01 to 1",
        space_with(reg_lambda=""): "has no reg_lambda",
        space_with(gamma="Float(0, 1)"): "nobody asked for gamma",
        '{"eta": Float(0.001, 1, log=True)}': "hand it to Space",
        "Float(0.001, 1, log=True)": "asks for a Space",
    },
    "4.4": {
        "5": "who did not",
        "6": "knows least",
        "0": "kappa has to be 0",
        "9": "out of 8",
        "0.375": "out of 8",
        "4": "too large",
        "[6.02, 0.98]": "2 values",
    },
    "4.5": {
        "Wrong.Worst": "hand over an instance",
        "Wrong.Worst()": "go near the trial with the lowest",
        "Wrong.Empty()": "no trial yet",
        "Wrong.Encoded()": "no config of the space",
        "Wrong.Beyond()": "out of range",
        "Wrong.Unseeded()": "not from np.random",
        "Wrong.Stubborn()": "drawn anew",
        "Wrong.Nothing()": "returns None",
        "Wrong.Later()": "in a study its propose raises IndexError",
        "RandomSearch()": "should gain",
        "lambda space, history, rng: space.sample(rng)": "without a method propose",
        "4.5": "without a method propose",
    },
}


@pytest.mark.parametrize(("number", "code"), [(number, code) for number in WRONG for code in WRONG[number]])
def test_a_mistake_is_called_by_its_name(number, code, names, mistaken):
    mistaken(WRONG[number][code], number, eval(code, dict(names)))


@pytest.mark.slow
def test_bayesian_search_is_a_right_answer_too(said):
    assert ": Right." in said("4.5", BayesianSearch(n_initial=10))
