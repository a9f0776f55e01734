import os
import platform
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss, roc_auc_score

from workshop.models import FactorizationMachineClassifier, FactorizationMachineRegressor, Field
from workshop.models.fm import gibbs
from workshop.models.fm.equation import scores

SOLVERS = ["gibbs", "adam"]


def interacting(n=2000, noise=0.3, seed=0):
    """Ratings of 20 users and 15 movies that no linear model can explain."""
    rng = np.random.default_rng(seed)
    pairs = np.column_stack([rng.integers(0, 20, n), 20 + rng.integers(0, 15, n)])
    X = sp.csr_array((np.ones(2 * n), pairs.ravel(), np.arange(n + 1) * 2), shape=(n, 35))
    truth = np.hstack([rng.normal(0, 0.3, (35, 1)), rng.normal(0, 1, (35, 2))])
    return X, scores(X, 3.0, truth) + noise * rng.normal(size=n)


def r2(y, predicted):
    return 1 - np.mean((y - predicted) ** 2) / np.var(y)


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_learns_interactions(solver):
    X, y = interacting()
    options = {"n_iter": 60, "n_samples": 30, "linear_wd": 1e-4, "factors_wd": 1e-4, "batch_size": 100}
    machine = FactorizationMachineRegressor(2, solver=solver, random_state=0, **options).fit(X[:1500], y[:1500])
    linear = FactorizationMachineRegressor(0, solver=solver, random_state=0, **options).fit(X[:1500], y[:1500])
    assert r2(y[1500:], machine.predict(X[1500:])) > 0.9
    assert r2(y[1500:], linear.predict(X[1500:])) < 0.5


@pytest.mark.parametrize("solver", SOLVERS)
def test_classifier_learns_interactions_and_is_calibrated(solver):
    X, y = interacting(6000, noise=1.0)
    liked = np.where(y > 3, "yes", "no")
    options = {"n_iter": 60, "n_samples": 30, "batch_size": 300, "random_state": 0}
    machine = FactorizationMachineClassifier(2, solver=solver, **options).fit(X[:5000], liked[:5000])
    probability = machine.predict_proba(X[5000:])
    assert list(machine.classes_) == ["no", "yes"]
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    clean = interacting(6000, noise=0.0)[1][5000:]
    best = norm.cdf(clean - 3)  # what the source of the data knows
    assert roc_auc_score(liked[5000:], probability[:, 1]) > roc_auc_score(liked[5000:], best) - 0.03
    assert log_loss(liked[5000:], probability) < log_loss(liked[5000:], best) + 0.05
    assert np.array_equal(machine.predict(X[5000:]) == "yes", probability[:, 1] > 0.5)


def test_prediction_is_the_mean_over_the_kept_draws_in_the_range_of_training():
    X, y = interacting(300)
    y = np.sign(y - 3)
    machine = FactorizationMachineRegressor(2, n_iter=20, n_samples=5, random_state=0).fit(X, y)
    assert len(machine.samples_) == 5
    draws = [scores(X, s.intercept, s.theta) for s in machine.samples_]
    assert np.max(draws) > 1 == machine.predict(X).max()
    np.testing.assert_allclose(machine.predict(X), np.clip(np.mean(draws, axis=0), -1, 1), rtol=1e-6)
    np.testing.assert_allclose(scores(X, machine.intercept_, np.c_[machine.coef_, machine.factors_]), draws[-1], 1e-5)


def test_curves_record_training_and_validation():
    X, y = interacting(600)
    machine = FactorizationMachineRegressor(2, n_iter=20, n_samples=8, random_state=0)
    machine.fit(X[:500], y[:500], validation=(X[500:], y[500:]))
    assert {name: len(curve) for name, curve in machine.curves_.items()} == {"train": 20, "validation": 20}
    final = np.sqrt(np.mean((machine.predict(X[500:]) - y[500:]) ** 2))
    assert machine.curves_["validation"][-1] == pytest.approx(final, rel=1e-5)
    unwatched = FactorizationMachineRegressor(2, n_iter=20, n_samples=8, random_state=0).fit(X[:500], y[:500])
    np.testing.assert_array_equal(unwatched.predict(X), machine.predict(X))


