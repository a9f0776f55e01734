"""Exercises of the appendices: D distributed training, E early stopping, S services, P papers' claims, W word2vec."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from workshop.exercises.answers import (
    Mistake,
    NotAttempted,
    call,
    compare,
    compare_request,
    find_title,
    flatten,
    is_blank,
    read_number,
    read_numbers,
    read_share,
    show_value,
)
from workshop.exercises.exercise import exercise
from workshop.exercises.part1 import movielens, movies
from workshop.tuning import History, Hyperband, Trial
from workshop.tuning.analysis import best_of_quantiles


def stops_at(rule: Any, values: list[float]) -> int:
    """Return after how many of the values the rule stops a trial, 0 if it lets it run to its end."""
    for n in range(1, len(values) + 1):
        trial = Trial(3, {"eta": 0.1}, values=values[:n])
        past = History([*(Trial(k, {"eta": 0.5}, "complete", 0.5, values=[0.5] * 20) for k in range(3)), trial])
        if call(rule.stop, past, trial, name=f"after {n} steps, stop"):
            return n
    return 0


@exercise("E.1")
def judge_patience(Patience: Any) -> None:
    """A stopping rule that stops a trial which has not improved for five steps."""
    rule = Patience() if isinstance(Patience, type) else Patience
    if not callable(getattr(rule, "stop", None)):
        raise Mistake(f"that is {show_value(rule)} without a method `stop(self, history, trial)`")
    better = [-0.5 - 0.01 * k for k in range(12)]
    if n := stops_at(rule, better):
        raise Mistake(f"it stops a trial after {n} steps that improves with each of them; smaller values are better")
    if n := stops_at(rule, [*better[:3], -0.51, -0.51, -0.51, -0.51, *better[3:]]):
        raise Mistake(f"it stops a trial after {n} steps, which after four poor ones would have improved again")
    late = stops_at(rule, [-0.6, -0.7, *([-0.65] * 9)])
    if late == 0 and stops_at(rule, [-0.6, -0.7, *([-0.65] * 40)]) == 0:
        raise NotAttempted if stops_at(rule, [-0.7, *([0.0] * 99)]) == 0 else Mistake("it lets a trial run on for ever")
    if late != 7:
        raise Mistake(
            f"a trial whose best was step 2 is stopped after {late} steps, not after 7: count five without gain"
        )


@exercise("E.3")
def judge_together(together: Any) -> None:
    """Studies of Bayesian search inside Hyperband, with several seeds."""
    studies = flatten(list(together.values()) if isinstance(together, dict) else together)
    for study in studies:
        strategy = getattr(study, "strategy", None)
        if not hasattr(study, "history"):
            raise Mistake(f"that holds {show_value(study)}; hand over the studies that `run` returns")
        if not isinstance(strategy, Hyperband):
            raise Mistake(f"that is a study of {type(strategy).__name__}; give Hyperband a strategy=..., and run that")
        if type(strategy.strategy).__name__ == "RandomSearch":
            raise Mistake("that is Hyperband alone, which draws at random; say what it shall ask: strategy=...")
    seeds = {study.seed for study in studies}
    if len(seeds) < 2:
        raise Mistake(f"{len(seeds)} seed: nobody can tell luck from skill; run it with the seeds 0, 1 and 2")


def number_text(number: float) -> Callable[[object], str]:
    """Return a function that says what is wrong with a field unless it is this number as text."""

    def problem(given):
        if isinstance(given, str) and given.strip() and float(given) == number:
            return ""
        return f"is {show_value(given)}; it is to be {number:g}, as text: '{number:g}'"

    return problem


def whole_number(low: int, high: int) -> Callable[[object], str]:
    """Return a function that says what is wrong with a field unless it is a whole number from low to high."""
    return lambda given: "" if given in range(low, high + 1) else f"is to be a whole number from {low} to {high}"


@exercise("S.1")
def judge_my_ranges(my_ranges: Any, *, ranges: Mapping[str, list]) -> None:
    """SageMaker's ranges of section 2 with `subsample` beside them."""
    ends = {"MinValue": number_text(0.5), "MaxValue": number_text(0.99)}
    added = {"Name": "subsample", **ends, "ScalingType": "ReverseLogarithmic"}
    continuous = [*ranges["ContinuousParameterRanges"], added]
    compare_request(my_ranges, dict(ranges) | {"ContinuousParameterRanges": continuous}, "the request")


