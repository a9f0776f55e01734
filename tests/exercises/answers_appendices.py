"""Answers to the exercises of the appendices: right ones, wrong ones with words of what is told."""

from copy import deepcopy
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd

from workshop import cloud
from workshop.datasets import load_movielens
from workshop.tuning import (
    BayesianSearch,
    Float,
    Hyperband,
    MedianRule,
    RandomSearch,
    Space,
    Study,
    WarmStart,
)
from workshop.tuning.analysis import best_of_quantiles


class Patience:
    """Rules that stop after a number of steps without a better value, and what learners write instead."""

    def __init__(self, says=lambda v: len(v) > 5 and min(v[-5:]) >= min(v[:-5])):
        self.says = says

    def stop(self, history, trial):
        return self.says(trial.values)


class CountsSteps:
    patience = 5

    def stop(self, history, trial):
        best = int(np.argmin(trial.values))
        return len(trial.values) - 1 - best >= self.patience


class Loop:
    def stop(self, history, trial):
        best, waited = float("inf"), 0
        for value in trial.values:
            best, waited = (value, 0) if value < best else (best, waited + 1)
        return waited >= 5


class Never:
    def stop(self, history, trial):
        return False


def names(notebook_cell):
    """What the appendices have bound where their exercises stand; models and studies are quick ones."""
    space = Space({"x1": Float(-5, 10), "x2": Float(0, 15)})
    contestants, rng = {}, np.random.default_rng(0)

    def run(name, seed):
        return Study(space, contestants[name][0], direction="maximize", seed=seed)

    def study_of(strategy, seed=0):
        return Study(space, strategy, seed=seed)

    def runs(function, space, strategy, n_trials, at_once):  # what the appendix finds with seeds 0 to 5
        few, many = [0.068, 0.275, 0.313, 1.306, 3.305, 4.463], [0.0, 0.001, 0.002, 0.006, 0.011, 0.032]
        return np.array(few if n_trials == 18 else many)

    found = {"np": np, "pd": pd, "Decimal": Decimal, "Hyperband": Hyperband, "BayesianSearch": BayesianSearch}
    found |= {"RandomSearch": RandomSearch, "MedianRule": MedianRule, "WarmStart": WarmStart, "cloud": cloud}
    found |= {"Patience": Patience, "CountsSteps": CountsSteps, "Loop": Loop, "Never": Never, "deepcopy": deepcopy}
    found |= {"contestants": contestants, "run": run, "study_of": study_of, "SimpleNamespace": SimpleNamespace}
    found |= {"runs": runs, "branin_space": space, "bayesian": BayesianSearch(n_initial=6), "distance": None}
    found |= {"auc": 0.77 - 0.05 * rng.exponential(size=200), "best_of_quantiles": best_of_quantiles}
    fixed = {"objective": "binary:logistic", "num_round": "20", "tree_method": "hist", "max_bin": "32"}
    limits = {"MaxNumberOfTrainingJobs": 24, "MaxParallelTrainingJobs": 1}
    found |= {"training": cloud.training_job_definition("xgboost", fixed), "budget": {"ResourceLimits": limits}}
    for text in ("ranges = {", 'job = {"Strategy"'):
        exec(notebook_cell("appendix_managed", text), found)
    subsample = {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"}
    found |= {"subsample": subsample, "titles": load_movielens().items["title"], "model": Vectors()}
    return found | {"ndcg_by_n": {1: 0.082, 3: 0.095, 10: 0.087, 50: 0.076}}


class Vectors:
    """Stands in for a trained word2vec: which movies are nearest depends on what is added and subtracted."""

    def __init__(self):
        self.wv, self.items = self, load_movielens().items.index

    def most_similar(self, positive, negative=(), topn=10):
        shift = {(3114, 260): 0, (1, 260): 30, (1, 260, 3114): 60, (260,): 90, (260, 3114): 120}
        start = shift[tuple(positive)] if negative or tuple(positive) != (3114, 260) else 150
        items = self.items[100 + start : 100 + start + topn]
        return [(int(item), 0.6 - 0.01 * k) for k, item in enumerate(items)]


def extra(number, found):
    """What the cell of the notebook hands to the check beside the answers."""
    return {
        "S.1": {"ranges": found["ranges"]},
        "S.3": {"job": found["job"]},
        "P.2": {"auc": found["auc"]},
        "W.1": {"model": found["model"]},
    }.get(number, {})


def ranges_with(**changed):
    entry = {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"} | changed
    return (
        f'ranges | {{"ContinuousParameterRanges": [*ranges["ContinuousParameterRanges"], '
        f"{ {k: v for k, v in entry.items() if v is not None} }]}}"
    )


def jobs(objective='{"Type": "Minimize", "MetricName": "validation:rmse"}', learns="reg:squarederror"):
    static = f'training | {{"StaticHyperParameters": training["StaticHyperParameters"] | {{"objective": "{learns}"}}}}'
    return f'(job | {{"HyperParameterTuningJobObjective": {objective}}}, {static})'


def hyperband(most="20", least="1", strategy="Hyperband", more="budget"):
    resources = f'{{"MinResource": {least}, "MaxResource": {most}}}' if least else f'{{"MaxResource": {most}}}'
    config = f'{{"HyperbandStrategyConfig": {resources}}}'
    return f'job | {{"Strategy": "{strategy}", "StrategyConfig": {config}}} | {more}'


def hpo(jobs='"6"', at_once='"3"', low="32", high="64", name="hidden_dimension", kind="integer"):
    entry = f'{{"name": "{name}", "minValue": {low}, "maxValue": {high}}}'
    return (
        f'{{"algorithmHyperParameterRanges": {{"{kind}HyperParameterRanges": [{entry}]}}, '
        f'"hpoResourceConfig": {{"maxNumberOfTrainingJobs": {jobs}, "maxParallelTrainingJobs": {at_once}}}}}'
    )


def numbers(right, rounded):
    """Forms of one number."""
    forms = "{0}", "float({0})", "np.float64({0})", "[{0}]", "({0},)", "np.array({0})", "np.array([[{0}]])"
    forms += "pd.Series([{0}])", "pd.DataFrame({{'a': [{0}]}})", 'Decimal("{0}")', "{{{0}}}"
    return [form.format(right) for form in forms] + [rounded]


TOGETHER = "[study_of(Hyperband(27, strategy=BayesianSearch()), k) for k in range(3)]"
NEAREST = "model.wv.most_similar([3114, 260], [1], topn=3)"
RIGHT = {
    "D.1": [*numbers("0.00713", "0.007"), "-0.00713"],
    "D.2": [*numbers("0.51", "0.5"), "0.39", "0.24", "0.13"],
    "E.1": [
        "Patience()",
        "Patience",
        "CountsSteps()",
        "Loop()",
        "SimpleNamespace(stop=lambda history, trial: CountsSteps().stop(history, trial))",
        "Patience(lambda v: len(v) > 5 and min(v[:-5]) <= min(v[-5:]))",
        "Patience(lambda v: len(v) > 5 and min(v[:-5]) == min(v))",
        "Patience(lambda v: v.index(min(v)) < len(v) - 5)",
        "Patience(lambda v: len(v) > 5 and not any(x < min(v[:-5]) for x in v[-5:]))",
        "Patience(lambda v: len(v) - np.argmin(v) > 5)",
        "Patience(lambda v: np.bool_(len(v) - int(np.argmin(v)) > 5))",
        "Patience(lambda v: min(v[-5:]) >= min(v[:-5], default=9))",
    ],
    "E.2": [
        "(143, 10)",
        "(143.0, 10.0)",
        "(np.int64(143), np.int64(10))",
        "(sum(b[0][0] for b in Hyperband(81).brackets), sum(b[-1][0] for b in Hyperband(81).brackets))",
        "(81 + 34 + 15 + 8 + 5, 1 + 1 + 1 + 2 + 5)",
        "([143], [10])",
        '(Decimal("143"), Decimal("10"))',
        "(np.array(143), np.array([10]))",
        "(pd.Series([143]), pd.Series([10]))",
        "tuple(np.array([143, 10]))",
    ],
    "E.3": [
        TOGETHER,
        f"tuple({TOGETHER})",
        f"dict(enumerate({TOGETHER}))",
        f"pd.Series({TOGETHER})",
        f"dict(enumerate({TOGETHER})).values()",
        f"{TOGETHER}[:2]",
        f"np.array({TOGETHER}, dtype=object)",
        "[study_of(Hyperband(27, strategy=BayesianSearch()), k) for k in range(9)]",
        "[study_of(Hyperband(27, 4, strategy=BayesianSearch()), k) for k in (3, 7)]",
        "[study_of(Hyperband(81, strategy=BayesianSearch(n_initial=4)), k) for k in range(3)]",
    ],
    "S.1": [
        ranges_with(),
        f"deepcopy({ranges_with()})",
        f"dict(reversed(list(({ranges_with()}).items())))",
        ranges_with(MinValue="0.50"),
        ranges_with(MinValue=".5"),
        ranges_with(MaxValue="0.990"),
        ranges_with(MaxValue="9.9e-1"),
        ranges_with(MinValue="5e-1", MaxValue=".99"),
        'ranges | {"ContinuousParameterRanges": [subsample, *ranges["ContinuousParameterRanges"]]}',
        'ranges | {"ContinuousParameterRanges": ranges["ContinuousParameterRanges"] + [subsample]}',
        'ranges | {"ContinuousParameterRanges": (*ranges["ContinuousParameterRanges"], subsample)}',
    ],
    "S.2": [
        jobs(),
        jobs(learns="reg:linear"),
        jobs(learns="reg:pseudohubererror"),
        jobs(learns="reg:absoluteerror"),
        jobs(objective='{"MetricName": "validation:rmse", "Type": "Minimize"}'),
        jobs(objective='dict(Type="Minimize", MetricName="validation:rmse")'),
        f"tuple(map(deepcopy, {jobs()}))",
        f"tuple(dict(reversed(list(one.items()))) for one in {jobs()})",
        f"({jobs()}[0] | budget, {jobs()}[1])",
        f'({jobs()}[0] | {{"RandomSeed": 3}}, {jobs()}[1])',
        f'({jobs()}[0] | {{"Strategy": "Random"}}, {jobs()}[1])',
    ],
    "S.3": [
        hyperband(),
        hyperband(least=""),
        hyperband(least="2"),
        hyperband(most="np.int64(20)"),
        f'{hyperband()} | {{"TrainingJobEarlyStoppingType": "Off"}}',
        f"deepcopy({hyperband()})",
        f"dict(reversed(list(({hyperband()}).items())))",
        hyperband(more='{"ResourceLimits": {"MaxNumberOfTrainingJobs": 24, "MaxParallelTrainingJobs": 2}}'),
        hyperband(more='{"ResourceLimits": {"MaxParallelTrainingJobs": 8, "MaxNumberOfTrainingJobs": 24}}'),
        hyperband(least="5"),
    ],
    "S.4": [
        hpo(),
        f'{{"hpoConfig": {hpo()}}}',
        f'{{"solutionConfig": {{"hpoConfig": {hpo()}}}}}',
        f"deepcopy({hpo()})",
        f"dict(reversed(list(({hpo()}).items())))",
        hpo(low="32.0", high="64.0"),
        hpo(low="np.int64(32)"),
        hpo().replace("[{", "({").replace("}]", "},)"),
        hpo().replace('HyperParameterRanges": [{', 'HyperParameterRanges": [{').replace("'", '"'),
        hpo().replace("}]}, ", '}], "categoricalHyperParameterRanges": [], "continuousHyperParameterRanges": []}, '),
        hpo(jobs="str(6)", at_once="str(3)"),
    ],
    "P.1": [
        "299",
        "int(np.ceil(np.log(0.05) / np.log(0.99)))",
        "np.ceil(np.log(0.05) / np.log(0.99))",
        "next(n for n in range(1000) if 1 - 0.99**n >= 0.95)",
        "sum(0.99**n > 0.05 for n in range(1000))",
        "299.0",
        "[299]",
        "np.array([299])",
        "pd.Series([299])",
        "Decimal(299)",
    ],
    "P.2": [
        "best_of_quantiles(auc, 16, [0.05, 0.5])",
        "best_of_quantiles(auc, 16, [0.05, 0.5]).round(4)",
        "best_of_quantiles(auc, 16, [0.05, 0.5]).round(3)",
        "best_of_quantiles(auc, 16, [0.5, 0.05])",
        "list(best_of_quantiles(auc, 16, [0.05, 0.5]))",
        "tuple(best_of_quantiles(auc, 16, [0.05, 0.5]))",
        "pd.Series(best_of_quantiles(auc, 16, [0.05, 0.5]), [0.05, 0.5])",
        "pd.DataFrame(best_of_quantiles(auc, 16, [0.05, 0.5]))",
        "np.float32(best_of_quantiles(auc, 16, [0.05, 0.5]))",
        "[best_of_quantiles(auc, 16, q) for q in ([0.05], [0.5])]",
    ],
    "P.3": [
        "{18: 0.81, 36: 0.004}",
        "pd.Series({18: 0.81, 36: 0.004})",
        "[0.81, 0.004]",
        "(0.81, 0.004)",
        "np.array([0.81, 0.004])",
        "{18: np.float64(0.8098), 36: np.float64(0.0036)}",
        "{18: 1.3, 36: 0.0}",
        "{18: 0.31, 36: 0.001}",
        "{18: [0.81], 36: [0.004]}",
        "pd.DataFrame({18: [0.81], 36: [0.004]})",
    ],
    "W.1": [
        NEAREST,
        f"[item for item, cosine in {NEAREST}]",
        f"[titles[item] for item, cosine in {NEAREST}]",
        f"[(titles[item], round(cosine, 2)) for item, cosine in {NEAREST}]",
        f"{{titles[item]: cosine for item, cosine in {NEAREST}}}.keys()",
        f"pd.Series([titles[item] for item, cosine in {NEAREST}])",
        f"np.array([item for item, cosine in {NEAREST}])",
        f"pd.DataFrame({NEAREST})",
        f"[titles[item].upper() for item, cosine in {NEAREST}]",
        NEAREST.replace("topn=3", "topn=1"),
        NEAREST.replace("topn=3", "topn=10"),
        f"[titles[item] for item, cosine in {NEAREST}][::-1]",
    ],
    "W.2": [
        "ndcg_by_n",
        "pd.Series(ndcg_by_n)",
        "dict(reversed(list(ndcg_by_n.items())))",
        "list(ndcg_by_n.values())",
        "tuple(ndcg_by_n.values())",
        "np.array(list(ndcg_by_n.values()))",
        "pd.DataFrame(ndcg_by_n, index=[0])",
        "{1: 0.0821, 3: 0.0953, 10: 0.0874, 50: 0.0759}",
        "{1: 0.0821, 3: 0.0897, 10: 0.0839, 50: 0.0718}",
        "{1: 0.08, 3: 0.1, 10: 0.09, 50: 0.08}",
        "ndcg_by_n.values()",
    ],
    "W.3": [*numbers("0.0561", "0.06"), "0.0592", "0.0617", "0.0595", "0.0541", "0.0624"],
}

WRONG = {
    "D.1": {
        "0.0067": "cut by `user_count`",
        "0.7640": "what one worker reports",
        "0.7569": "what one worker reports",
        "(0.7640, 0.7569)": "2 values",
        "0.02": "too large for a difference of AUC: two reports",
        "0.0": "too small",
        '"0.007"': "is text",
        "True": "yes or no",
        'float("nan")': "not a finite number",
        "np.array([])": "0 values",
        "Never()": "that is a Never",
    },
    "D.2": {
        "0.03": "cut by `user_count`",
        "1.0": "joint AUC",
        "51": "in percent",
        "510": "too large",
        "-0.2": "too small",
        "0.75": "deal the rows out at random",
        '"51%"': "is text",
        "True": "yes or no",
        'float("nan")': "not a finite number",
        "[True, False]": "2 values",
        "np.zeros(1000)": "1,000 values",
    },
    "E.1": {
        "Patience(lambda v: len(v) > 5 and max(v[-5:]) <= max(v[:-5]))": "smaller values are better",
        "Patience(lambda v: len(v) > 4 and min(v[-4:]) >= min(v[:-4], default=9))": "improved again",
        "Patience(lambda v: len(v) > 6 and min(v[-6:]) >= min(v[:-6]))": "after 8 steps, not after 7",
        "Patience(lambda v: len(v) > 9 and min(v[-9:]) >= min(v[:-9]))": "after 11 steps, not after 7",
        "Patience(lambda v: len(v) > 5)": "after 6 steps that improves",
        "Patience(lambda v: len(v) > 1 and v[-1] >= v[-2])": "improved again",
        "Patience(lambda v: min(v[-5:]) >= min(v[:-5]))": "raises ValueError",
        "Patience(lambda v: v.best)": "raises AttributeError",
        "Patience(lambda v: True)": "after 1 steps",
        "Patience(lambda v: v[9] > v[8])": "raises IndexError",
        "lambda history, trial: False": "without a method `stop",
        "5": "that is 5 without a method `stop",
        "Patience(lambda v: len(v) > 30 and min(v[-30:]) >= min(v[:-30]))": "not after 7",
    },
    "E.2": {
        "(81, 10)": "first bracket alone",
        "(206, 10)": "at each cut",
        "(143, 5)": "last bracket alone",
        "(10, 143)": "exchanged",
        "(143, 143)": "exchanged",
        "(100, 10)": "100 is neither",
        "(143, 11)": "11 is neither",
        '("143", "10")': "is text",
        "(True, 10)": "yes or no",
        "([143, 10], 10)": "3 values",
        "(143, Never)": "that is the class",
    },
    "E.3": {
        "[study_of(Hyperband(27), k) for k in range(3)]": "Hyperband alone",
        "[study_of(BayesianSearch(), k) for k in range(3)]": "a study of BayesianSearch",
        "[study_of(RandomSearch(), k) for k in range(3)]": "a study of RandomSearch",
        f"{TOGETHER}[:1]": "1 seed",
        f"{TOGETHER}[0]": "1 seed",
        "[study_of(Hyperband(27, strategy=BayesianSearch()), 0)] * 3": "1 seed",
        "Hyperband(27, strategy=BayesianSearch())": "that holds a Hyperband",
        "0.7712": "that holds 0.7712",
        "[0.77, 0.76, 0.78]": "that holds 0.77",
        '"fewer"': "that holds 'fewer'",
        "[]": "0 seed",
    },
    "S.1": {
        ranges_with(ScalingType="Logarithmic"): "it is to be 'ReverseLogarithmic'",
        ranges_with(ScalingType="Linear"): "it is to be 'ReverseLogarithmic'",
        ranges_with(ScalingType=None): "has no `ScalingType`",
        ranges_with(MaxValue="1"): "it is to be 0.99, as text",
        ranges_with(MinValue=0.5): "it is to be 0.5, as text",
        ranges_with(MaxValue=0.99): "it is to be 0.99, as text",
        ranges_with(Name="gamma"): "it is to be 'subsample'",
        ranges_with(Step="0.1"): "has `Step`",
        '{"ContinuousParameterRanges": [subsample]}': "has no `IntegerParameterRanges`",
        'ranges | {"ContinuousParameterRanges": [subsample]}': "a list of 2",
        'ranges | {"ContinuousParameterRanges": subsample}': "a list of 2",
        "subsample": "has no `IntegerParameterRanges`; is `Name` meant",
        "[subsample]": "it is to be a dict",
        "ranges": "a list of 2",
    },
    "S.2": {
        jobs(objective='{"Type": "Maximize", "MetricName": "validation:rmse"}'): "it is to be 'Minimize'",
        jobs(objective='{"Type": "Minimize", "MetricName": "validation:auc"}'): "it is to be 'validation:rmse'",
        jobs(objective='{"Type": "Minimize", "MetricName": "rmse"}'): "it is to be 'validation:rmse'",
        jobs(objective='{"Type": "Minimize"}'): "has no `MetricName`",
        jobs(objective='"validation:rmse"'): "it is to be a dict",
        jobs(learns="binary:logistic"): "still minimises 'binary:logistic'",
        jobs(learns="rmse"): "still minimises 'rmse'",
        f"({jobs()}[1], {jobs()}[0])": "the two are exchanged",
        f"({jobs()}[0], 5)": "`my_training` is 5",
        "('rmse', training)": "`my_job` is 'rmse'",
        f'({{"HyperParameterTuningJobObjective": {jobs()}[0]["HyperParameterTuningJobObjective"]}}, training)': "lost",
    },
    "S.3": {
        hyperband(strategy="Bayesian"): "it is to be 'Hyperband'",
        hyperband(most='"20"'): "a number, not a text",
        hyperband(most="81"): "is 81; it is to be 20",
        hyperband(least="20"): "a whole number from 1 to 19",
        hyperband(more="{}"): "is 12; it is to be 24",
        f'{hyperband()} | {{"TrainingJobEarlyStoppingType": "Auto"}}': "is to be off",
        'job | {"Strategy": "Hyperband"} | budget': "has no `StrategyConfig`",
        'job | {"Strategy": "Hyperband", "StrategyConfig": {"MaxResource": 20}} | budget': "HyperbandStrategyConfig",
        '{"Strategy": "Hyperband"}': "has no `",
        '"Hyperband"': "it is to be a dict",
        hyperband(more='{"ResourceLimits": {"MaxNumberOfTrainingJobs": 24}}'): "has no `MaxParallelTrainingJobs`",
    },
    "S.4": {
        hpo(jobs="6"): "is 6; it is to be '6', as text",
        hpo(at_once="3"): "is 3; it is to be '3', as text",
        hpo(jobs='"4"'): "is '4'; it is to be '6'",
        hpo(low='"32"'): "a number, not a text",
        hpo(high="128"): "is 128; it is to be 64",
        hpo(name="bptt"): "it is to be 'hidden_dimension'",
        hpo(kind="continuous"): "is `continuousHyperParameterRanges` meant",
        hpo().replace("minValue", "MinValue"): "has no `minValue`; is `MinValue` meant",
        '{"hpoResourceConfig": {"maxNumberOfTrainingJobs": "6"}}': "has no `algorithmHyperParameterRanges`",
        "[1, 2]": "it is to be a dict",
        '"six jobs"': "it is to be a dict",
    },
    "P.1": {
        "np.log(0.05) / np.log(0.99)": "round up",
        "298": "one too few",
        "59": "top 5%",
        "90": "exchanged",
        "459": "hits the top 1% with 99%",
        "6": "all miss with 95%",
        "95": "do not simply add up",
        "300": "one fewer",
        "1000": "too large",
        '"299"': "is text",
        "True": "yes or no",
    },
    "P.2": {
        "np.quantile(auc, [0.05, 0.5])": "single trials",
        "best_of_quantiles(auc, 8, [0.05, 0.5])": "the best of 8",
        "best_of_quantiles(auc, 32, [0.05, 0.5])": "the best of 32",
        "best_of_quantiles(auc, 16, [0.05])": "two values",
        "best_of_quantiles(auc, 16, [0.05, 0.5, 0.95])": "3 values",
        "best_of_quantiles(auc, 16, [0.95, 0.99])": "5% and half of searches end below",
        "(0.1, 0.2)": "are not of the best of 16",
        "auc.max()": "two values",
        "auc": "200 values",
        '("low", "high")': "is text",
        "(auc.max(), auc.max())": "not of the best of 16",
    },
    "P.3": {
        "{18: 0.004, 36: 0.81}": "36 end nearer",
        "{18: 0.12, 36: 0.004}": "too near",
        "{18: 20, 36: 0.004}": "too far",
        "{18: 1.2, 36: -0.1}": "36 end nearer",
        "{18: 0.81, 36: 0.81}": "36 end nearer",
        "0.81": "two medians",
        "{18: np.ones(6), 36: np.ones(6)}": "12 values",
        '("far", "near")': "is text",
        "(True, False)": "yes or no",
        "[0.81]": "two medians",
        "{18: float('nan'), 36: 0.1}": "not a finite number",
    },
    "W.1": {
        "model.wv.most_similar([1, 260], [3114], topn=3)": "the signs are exchanged",
        "model.wv.most_similar([1, 260, 3114], topn=3)": "sum of all three",
        "model.wv.most_similar([260], topn=3)": "near Star Wars alone",
        "model.wv.most_similar([260, 3114], topn=3)": "subtract Toy Story",
        "[3114, 260]": "one of the three",
        '["Toy Story 2", "Alien"]': "one of the three",
        '["Alien", "Heat"]': "not among the 2 nearest",
        '["Star Wars"]': "did you mean 'Star Wars: Episode IV - A New Hope'",
        "[]": "0 movies",
        "[0.6, 0.58]": "0 movies",
        "list(titles.index[:40])": "40 movies",
    },
    "W.2": {
        "{1: 0.082, 3: 0.055, 10: 0.087, 50: 0.076}": "0.055 for 3",
        "{1: 0.013, 3: 0.095, 10: 0.087, 50: 0.076}": "0.013 for 1",
        "{1: 0.082, 3: 0.095, 10: 0.05, 50: 0.076}": "0.050 for 10",
        "{1: 0.082, 3: 0.095, 10: 0.087, 50: 0.11}": "0.110 for 50",
        "[0.095, 0.055, 0.087, 0.076]": "is not what",
        "3": "four values",
        "0.095": "four values",
        "[0.095]": "four values",
        "{1: 0.082, 3: 0.095}": "that is a dict",
        '["a", "b", "c", "d"]': "is text",
        "{2: 0.082, 4: 0.095, 8: 0.087, 16: 0.076}": "that is a dict",
    },
    "W.3": {
        "0.0997": "with the order kept",
        "0.1": "with the order kept",
        "0.037": "that of the form",
        "0.109": "that of EASE",
        "0.3": "too large for the NDCG",
        "0.0": "too small for the NDCG",
        "5.6": "too large",
        '"half"': "is text",
        "True": "yes or no",
        "(0.0561, 0.0997)": "2 values",
        'float("nan")': "not a finite number",
    },
}
