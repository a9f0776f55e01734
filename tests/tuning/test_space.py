import enum
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop.tuning import Categorical, Float, Int, Space
from workshop.tuning.parameter import whole
from workshop.tuning.storage import from_json, to_json

FINITE = st.floats(-1e6, 1e6)


@st.composite
def parameters(draw):
    kind = draw(st.sampled_from(["float", "log float", "reverse float", "int", "log int", "categorical"]))
    if kind == "categorical":
        choices = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3), FINITE)
        return Categorical(draw(st.lists(choices, min_size=1, max_size=5, unique_by=lambda c: (type(c), c))))
    low, high = {
        "float": (-1e6, 1e6),
        "log float": (1e-9, 1e6),
        "reverse float": (0.0, 0.999999),
        "int": (-(10**9), 10**9),
        "log int": (1, 10**9),
    }[kind]
    numbers = st.integers(low, high) if kind.endswith("int") else st.floats(low, high)
    low, high = sorted((draw(numbers), draw(numbers)))
    log = {"l": True, "r": "reverse"}.get(kind[0], False)
    return (Int if kind.endswith("int") else Float)(low, high, log=log)


SPACES = st.lists(parameters(), min_size=1, max_size=4).map(lambda ps: Space({f"p{i}": p for i, p in enumerate(ps)}))


@given(SPACES, st.integers(0, 2**32 - 1))
def test_a_sampled_config_is_valid_and_survives_the_unit_cube(space, seed):
    config = space.sample(np.random.default_rng(seed))
    x = space.encode(config)
    assert space.validate(config) == config
    assert x.shape == (space.width,) and ((x >= 0) & (x <= 1)).all()
    back = space.decode(x)
    for name, parameter in space.items():
        if isinstance(parameter, Float):
            assert back[name] == pytest.approx(config[name], rel=1e-9, abs=1e-9)
        else:
            assert back[name] == config[name] and type(back[name]) is type(config[name])


@given(SPACES, st.integers(0, 2**32 - 1))
def test_every_point_of_the_cube_decodes_to_a_valid_config_and_snap_agrees(space, seed):
    U = np.random.default_rng(seed).random((5, len(space)))
    for x in space.snap(U):
        config = space.decode(x)
        assert space.validate(config) == config
        for name, columns in space.columns.items():
            p = space[name]
            if isinstance(p, Categorical) or p.high - p.low > max(1e-300, 1e-6 * max(abs(p.high), abs(p.low))):  # room
                assert np.allclose(space.encode(config)[columns], x[columns], atol=1e-6)


@given(SPACES, st.integers(1, 6))
def test_a_grid_has_no_config_twice_and_only_valid_ones(space, n):
    grid = [tuple((type(v), v) for v in config.values()) for config in space.grid(n)]
    assert len(set(grid)) == len(grid) >= 1
    for config in space.grid(n)[:20]:
        assert space.validate(config) == config


@given(SPACES)
def test_a_space_survives_json_and_pickle(space):
    assert from_json(to_json(space)) == space
    assert pickle.loads(pickle.dumps(space)) == space


def test_ends_are_kept_exactly():
    for parameter in (
        Float(0.1, 0.7),
        Float(1e-5, 0.3, log=True),
        Float(0.1, 0.999, log="reverse"),
        Int(3, 17, log=True),
    ):
        ends = [parameter.low, parameter.high]
        assert [parameter.decode(x) for x in parameter.encode(ends)] == ends
        assert parameter.grid(3)[0] == parameter.low and parameter.grid(3)[-1] == parameter.high


def test_every_whole_number_gets_the_same_share():
    drawn = [Int(1, 4).sample(rng) for rng in [np.random.default_rng(0)] for _ in range(4000)]
    assert np.bincount(drawn, minlength=5)[1:] == pytest.approx(1000, abs=120)
    assert Int(1, 4).encode([1, 4])[:, 0] == pytest.approx([0.125, 0.875])


def test_scales_are_the_logarithm_of_the_value_or_of_one_minus_it():
    assert Float(0.001, 1, log=True).decode([0.5]) == pytest.approx(10**-1.5)
    assert Float(0.9, 0.9999, log="reverse").decode([1 / 3]) == pytest.approx(0.99)
    assert Int(1, 1000, log=True).grid(4) == [1, 10, 100, 1000]