def test_partial_fit_repeats_fit_and_exists_for_adam_only():
    X, y = interacting(300)
    whole = FactorizationMachineRegressor(2, solver="adam", n_iter=5, batch_size=50, random_state=0).fit(X, y)
    parts = FactorizationMachineRegressor(2, solver="adam", batch_size=50, random_state=0)
    for _ in range(5):
        parts.partial_fit(X, y)
    np.testing.assert_allclose(parts.predict(X), whole.predict(X))
    np.testing.assert_allclose(parts.curves_["train"], whole.curves_["train"])
    assert not hasattr(FactorizationMachineRegressor(), "partial_fit")
    classifier = FactorizationMachineClassifier(2, solver="adam").partial_fit(X[:3], ["a"] * 3, classes=["a", "b"])
    assert set(classifier.partial_fit(X, np.where(y > 3, "a", "b")).predict(X)) <= {"a", "b"}


@pytest.mark.parametrize("solver", SOLVERS)
def test_features_carry_over_to_columns_never_seen(solver):
    rng = np.random.default_rng(0)
    genre = rng.integers(0, 2, 40)  # the taste of a user for a movie depends on the movie's genre alone
    users, movies = rng.integers(0, 20, 3000), rng.integers(0, 30, 3000)
    y = 3 + np.where(users % 2 == genre[movies], 1.0, -1.0) + 0.2 * rng.normal(size=3000)

    def rows(users, movies):
        columns = np.column_stack([users, 20 + movies]).ravel()
        return sp.csr_array((np.ones(len(columns)), columns, np.arange(len(users) + 1) * 2), shape=(len(users), 60))

    fields = [Field("user", 20), Field("movie", 40, sp.csr_array(np.eye(2)[genre]))]
    options = {"n_iter": 60, "n_samples": 30, "linear_wd": 1e-3, "factors_wd": 1e-3, "batch_size": 100}
    machine = FactorizationMachineRegressor(2, solver=solver, random_state=0, **options)
    machine.fit(rows(users, movies), y, fields=fields)
    new = np.repeat(np.arange(20), 10), np.tile(np.arange(30, 40), 20)
    liked = new[0] % 2 == genre[new[1]]
    assert roc_auc_score(liked, machine.predict(rows(*new))) > 0.99


@pytest.mark.parametrize("solver", SOLVERS)
def test_one_rating_and_empty_rows_have_an_answer(solver):
    machine = FactorizationMachineRegressor(2, solver=solver, n_iter=5, random_state=0)
    machine.fit(sp.csr_array([[1.0, 0.0, 1.0]]), [4.0])
    assert machine.predict(sp.csr_array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0, 0, 0]])).tolist() == [4.0] * 3


def test_the_input_is_not_changed():
    X = sp.csr_array((np.ones(4), np.array([2, 0, 1, 1]), np.array([0, 2, 4])), shape=(2, 3))  # unsorted, repeated
    before = X.copy()
    FactorizationMachineRegressor(1, n_iter=2).fit(X, [1.0, 2.0])
    np.testing.assert_array_equal((X.indices, X.data), (before.indices, before.data))


@pytest.mark.slow
def test_compiled_machine_predicts_as_well_and_is_taken_only_where_it_fits(monkeypatch):
    pytest.importorskip("numba")
    monkeypatch.setattr(gibbs, "COMPILE_FROM", 0)
    X, y = interacting()
    fields = [Field("user", 20), Field("movie", 15)]
    machine = FactorizationMachineRegressor(2, noise_by="user", random_state=0)
    described = [Field("user", 20, sp.eye_array(20)), fields[1]]
    chosen = [gibbs.choose_sampler(*each, machine) for each in ((X, fields), (2 * X, fields), (X, described))]
    assert [sampler.__name__ for sampler in chosen] == ["pair_states", "gibbs_states", "gibbs_states"]
    assert r2(y[1500:], machine.fit(X[:1500], y[:1500], fields=fields).predict(X[1500:])) > 0.9
    assert machine.samples_[-1].noise == pytest.approx(0.3, rel=0.15)


NUMBERS = [n for n in FactorizationMachineRegressor().get_params() if n not in ("solver", "noise_by", "random_state")]


