import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from workshop.models.fm.equation import Field, State, check_fields, find_fields, pair_scores, scores


def brute_force(x, intercept, theta):
    """Rendle (2010), Eq. 1, as written: a double loop over pairs."""
    total = intercept + sum(theta[i, 0] * x[i] for i in range(len(x)))
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            total += theta[i, 1:] @ theta[j, 1:] * x[i] * x[j]
    return total


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array, sp.csr_matrix])
@pytest.mark.parametrize("n_factors", [0, 1, 5])
def test_scores_equal_the_double_loop(kind, n_factors):
    rng = np.random.default_rng(n_factors)
    X = rng.normal(size=(20, 7)) * (rng.random((20, 7)) < 0.5)
    theta = rng.normal(size=(7, 1 + n_factors))
    np.testing.assert_allclose(scores(kind(X), 0.3, theta), [brute_force(x, 0.3, theta) for x in X], atol=1e-12)


@pytest.mark.parametrize("kind", [np.asarray, sp.csr_array])
def test_scores_of_pairs_equal_those_of_the_summed_rows(kind):
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(4, 7)) * (np.arange(7) < 3), rng.normal(size=(5, 7)) * (np.arange(7) >= 3)
    states = [State(rng.normal(), rng.normal(size=(7, 4)), 0.0) for _ in range(3)]
    found = pair_scores(kind(left), kind(right), states)
    for i, j in np.ndindex(4, 5):
        exact = np.mean([brute_force(left[i] + right[j], s.intercept, s.theta) for s in states])
        assert found[i, j] == pytest.approx(exact)


def test_one_hot_blocks_are_found():
    X = sp.hstack([sp.csr_array(np.eye(4)[[0, 1, 2, 3, 0]]), sp.csr_array(np.eye(3)[[0, 1, 2, 0, 1]])], format="csr")
    assert [f.n_columns for f in find_fields(X)] == [4, 3]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 9), st.floats(0, 1))
def test_no_row_uses_a_found_field_twice_and_no_field_could_be_longer(seed, n_rows, n_columns, density):
    rng = np.random.default_rng(seed)
    dense = (rng.random((n_rows, n_columns)) < density).astype(float)
    X = sp.csr_array(dense)
    fields = find_fields(X)
    check_fields(X, fields)
    start = 0
    for field in fields[:-1]:
        longer = dense[:, start : start + field.n_columns + 1]
        assert longer.sum(axis=1).max() == 2
        start += field.n_columns


def test_wrong_fields_are_named():
    X = sp.csr_array(np.array([[1, 1, 0], [0, 1, 1]]))
    with pytest.raises(ValueError, match="describe 2 columns but X has 3"):
        check_fields(X, [Field("a", 2)])
    with pytest.raises(ValueError, match="row 0 of X uses 2 columns of field 'a'"):
        check_fields(X, [Field("a", 2), Field("b", 1)])
    with pytest.raises(ValueError, match="has 3 rows, not n_columns=2"):
        Field("a", 2, sp.csr_array(np.ones((3, 1))))
    with pytest.raises(ValueError, match="but there are 1 features"):
        Field("a", 2, sp.csr_array(np.ones((2, 1))), {"genre": 4})
    with pytest.raises(TypeError, match="groups of field 'a' are True; give a dict"):
        Field("a", 2, sp.csr_array(np.ones((2, 1))), groups=True)
    for n_columns in (True, 0, 2.0, "2"):
        with pytest.raises(ValueError, match=r"n_columns of field 'a' is .*; give a whole number"):
            Field("a", n_columns)
    with pytest.raises(ValueError, match="features is None"):
        Field("a", 2, groups={"genre": 4})