def test_auto_samples_every_possible_scale():
    drawn = np.array([Float(1e-6, 1, log="auto").sample(rng) for rng in map(np.random.default_rng, range(600))])
    assert 0.3 < (drawn < 0.01).mean() < 0.5  # half of the draws are logarithmic, two thirds of those below 0.01
    assert Float(-1, 1, log="auto").scales == (False,)
    assert Float(0, 0.5, log="auto").scales == (False, "reverse")
    assert Float(0.1, 0.5, log="auto").scales == (False, True, "reverse")


def test_small_spaces_have_small_grids():
    space = Space({"depth": Int(1, 3), "booster": Categorical(["a", "b"]), "fixed": Float(2, 2)})
    assert space.n_configs == len(space.grid(10)) == 6
    assert space.grid(1) == [{"depth": 2, "booster": b, "fixed": 2.0} for b in "ab"]
    assert Space({"eta": Float(0, 1)}).n_configs == math.inf


def test_true_and_1_are_two_choices_and_numpy_values_are_understood():
    choice = Categorical((True, 1, 1.0))
    assert [choice.decode(x) for x in choice.encode([1, True, 1.0])] == [1, True, 1.0]
    assert type(choice.validate(True)) is bool
    assert type(choice.validate(np.int64(1))) is int
    assert Space({"a": Int(1, 3), "b": Float(0, 1)}).validate({"a": np.int64(2), "b": np.float32(0.5)}) == {
        "a": 2,
        "b": 0.5,
    }


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: Float(1, 0), ValueError, "low=1.0 is above high=0.0"),
        (lambda: Float(math.nan, 1), ValueError, "low=nan is not finite"),
        (lambda: Float("0", 1), TypeError, "low='0' is not a number"),
        (lambda: Float(False, 1), TypeError, "low=False is not a number"),
        (lambda: Int(0.5, 2), TypeError, "low=0.5 is not a whole number"),
        (lambda: Int(True, 2), TypeError, "low=True is not a whole number"),
        (lambda: Int(0, 10**13), ValueError, "too large"),
        (lambda: Float(0, 1, log=True), ValueError, "log=True needs low > 0"),
        (lambda: Float(0, 1, log="reverse"), ValueError, "log='reverse' needs 0 <= low <= high < 1"),
        (lambda: Float(0, 1, log="loglog"), ValueError, "log='loglog' is not a scale"),
        (lambda: Float(0, 1, step=0.3), ValueError, "use high=0.9"),
        (lambda: Int(1, 10, step=4), ValueError, "use high=9"),
        (lambda: Int(1, 9, step=0), ValueError, "a step is above 0"),
        (lambda: Float(0.1, 0.3, step=0.1, log=True), ValueError, "goes with log=False only"),
        (lambda: Float(0, 1, step=0.25).validate(0.3), ValueError, "the nearest is 0.25"),
        (lambda: Categorical([]), ValueError, "choices is empty"),
        (lambda: Categorical("abc"), TypeError, "not a sequence of choices"),
        (lambda: Categorical(["a", "b", "a"]), ValueError, "'a' is there twice"),
        (lambda: Categorical([math.nan]), ValueError, "is not finite"),
        (lambda: Space({}), ValueError, "the space is empty"),
        (lambda: Space([("a", Int(1, 2)), ("a", Int(1, 3))]), ValueError, "name='a' is there twice"),
        (lambda: Space({"a": (1, 2)}), TypeError, "a=(1, 2) is not a parameter"),
        (lambda: Space({1: Int(1, 2)}), TypeError, "name=1 is not a name"),
        (lambda: Space({"a": Int(1, 2)}).grid(0), ValueError, "n_per_param=0"),
        (lambda: Space({"a": Int(1, 2)}).decode([0.1, 0.2]), ValueError, "x must be 1 finite numbers"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "config, error, message",
    [
        ({"n": 3, "x": 0.5}, ValueError, "names missing or too many: ['c']"),
        ({"n": 3, "x": 0.5, "c": "a", "extra": 1}, ValueError, "names missing or too many: ['extra']"),
        ({"n": 11, "x": 0.5, "c": "a"}, ValueError, "n: 11 is out of range; give a whole number from 1 to 10"),
        ({"n": 3.5, "x": 0.5, "c": "a"}, TypeError, "n: value=3.5 is not a whole number"),
        ({"n": 3, "x": math.nan, "c": "a"}, ValueError, "x: value=nan is not finite"),
        ({"n": 3, "x": True, "c": "a"}, TypeError, "x: value=True is not a number"),
        ({"n": 3, "x": 0.5, "c": "z"}, ValueError, "c: 'z' is not a choice; give one of ('a', 'b')"),
        ([3, 0.5, "a"], TypeError, "is not a dict"),
    ],
)
def test_a_config_outside_the_space_is_refused(config, error, message):
    space = Space({"n": Int(1, 10), "x": Float(0, 1), "c": Categorical(["a", "b"])})
    with pytest.raises(error) as caught:
        space.encode(config)
    assert message in str(caught.value)


