"""The exercises of part 4: what a grid costs, how many random trials, a good space, the search questioned, your own."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from workshop.exercises.answers import Mistake, call, compare, flatten, is_blank, read_number, show_value
from workshop.exercises.exercise import exercise
from workshop.tuning import Categorical, Float, History, Int, Space, Trial, tune

WANTED: dict[str, Float | Int] = {"eta": Float(0.001, 1, log=True), "max_depth": Int(2, 10)}
WANTED |= {"subsample": Float(0.5, 1), "reg_lambda": Float(0.001, 1000, log=True)}
# Of 8 searches of the hidden function, how many end on the smaller hill, by what they ask.
N_MISSED = {"only the mean": 3, "only the uncertainty": 6, "both": 0}
RANDOM_BEST = 0.0083  # median over 15 seeds of what 25 random trials find on the bowl
BOWL = Space({"eta": Float(0.001, 1, log=True), "subsample": Float(0.1, 1)})


@exercise("4.3")
def judge_my_space(my_space: Any) -> None:
    """A space of four hyperparameters of XGBoost with the asked ranges, kinds and scales."""
    if isinstance(my_space, dict):
        raise Mistake("that is a dict; hand it to Space(...)")
    if not isinstance(my_space, Space):
        raise Mistake(f"that is {show_value(my_space)}; the question asks for a Space")
    missing, more = set(WANTED) - set(my_space), set(my_space) - set(WANTED)
    if missing or more:
        names = ", ".join(sorted(missing or more))
        raise Mistake(f"the space has no `{names}`" if missing else f"nobody asked for `{names}`")
    for name, wanted in WANTED.items():
        judge_range(name, my_space[name], wanted)


def judge_range(name: str, parameter: Any, wanted: Float | Int) -> None:
    """Compare one range with the one that is wanted."""
    if isinstance(parameter, Categorical):
        raise Mistake(f"`{name}` is a list of choices, of which only those can be tried; give a range of numbers")
    if type(parameter) is not type(wanted):
        why = "trees have whole depths" if isinstance(wanted, Int) else "it has values between whole numbers"
        raise Mistake(f"`{name}` is {show_value(parameter)}, and {why}")
    if (parameter.low, parameter.high) != (wanted.low, wanted.high):
        asked = f"{wanted.low:g} to {wanted.high:g}"
        raise Mistake(f"`{name}` goes from {parameter.low:g} to {parameter.high:g}; the question says {asked}")
    if wanted.log and parameter.log is not True:
        powers = round(np.log10(wanted.high / wanted.low))
        raise Mistake(f"`{name}` spans {powers} powers of ten; what multiplies goes on a logarithmic scale")
    if not wanted.log and parameter.log is not False:
        ratio = wanted.high / wanted.low
        raise Mistake(f"`{name}` changes only {ratio:g}-fold; there the scale is linear, and log is not needed")


@exercise("4.4")
def judge_n_missed(n_missed: Any) -> None:
    """How many of 8 runs that only exploit end on the smaller hill."""
    values = flatten(n_missed)
    if len(values) == 8 and all(isinstance(value, bool) for value in values):
        values = [sum(values)]  # which of the runs missed
    number = read_number(values, "a number of runs")
    if number != round(number) or not 0 <= number <= 8:
        raise Mistake(f"{show_value(number)} is not a number of runs out of 8")
    mistakes = {
        "is how many found the top; the question asks who did not": 8 - N_MISSED["only the mean"],
        "is what a search misses that asks where it knows least": N_MISSED["only the uncertainty"],
        "is what the searches that also explore miss: `kappa` has to be 0": N_MISSED["both"],
    }
    otherwise = "4 random trials at first, 9 in all, and seeds 0 to 7, each ending in `study.best.value`"
    what = "the runs, of 8, that end below 5"
    compare(number, N_MISSED["only the mean"], mistakes, within=0.01, what=what, otherwise=otherwise)


def bowl(config: Mapping[str, float]) -> float:
    """A smooth objective, 0 at its minimum: what a strategy that looks back can learn."""
    first, second = BOWL.encode(config)
    return (first - 0.7) ** 2 + (second - 0.4) ** 2


def median_best(strategy: Any, n_trials: int = 25, n_seeds: int = 15) -> float:
    """Median of the best value on the bowl, over the seeds."""
    runs = [tune(bowl, BOWL, strategy, n_trials, seed=seed, progress=False) for seed in range(n_seeds)]
    return float(np.median([run.best.value for run in runs]))


@exercise("4.5")
def judge_my_strategy(my_strategy: Any) -> None:
    """A strategy of the learner's own that looks back, and gains by it."""
    if isinstance(my_strategy, type):
        raise Mistake(f"that is a class; hand over an instance, {my_strategy.__name__}()")
    if not callable(getattr(my_strategy, "propose", None)):
        raise Mistake(f"that is {show_value(my_strategy)} without a method `propose(self, space, history, rng)`")
    if type(my_strategy).__module__.startswith("workshop."):
        raise Mistake(f"{type(my_strategy).__name__} is the workshop's own strategy; write a class of yours")
    some = [BOWL.sample(np.random.default_rng([1, k])) for k in range(12)]
    past = History(Trial(k, config, "complete", bowl(config), seconds=1.0) for k, config in enumerate(some))
    first, *_ = proposals = [proposed(my_strategy, past) for _ in range(2)]
    proposed(my_strategy, History())
    if proposals[1] != first:
        raise Mistake("with the same rng it proposes two different configs: draw from `rng`, not from np.random")
    tried = History([*past, Trial(len(past), first, "complete", bowl(first), seconds=1.0)])
    if first == proposed(my_strategy, past, seed=1) == proposed(my_strategy, tried):
        raise Mistake("it proposes a config again that has been tried: near the best trial, but drawn anew each time")
    found = call(median_best, my_strategy, name="in a study its propose")
    compared = f"on a smooth bowl it ends at {found:.4f}, random search at {RANDOM_BEST:.4f}: "
    if found > 2 * RANDOM_BEST:
        raise Mistake(compared + "values are to be minimised: go near the trial with the lowest")
    if found > RANDOM_BEST / 2:
        raise Mistake(compared + "from its eleventh trial on it should gain by staying near the best")


def proposed(strategy: Any, history: History, seed: int = 0) -> dict:
    """The config that the strategy proposes, if it is one of the space."""
    after = f"after {len(history)} trials" if len(history) else "when there is no trial yet"
    rng = np.random.default_rng([seed, len(history)])
    config = call(strategy.propose, BOWL, history, rng, name=f"{after}, propose")
    if is_blank(config):
        raise Mistake("propose returns nothing; let it return a config")
    try:
        return BOWL.validate(config)
    except (TypeError, ValueError) as problem:
        raise Mistake(f"what propose returns is not a config of the space: {problem}") from None
