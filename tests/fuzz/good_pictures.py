"""A good call of every function that draws, with values of the documented kind: contents may be odd, kinds may not."""

import functools

import numpy as np
import pandas as pd
from good_calls import Fresh, frame, good
from scipy.sparse import csr_array

from workshop import plots, widgets
from workshop import tuning as t
from workshop.models.lloyd import lloyd_steps
from workshop.plots import clusters, exploration, factors, layouts, posterior, race, scores
from workshop.tuning import analysis


def picture(function, **arguments):
    good(function, kinds=False, **arguments)


@functools.cache
def study():
    space = t.Space({"x": t.Float(0, 1)})
    return t.tune(lambda c: (c["x"] - 0.3) ** 2, space, t.BayesianSearch(n_initial=2), 4, progress=False)


@functools.cache
def flat_study():
    space = t.Space({"x": t.Float(0, 1), "y": t.Float(0, 1)})
    return t.tune(lambda c: c["x"] * c["y"], space, t.BayesianSearch(n_initial=2), 4, progress=False)


@functools.cache
def step():
    return posterior.step_at(study(), 3)


@functools.cache
def flat_step():
    return posterior.step_at(flat_study(), 3)


@functools.cache
def clocked():
    space = t.Space({"x": t.Float(0, 1)})
    return t.tune(lambda c: c["x"], space, t.GridSearch(3), 3, executor=t.SimulatedClock(60), progress=False)


STUDY, STEP, FLAT = Fresh(study), Fresh(step), Fresh(flat_step)
COUNTS = np.array([1, 2, 5, 9, 30, 2])
X, Y = np.array([0.01, 0.1, 1.0]), np.array([0.6, 0.7, 0.65])
CURVES = Fresh(
    lambda: {"random": np.array([[0.7, 0.74, 0.75], [0.72, 0.72, 0.73]]), "own": np.array([[0.6, 0.7, 0.8]])}
)
GRID = Fresh(lambda: pd.DataFrame([[0.5, 0.6], [0.7, 0.8]], index=[1, 10], columns=[0.1, 1.0]))
CONTROLS = Fresh(lambda: {"jobs": [1, 4]})
PLANE, LABELS = Fresh(lambda: np.arange(12.0).reshape(6, 2)), np.array([0, 0, 0, 1, 1, 1])
LLOYD = Fresh(lambda: list(lloyd_steps(np.arange(12.0).reshape(6, 2), np.array([[0.0, 1.0], [8.0, 9.0]]), 3)))
TITLES = ["Heat", "Alien", "Big", "Up", "Her", "It"]


def drawn(jobs=1):
    return layouts.plot_curse(analysis.curse_table(), max_parallel=jobs)