@pytest.mark.parametrize("wrong", [None, 0.5, ["0.5"], [None], [math.nan], [[0.5]], [True], np.ma.masked], ids=repr)
@pytest.mark.parametrize("parameter", [Float(0, 1, step=0.25), Int(1, 9, log=True), Categorical(["a", "b"])], ids=repr)
def test_what_is_not_a_row_of_numbers_is_named(parameter, wrong):
    with pytest.raises(ValueError, match=r"x must be \d finite numbers in a row"):
        parameter.decode(wrong)
    with pytest.raises(ValueError, match="u must be some finite numbers in a row"):
        parameter.snap(wrong)
    if not isinstance(parameter, Categorical):
        with pytest.raises(ValueError, match="values must be some finite numbers in a row"):
            parameter.encode(wrong)
        assert parameter.encode([]).shape == (0, 1)
    with pytest.raises(TypeError, match=r"rng=.* has no .* give one such as np.random.default_rng\(0\)"):
        parameter.sample(wrong)


def test_whole_numbers_may_be_written_as_floats():
    assert Int(1.0, np.float64(10)) == Int(1, 10) and type(Int(1.0, 10.0).high) is int
    assert [type(Int(1, 10).validate(n)) for n in (3.0, np.float32(3), np.int8(3))] == [int] * 3
    assert Float(0, 1).grid(3.0) == Float(0, 1).grid(3) and Int(0, 8, step=2.0) == Int(0, 8, step=2)
    for three in (3, 3.0, np.float32(3), np.int8(3)):  # wherever a number is counted
        assert whole("n", three, 1) == 3 and type(whole("n", three, 1)) is int
    for wrong in (0, None, 1.5, "2", True, [2], math.nan):
        with pytest.raises(ValueError, match=re.escape(f"n={wrong!r} must be a whole number of at least 1")):
            whole("n", wrong, 1)


class Optimizer(str, enum.Enum):  # noqa: UP042  (as older code has it)
    SGD = "sgd"
    ADAM = "adam"


def test_choices_may_be_anything_and_files_name_them():
    layers = Categorical({"small": (50,), "large": [100, 50]})
    space = Space(
        {"layers": layers, "optimizer": Categorical(Optimizer), "f": Categorical([math.sqrt, None, {"a": 1}])}
    )
    config = space.validate({"layers": [100, 50], "optimizer": "sgd", "f": {"a": 1}})
    assert config["layers"] == [100, 50] and config["optimizer"] is Optimizer.SGD and type(config["f"]) is dict
    labels = from_json(to_json(space))
    assert [p.choices for p in labels.values()] == [("small", "large"), ("SGD", "ADAM"), ("sqrt", None, "{'a': 1}")]
    assert [space.decode(x) == c for c in space.grid(2) for x in [space.encode(c)]] == [True] * 12
    assert type(Categorical(["sgd"]).validate(Optimizer.SGD)) is str
    for nameless in (Categorical([object(), 1]), Categorical([lambda: 1, lambda: 2])):
        with pytest.raises(ValueError, match="give a dict, such as"):
            to_json(Space({"p": nameless}))


@pytest.mark.parametrize(
    ("parameter", "values"),
    [
        (Int(16, 64, step=16), [16, 32, 48, 64]),
        (Float(0, 0.3, step=0.1), [0.0, 0.1, 0.2, 0.3]),
        (Float(-1, 1, step=0.5), [-1.0, -0.5, 0.0, 0.5, 1.0]),
        (Float(0.5, 0.5, step=0.1), [0.5]),
    ],
    ids=repr,
)
def test_a_step_leaves_only_some_values_each_as_likely(parameter, values):
    assert parameter.grid(10) == values and parameter.n_values == len(values)
    assert [parameter.decode(x) for x in parameter.encode(values)] == values
    drawn = [parameter.sample(rng) for rng in [np.random.default_rng(0)] for _ in range(2000)]
    assert [drawn.count(value) / 2000 for value in values] == pytest.approx([1 / len(values)] * len(values), abs=0.05)
    space = Space({"p": parameter})
    assert from_json(to_json(space)) == space and eval(repr(parameter)) == parameter