@exercise("S.2")
def judge_my_job(my_job: Any, my_training: Any) -> None:
    """A tuning job and a training job that predict stars and minimise their error."""
    for name, given in {"`my_job`": my_job, "`my_training`": my_training}.items():
        if is_blank(given):
            raise NotAttempted
        if not isinstance(given, Mapping):
            raise Mistake(f"{name} is {show_value(given)}; a request is a dict")
    if "StaticHyperParameters" in my_job or "HyperParameterTuningJobObjective" in my_training:
        raise Mistake("the two are exchanged: the tuning job comes first, the training job second")
    wanted = {"Type": "Minimize", "MetricName": "validation:rmse"}
    name = "HyperParameterTuningJobObjective"
    compare_request(my_job.get(name), wanted, f"`{name}` of the tuning job")
    if missing := {"ParameterRanges", "ResourceLimits", "Strategy"} - set(my_job):
        raise Mistake(f"the tuning job has lost its `{min(missing)}`; change the objective of `job`, and keep the rest")
    learns = my_training.get("StaticHyperParameters", {}).get("objective")
    if learns not in ("reg:squarederror", "reg:linear", "reg:pseudohubererror", "reg:absoluteerror"):
        raise Mistake(f"XGBoost still minimises {learns!r}; for stars, the static `objective` is 'reg:squarederror'")


@exercise("S.3")
def judge_my_hyperband(my_hyperband: Any, *, job: Mapping[str, Any]) -> None:
    """A tuning job by Hyperband of 24 training jobs, with 20 rounds at most."""
    if isinstance(my_hyperband, Mapping) and my_hyperband.get("TrainingJobEarlyStoppingType") == "Auto":
        raise Mistake("`TrainingJobEarlyStoppingType` is to be off: Hyperband stops jobs in its own way")
    limits = {"MaxNumberOfTrainingJobs": 24, "MaxParallelTrainingJobs": whole_number(1, 10)}
    resources: dict[str, dict[str, Any]] = {"HyperbandStrategyConfig": {"MaxResource": 20}}
    given = dict(my_hyperband) if isinstance(my_hyperband, Mapping) else my_hyperband
    if isinstance(given, dict) and given.pop("TrainingJobEarlyStoppingType", "Off") and "StrategyConfig" in given:
        if "MinResource" in (given["StrategyConfig"].get("HyperbandStrategyConfig") or {}):  # it need not be there
            resources["HyperbandStrategyConfig"]["MinResource"] = whole_number(1, 19)
    changed = {"Strategy": "Hyperband", "StrategyConfig": resources, "ResourceLimits": limits}
    compare_request(given, dict(job) | changed, "the tuning job")


@exercise("S.4")
def judge_my_hpo(my_hpo: Any) -> None:
    """Personalize's `hpoConfig` of six jobs, three at a time, that try the size of the memory."""
    while isinstance(my_hpo, Mapping) and len(my_hpo) == 1 and set(my_hpo) <= {"hpoConfig", "solutionConfig"}:
        (my_hpo,) = my_hpo.values()
    ranges = my_hpo.get("algorithmHyperParameterRanges") if isinstance(my_hpo, Mapping) else None
    if isinstance(ranges, Mapping):  # lists of other kinds may stand there empty
        filled = {kind: given for kind, given in ranges.items() if given}
        my_hpo = dict(my_hpo) | {"algorithmHyperParameterRanges": filled}
    wanted = {
        "algorithmHyperParameterRanges": {
            "integerHyperParameterRanges": [{"name": "hidden_dimension", "minValue": 32, "maxValue": 64}]
        },
        "hpoResourceConfig": {"maxNumberOfTrainingJobs": "6", "maxParallelTrainingJobs": "3"},
    }
    compare_request(my_hpo, wanted, "`hpoConfig`")


