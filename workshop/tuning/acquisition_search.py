"""Where the acquisition is highest, over floats, whole numbers and categories at once."""

import numpy as np
from scipy.optimize import minimize

from workshop.tuning.acquisition import thompson_sampling

N_RANDOM, N_LOCAL, N_STARTS, N_STEPS = 500, 100, 6, 40
FEW_CONFIGS, FEW_VALUES = 1000, 33  # so few are all looked at


def ranked(belief, rng):
    """Return encoded configs (m, d), the most promising first.

    A small space is looked at whole. In a large one, look at random configs and at neighbours of the best trials;
    climb from a few of them along the gradient of all numbers, at once; then try every other value of the Ints with
    few values and of the Categoricals; climb again if that helped. Thompson sampling looks only, at one drawn function.
    """
    space = belief.space
    if space.n_configs <= FEW_CONFIGS:
        candidates = space.encode_all(space.grid(FEW_CONFIGS))
    else:
        candidates = np.vstack([space.snap(rng.random((N_RANDOM, len(space)))), _neighbours(belief, rng)])
    if belief.acquisition is thompson_sampling:
        return candidates[np.argsort(-thompson_sampling(belief.gp.draw(candidates, rng)), kind="stable")]
    utility = belief.utility(candidates)
    in_order = candidates[np.argsort(-utility, kind="stable")]
    if space.n_configs <= FEW_CONFIGS:
        return in_order
    Z = candidates[_starts(utility, rng)]
    for _ in range(2):
        Z, utility = _climb(belief, Z)
        Z, utility, moved = _switch(belief, Z, utility)
        if not moved:
            break
    return np.vstack([Z[np.argsort(-utility)], in_order])


def _smooth(space):
    """Return the columns that can be climbed, as dict of name to column: Floats, and Ints with many values."""
    columns = {name: part.start for name, part in space.columns.items()}
    return {n: column for n, column in columns.items() if space[n].width == 1 and space[n].n_values > FEW_VALUES}


def _neighbours(belief, rng):
    """Return N_LOCAL configs around each of the three best trials: numbers moved a little, others redrawn at times."""
    space, smooth = belief.space, _smooth(belief.space)
    Z = np.repeat(belief.gp.X_[np.argsort(belief.gp.y_)[:3]], N_LOCAL, axis=0)
    step = 10 ** rng.uniform(-3, -0.7, size=len(Z))
    for name, columns in space.columns.items():
        if name in smooth:
            Z[:, columns] = space[name].snap(np.clip(Z[:, smooth[name]] + step * rng.normal(size=len(Z)), 0, 1))
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


def _climb(belief, Z):
    """Return Z (m, d) moved uphill in its smooth columns, and the utility (m,) there: one search for all m at once."""
    smooth = _smooth(belief.space)
    columns = list(smooth.values())
    if not smooth:
        return Z, belief.utility(Z)
    steps = np.tile(np.minimum(belief.gp.scales_[columns], 1.0), len(Z))

    def loss(x):
        Z[:, columns] = (x * steps).reshape(len(Z), -1)
        utility, gradient = belief.utility_with_gradient(Z)
        return -utility.sum(), -gradient[:, columns].ravel() * steps

    start, bounds = Z[:, columns].ravel() / steps, [(0, 1 / step) for step in steps]
    x = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": N_STEPS}).x
    Z[:, columns] = np.clip(x * steps, 0, 1).reshape(len(Z), -1)
    for name, column in smooth.items():
        Z[:, [column]] = belief.space[name].snap(Z[:, column])
    return Z, belief.utility(Z)


def _switch(belief, Z, utility):
    """Return Z (m, d) with each other parameter at its best value in turn, utility (m,), and whether any moved."""
    smooth, moved = _smooth(belief.space), False
    for name, columns in belief.space.columns.items():
        if name in smooth:
            continue
        values = belief.space[name].encode(belief.space[name].grid(FEW_VALUES))
        trial = np.repeat(Z, len(values), axis=0)
        trial[:, columns] = np.tile(values, (len(Z), 1))
        reached = belief.utility(trial).reshape(len(Z), -1)
        better = reached.max(axis=1) > utility + 1e-9
        Z[better, columns] = values[reached.argmax(axis=1)][better]
        utility, moved = np.maximum(utility, reached.max(axis=1)), moved or better.any()
    return Z, utility, moved