@pytest.mark.parametrize(
    ("arguments", "fields", "message"),
    [
        *(({name: odd}, None, f"{name}={odd!r} must be a") for name in NUMBERS for odd in (-1, np.nan, "1", True)),
        ({"n_iter": 0}, None, "n_iter=0 must be"),
        ({"n_factors": 2.5}, None, "n_factors=2.5 must be a whole number"),
        ({"solver": "sgd"}, None, "solver='sgd' is unknown"),
        ({"noise_by": "user"}, None, "noise_by='user' is not one of the fields"),
        ({"noise_by": "user", "solver": "adam"}, None, "noise_by='user' is for ratings"),
        ({}, [Field("a", 3)], "describe 3 columns but X has 2"),
    ],
)
def test_bad_arguments_are_named(arguments, fields, message):
    with pytest.raises(ValueError, match=message):
        FactorizationMachineRegressor(**arguments).fit(np.eye(2), [1.0, 2.0], fields=fields)


@pytest.mark.parametrize("solver", SOLVERS)
def test_columns_in_any_unit_are_learned(solver):
    """An age in years, seconds since 1970 and a share of a thousandth, beside one-hot columns."""
    X, _ = interacting()
    rng = np.random.default_rng(1)
    age, seconds, share = rng.uniform(15, 70, 2000), rng.uniform(9e8, 1.4e9, 2000), rng.uniform(0, 1e-3, 2000)
    y = 3 + (age - 40) / 20 + (seconds - 1.15e9) / 3e8 + 500 * (share - 5e-4) + rng.normal(0, 0.1, 2000)
    X = sp.hstack([X, sp.csr_array(np.column_stack([age, seconds, share]))], format="csr")
    machine = FactorizationMachineRegressor(1, solver=solver, n_iter=100, batch_size=100, linear_lr=0.01, bias_lr=0.01)
    machine.set_params(random_state=0, factors_wd=0.01, n_samples=50).fit(X[:1500], y[:1500])
    assert r2(y[1500:], machine.predict(X[1500:])) > 0.9
    np.testing.assert_allclose(
        scores(X, machine.intercept_, np.c_[machine.coef_, machine.factors_]).mean(), y.mean(), atol=0.2
    )


def test_a_machine_worse_than_a_constant_warns():
    X, y = interacting()
    with pytest.warns(ConvergenceWarning, match=r"always answering the mean only .*; lower the learning rates"):
        FactorizationMachineRegressor(8, solver="adam", n_iter=3, factors_lr=30.0, random_state=0).fit(X, y)


def test_pairs_that_share_a_column_and_classes_of_a_regressor_are_refused():
    X, y = interacting(50)
    machine = FactorizationMachineRegressor(1, n_iter=2, random_state=0).fit(X, y)
    users, movies = X * (np.arange(35) < 20), X * (np.arange(35) >= 20)
    found = np.clip(np.diag(machine.predict_pairs(users, movies)), y.min(), y.max())
    np.testing.assert_allclose(found, machine.predict(X), rtol=1e-5)
    with pytest.raises(ValueError, match="both use column"):
        machine.predict_pairs(X, X)
    with pytest.raises(ValueError, match="is for a classifier"):
        FactorizationMachineRegressor(1, solver="adam").partial_fit(X, y, [0, 1])


FIT_AND_SUM = """
import numpy as np, scipy.sparse as sp
from workshop.models import FactorizationMachineRegressor, Field
rng = np.random.default_rng(0)
pairs = np.column_stack([rng.integers(0, 20, 900), 20 + rng.integers(0, 15, 900)])
X = sp.csr_array((np.ones(1800), pairs.ravel(), np.arange(901) * 2), shape=(900, 35))
fields = [Field("user", 20), Field("movie", 15, sp.csr_array(rng.normal(size=(15, 7))))]
for solver in ("gibbs", "adam"):
    machine = FactorizationMachineRegressor(3, solver=solver, n_iter=9, n_samples=5, random_state=0)
    print(machine.fit(X, rng.normal(3, 1, 900), fields=fields).predict(X).tobytes().hex())
"""


@pytest.mark.slow
@pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="OpenBLAS's kernels for x86 are named"
)
def test_machines_are_equal_to_the_last_bit_under_other_kernels_of_blas():
    kernels = [{}, {"OPENBLAS_CORETYPE": "Prescott"}, {"OPENBLAS_CORETYPE": "Nehalem"}]  # {}: the machine's own
    found = [
        subprocess.run(
            [sys.executable, "-c", FIT_AND_SUM], env=os.environ | kernel, capture_output=True, text=True, check=True
        ).stdout
        for kernel in kernels
    ]
    assert len(found[0]) > 2 * 900 and len(set(found)) == 1