# Looks.
picture(plots.use_style)
picture(plots.show)
picture(plots.new_axes, width=5.0, height=3.0)
picture(plots.describe, call=lambda text: plots.describe(plots.new_axes(), text), text="A line.")
picture(
    widgets.animate,
    draw=drawn,
    controls=CONTROLS,
    name_="The curse",
    call=lambda name_, **k: widgets.animate(name=name_, **k),
    start=[0],
    keep=("draw",),
)
# Part 1.
picture(exploration.plot_stars, rating=np.array([3.0, 4.0, 4.0, 5.0]))
picture(exploration.plot_activity, counts=COUNTS)
picture(exploration.plot_long_tail, counts=COUNTS)
picture(exploration.plot_sparsity, matrix=Fresh(lambda: csr_array(np.eye(4))), title="Tiny")
picture(
    exploration.plot_genres,
    genres=Fresh(lambda: pd.DataFrame({"mean": [3.9, 3.3], "count": [10, 90]}, index=["Noir", "Comedy"])),
)
picture(exploration.plot_years, timestamp=Fresh(lambda: frame()["timestamp"]))
picture(exploration.plot_timelines, frame=Fresh(frame), users=[1, 2])
picture(exploration.plot_means, counts=COUNTS, means=np.linspace(2, 4, 6), centre=3.0)
picture(
    exploration.plot_split,
    train=Fresh(lambda: frame(12)),
    test=Fresh(lambda: frame()[12:]),
    users=[1, 3],
    title="By time",
)
# Part 2.
picture(clusters.plot_clusters, X=PLANE, labels=LABELS, centers=np.array([[0.0, 1.0], [8.0, 9.0]]), title="Two")
picture(clusters.plot_lloyd, X=PLANE, steps=LLOYD, step=1, keep=("steps",))
picture(
    clusters.plot_profiles,
    profiles=Fresh(lambda: pd.DataFrame([[0.1, -0.2], [0.3, 0.0]], columns=["Drama", "War"])),
    sizes=np.array([5, 7]),
)
# Part 3.
picture(factors.plot_one_hot, X=np.eye(4), fields={"user": ["1", "2"], "movie": ["Heat", "Up"]})
picture(
    factors.plot_preferences,
    table=Fresh(lambda: pd.DataFrame([[1.0, 2.0], [3.0, 4.0]], index=["Heat", "Up"], columns=["1", "2"])),
    title="Who likes what",
)
picture(factors.plot_factor_map, points=PLANE, titles=TITLES, n_labels=3)
picture(
    scores.plot_scores,
    scores={"mean": 1.05, "biases": 0.9},
    label="RMSE (stars)",
    baseline="mean",
    smaller_is_better=True,
)
picture(
    scores.plot_curves,
    curves=Fresh(lambda: {"train": pd.Series([1.0, 0.9, 0.8]), "valid": pd.Series([1.0, 0.95, 0.97])}),
    xlabel="epochs",
    ylabel="RMSE",
    mark="valid",
    decimals=2,
)
# Part 4.
picture(analysis.curse_table, n_values=(2, 3), n_hyperparameters=(2, 3))
picture(analysis.training_hours, n_jobs=100, minutes_per_job=10.0, max_parallel=2)
picture(layouts.plot_curse, table=Fresh(analysis.curse_table), minutes_per_job=10.0, max_parallel=2)
picture(analysis.grid_layout, n=9)
picture(analysis.best_of_layouts, n=4, n_hills=5, seed=0)
picture(layouts.plot_grid_against_random, n=9, seed=0)
picture(layouts.plot_grid_scores, scores=GRID, title="SVM")
picture(posterior.step_at, study=STUDY, k=3, keep=("study",))
picture(posterior.plot_steps, steps=Fresh(lambda: [step(), step()]), truth=(X, Y))
picture(posterior.plot_surfaces, step=FLAT, keep=("step",))
picture(
    posterior.SearchStep,
    call=lambda **k: posterior.plot_steps([posterior.SearchStep(**k)]),
    names=("x",),
    axes=(X,),
    log=(False,),
    mean=Y,
    low=Y - 1,
    high=Y + 1,
    std=Y * 0 + 0.5,
    acquisition=Y,
    tried=np.array([[0.5]]),
    values=np.array([0.5]),
    next_config=None,
)
picture(
    posterior.BeliefFigure, call=lambda ylabel: posterior.BeliefFigure(study(), ylabel=ylabel).draw_step(2), ylabel="x"
)
picture(analysis.best_so_far, values=np.array([0.7, 0.75, 0.72]), direction="maximize")
picture(
    analysis.best_at,
    times=np.array([20.0, 10.0]),
    values=np.array([0.75, 0.7]),
    at=np.array([5.0, 30.0]),
    direction="maximize",
)
picture(analysis.best_by_trial, studies=Fresh(lambda: [clocked(), clocked()]))
picture(analysis.best_by_second, studies=Fresh(lambda: [clocked()]), seconds=np.array([30.0, 90.0]))
picture(analysis.outcomes, studies=Fresh(lambda: {"grid": [clocked()]}))
picture(race.plot_jobs, history=Fresh(lambda: list(clocked().history)), direction="minimize")
picture(race.plot_race, curves=CURVES, x=np.array([1.0, 2.0, 3.0]), unit="seeds")
picture(race.plot_races, races=Fresh(lambda: {1: CURVES(), 4: CURVES()}), control="jobs", ylim=(0.6, 0.8))
picture(layouts.plot_scales, linear=X, logarithmic=X, x=X, y=Y)
picture(
    scores.plot_knobs,
    table=Fresh(lambda: pd.DataFrame({"eta": [0.1, 0.2, 0.3], "FinalObjectiveValue": [0.7, 0.9, 0.8]})),
    space={"eta": t.Float(0.1, 1, log=True)},
    ylabel="AUC",
    columns=2,
    keep=("space",),
)
ENDED = [t.Trial(k, {}, "complete", v, values=(0.5, v)) for k, v in enumerate([0.6, 0.7, 0.8])]
picture(race.plot_learning_curves, history=Fresh(lambda: list(ENDED)), mark=(1,))
picture(
    race.plot_median_rule,
    history=Fresh(lambda: list(ENDED)),
    trial=t.Trial(3, {}, values=(0.55, 0.58)),
    steps=[1, 2],
)
picture(race.plot_brackets, brackets=t.Hyperband(9).brackets)
picture(analysis.hill, x=np.array([0.3, 0.1]), top=0.5)
picture(analysis.thirds, x=np.array([0.3, 0.1, 9.0]))
POOL = np.linspace(0, 1, 30)
picture(analysis.best_of_quantiles, values=POOL, n=3, quantiles=np.array([0.25, 0.5]))
picture(analysis.chance_to_reach, values=POOL, target=0.9, n=5)
picture(analysis.trials_to_reach, values=POOL, target=0.9, chance=0.95)
picture(layouts.plot_efficiency, values=POOL, targets={"a grid of nine": 0.8}, max_trials=5)
picture(scores.plot_top_share, pools=Fresh(lambda: {"log scales": POOL}))
picture(scores.plot_spread, runs=Fresh(lambda: {"one": X, "all": Y}), xlabel="Error", log=False, decimals=2)
# What moves.
picture(widgets.curse_explorer)
picture(widgets.game, budget=4, seed=0)
picture(widgets.layout_stepper, budgets=(4, 9), seed=0)
picture(
    widgets.live_belief,
    trials=[(0.2, 1.0)],
    truth=(X, Y),
    question="uncertainty",
    length_scale=0.2,
    xlabel="eta",
    ylabel="AUC",
)
picture(widgets.posterior_stepper, study=STUDY, first=3, ylabel="Loss", keep=("study",))
picture(widgets.scale_stepper, x=X, y=Y, budgets=(3,))
picture(
    widgets.wait_while,
    call=lambda now, unfinished: widgets.wait_while(lambda: now, unfinished),
    now="ACTIVE",
    unfinished="PENDING",
    keep=("unfinished", "now"),
)
