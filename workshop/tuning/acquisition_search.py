"""Where the acquisition is highest, over floats, whole numbers and categories at once."""

import numpy as np
from scipy.optimize import minimize

from workshop.tuning.space import Float

N_RANDOM, N_LOCAL, N_STARTS, N_STEPS = 500, 100, 6, 40


def highest(belief, space, rng, centers):
    """Return encoded configs (N_STARTS, d), highest utility first.

    Look at random configs and at neighbours of the best trials; climb from a few of these along the gradient in the
    Float columns; then try every other value of each Int and Categorical in turn.
    """
    candidates = np.vstack([space.snap(rng.random((N_RANDOM, len(space)))), neighbours(space, centers, rng)])
    utility = belief.utility(candidates)
    Z = candidates[_starts(utility, rng)]
    for _ in range(2):
        Z, utility = _climb(belief, space, Z)
        Z, utility, moved = _switch(belief, space, Z, utility)
        if not moved:
            break
    return Z[np.argsort(-utility)]


def neighbours(space, centers, rng):
    """Return N_LOCAL configs around each encoded config of `centers` (k, d)."""
    Z = np.repeat(centers, N_LOCAL, axis=0)
    step = 10 ** rng.uniform(-3, -0.7, size=len(Z))
    for name, columns in space.columns.items():
        if isinstance(space[name], Float):
            Z[:, columns] = np.clip(Z[:, columns] + (step * rng.normal(size=len(Z)))[:, None], 0, 1)
        else:
            redrawn = rng.random(len(Z)) < 0.3
            Z[redrawn, columns] = space[name].snap(rng.random(redrawn.sum()))
    return Z


def _starts(utility, rng):
    """Return the places of N_STARTS candidates: the top third, and others in proportion to exp(utility)."""
    order = np.argsort(-utility)
    top, rest = order[: N_STARTS // 3], order[N_STARTS // 3 :]
    weights = np.exp(np.maximum(utility[rest] - utility[order[0]], -50))
    return np.append(top, rng.choice(rest, N_STARTS - len(top), replace=False, p=weights / weights.sum()))


def _climb(belief, space, Z):
    """Return Z (m, d) moved uphill in its Float columns, and the utility (m,) there: one search for all m at once."""
    columns = [c.start for name, c in space.columns.items() if isinstance(space[name], Float)]
    if not columns:
        return Z, belief.utility(Z)
    steps = np.tile(np.minimum(belief.gps[0].scales_[columns], 1.0), len(Z))

    def loss(x):
        Z[:, columns] = (x * steps).reshape(len(Z), -1)
        utility, gradient = belief.utility_with_gradient(Z)
        return -utility.sum(), -gradient[:, columns].ravel() * steps

    start, bounds = Z[:, columns].ravel() / steps, [(0, 1 / step) for step in steps]
    x = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": N_STEPS}).x
    Z[:, columns] = np.clip(x * steps, 0, 1).reshape(len(Z), -1)
    return Z, belief.utility(Z)


def _switch(belief, space, Z, utility):
    """Return Z (m, d) with each Int and Categorical at its best value, utility (m,), and whether any moved."""
    moved = False
    for name, columns in space.columns.items():
        if isinstance(space[name], Float):
            continue
        values = np.unique(space[name].snap(np.linspace(0, 1, 33)), axis=0)
        trial = np.repeat(Z, len(values), axis=0)
        trial[:, columns] = np.tile(values, (len(Z), 1))
        reached = belief.utility(trial).reshape(len(Z), -1)
        better = reached.max(1) > utility + 1e-9
        Z[better, columns], utility = values[reached.argmax(1)][better], np.maximum(utility, reached.max(1))
        moved = moved or better.any()
    return Z, utility, moved
