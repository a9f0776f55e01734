"""Other people's optimisers as functions ``tool(objective, dimension, n_evaluations, seed)``, at their defaults.

Each minimises `objective` over the cube from -5 to 5 and returns nothing: the objective remembers what it was asked. It
raises `Spent` once the evaluations are used up, which ends those tools that have no budget, or pass it.
"""

import warnings

import numpy as np

BOUNDS = (-5.0, 5.0)


class Spent(Exception):
    """The budget of evaluations is used up."""


def random(objective, dimension, n_evaluations, seed):
    for x in np.random.default_rng(seed).uniform(*BOUNDS, (n_evaluations, dimension)):
        objective(x)


def optuna_with(sampler_name):
    def run(objective, dimension, n_evaluations, seed):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(sampler=getattr(optuna.samplers, sampler_name)(seed=seed))
        study.optimize(
            lambda trial: objective([trial.suggest_float(f"x{i}", *BOUNDS) for i in range(dimension)]), n_evaluations
        )

    return run


def ngopt(objective, dimension, n_evaluations, seed):
    """Chooses among many algorithms by the dimension and the number of evaluations, so it is run once for each."""
    import nevergrad

    cube = nevergrad.p.Array(shape=(dimension,), lower=BOUNDS[0], upper=BOUNDS[1])
    cube.random_state = np.random.RandomState(seed)
    nevergrad.optimizers.NGOpt(cube, budget=n_evaluations).minimize(objective)


def shgo(objective, dimension, n_evaluations, seed):
    """Has no randomness. Looks at the limit only now and then, so that its first evaluations do not hang on it."""
    from scipy.optimize import shgo

    shgo(objective, [BOUNDS] * dimension, options={"maxfev": n_evaluations})


def direct(objective, dimension, n_evaluations, seed):
    """Has no randomness."""
    from scipy.optimize import direct

    direct(objective, [BOUNDS] * dimension, maxfun=n_evaluations)


def scikit_optimize(objective, dimension, n_evaluations, seed):
    from skopt import gp_minimize

    gp_minimize(objective, [BOUNDS] * dimension, n_calls=n_evaluations, random_state=seed)


def botorch(objective, dimension, n_evaluations, seed):
    """Log expected improvement on BoTorch's own Gaussian process, after 2 d (at least 5) points of a Sobol sequence."""
    import torch
    from botorch.acquisition import LogExpectedImprovement
    from botorch.fit import fit_gpytorch_mll
    from botorch.models import SingleTaskGP
    from botorch.optim import optimize_acqf
    from gpytorch.mlls import ExactMarginalLogLikelihood

    torch.manual_seed(seed)
    low, width = BOUNDS[0], BOUNDS[1] - BOUNDS[0]
    unit_cube = torch.tensor([[0.0] * dimension, [1.0] * dimension], dtype=torch.float64)
    x = torch.quasirandom.SobolEngine(dimension, scramble=True, seed=seed).draw(max(5, 2 * dimension)).double()
    utility = torch.tensor([[-objective(low + width * row.numpy())] for row in x], dtype=torch.float64)
    while len(x) < n_evaluations:
        model = SingleTaskGP(x, utility)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        promise = LogExpectedImprovement(model, best_f=utility.max())
        proposal, _ = optimize_acqf(promise, unit_cube, q=1, num_restarts=10, raw_samples=512)
        measured = -objective(low + width * proposal[0].numpy())
        x, utility = torch.cat([x, proposal]), torch.cat([utility, torch.tensor([[measured]], dtype=torch.float64)])


PEERS = {
    "random": random,
    "optuna-tpe": optuna_with("TPESampler"),
    "optuna-gp": optuna_with("GPSampler"),
    "ngopt": ngopt,
    "shgo": shgo,
    "direct": direct,
    "scikit-optimize": scikit_optimize,
    "botorch": botorch,
}
TAKES_BUDGET = {"ngopt"}  # what it does first depends on how many evaluations there are

warnings.simplefilter("ignore")