@exercise("P.2")
def judge_best_of_16(best_of_16: Any, *, auc: npt.ArrayLike) -> None:
    """The best of 16 trials of the pool, in the unlucky 5% of cases and in the median."""
    given = sorted(read_numbers(best_of_16, 2, "two values of AUC: the unlucky 5%, and the median"))
    known = {n: best_of_quantiles(auc, n, [0.05, 0.5]) for n in (16, 1, 8, 32)}
    near = min(known, key=lambda n: np.abs(known[n] - given).max())
    if np.abs(known[near] - given).max() > 0.002:
        raise Mistake(f"{given[0]:.4f} and {given[1]:.4f} are not of the best of 16: 5% and half of searches end below")
    if near != 16:
        raise Mistake("these are single trials; take the best of 16" if near == 1 else f"these are the best of {near}")


@exercise("P.3")
def judge_more_trials_at_once(more_trials_at_once: Any) -> None:
    """Median distance from Branin's minimum with 18 and with 36 trials, nine at once; it varies a lot with the seed."""
    values = list(more_trials_at_once.values()) if isinstance(more_trials_at_once, dict) else more_trials_at_once
    few, many = read_numbers(values, 2, "two medians: with 18 trials, and with 36")
    if not 0 <= many < few:
        raise Mistake(f"{few:.3g} with 18 trials, {many:.3g} with 36: the first 18 are the same, so 36 end nearer")
    if few < 0.2:
        raise Mistake(f"{few:.3g} is too near for 18 trials, nine at once: that is two rounds only")
    if few > 3:
        raise Mistake(
            f"{few:.3g} is too far: take `bayesian`, the distance from the minimum, and the median of the seeds"
        )


@exercise("W.1")
def judge_analogy(analogy: Any, *, model: Any) -> None:
    """Movies nearest to Toy Story 2 less Toy Story plus Star Wars."""
    titles = movielens().items["title"]
    values = (int(one) if isinstance(one, float) and one.is_integer() else one for one in flatten(analogy))
    given = [one for one in values if not isinstance(one, float)]  # a cosine may stand beside each
    known = movies()["title"]
    named = list(dict.fromkeys(titles[one] if one in titles.index else find_title(one, known) for one in given))
    if not 1 <= len(named) <= 20:
        raise Mistake(f"{len(named)} movies; the question asks for the few that are nearest")

    def nearest(positive, negative):
        found = model.wv.most_similar(positive, negative, topn=len(named) + 1)
        return {titles[item] for item, _ in found[: len(named)]}

    if set(named) == nearest([3114, 260], [1]):
        return
    if asked := {titles[item] for item in (1, 260, 3114)} & set(named):
        raise Mistake(f"{min(asked)!r} is one of the three that you add and subtract; leave those out")
    for message, signs in {
        "these are near Toy Story, less its sequel, plus Star Wars: the signs are exchanged": ([1, 260], [3114]),
        "these are near the sum of all three; Toy Story is to be subtracted": ([1, 260, 3114], []),
        "these are near Star Wars alone; add what makes a sequel": ([260], []),
        "these are near Toy Story 2 and Star Wars; subtract Toy Story": ([260, 3114], []),
    }.items():
        if set(named) == nearest(*signs):
            raise Mistake(message)
    raise Mistake(f"{named[-1]!r} is not among the {len(named)} nearest")


NDCG_BY_N_RECENT = {1: 0.082, 3: 0.095, 10: 0.087, 50: 0.076}  # what the solution of W.2 finds


@exercise("W.2")
def judge_ndcg_by_n_recent(ndcg_by_n_recent: Any) -> None:
    """NDCG@10 on the validation rows by the number of last movies that the next one is guessed from."""
    what = "four values of NDCG, for 1, 3, 10 and 50 movies"
    values = read_numbers(ndcg_by_n_recent, 4, what, NDCG_BY_N_RECENT)
    for (n, right), value in zip(NDCG_BY_N_RECENT.items(), values, strict=True):
        if abs(value - right) > 0.012:
            where = "the turned `settings`, on `learn` and `valid`, and no other knob changed"
            raise Mistake(f"{value:.3f} for {n} is not what {where} give")
