import dataclasses
import math
import pickle

import numpy as np
import pytest

from workshop.tuning import History, Trial


def trials():
    return [
        Trial(2, {"eta": 0.3}, "failed", error="ValueError: eta"),
        Trial(0, {"eta": 0.1}, "complete", 0.5),
        Trial(3, {"eta": 0.4}),
        Trial(1, {"eta": 0.2}, "complete", 0.25),
    ]


def test_trials_stand_in_order_of_their_number():
    history = History(trials())
    assert [trial.number for trial in history] == [0, 1, 2, 3]
    assert history[-1].number == 3
    assert history[:2] == history.complete == History(trials()[1::2])
    assert [t.number for t in history.failed] == [2] and [t.number for t in history.running] == [3]
    assert repr(history) == "History(1 running, 2 complete, 1 failed)"


def test_nothing_of_a_trial_can_be_changed():
    config = {"eta": 0.1}
    trial = Trial(0, config)
    config["eta"] = 9
    assert trial.config["eta"] == 0.1
    with pytest.raises(TypeError):
        trial.config["eta"] = 9
    with pytest.raises(dataclasses.FrozenInstanceError):
        trial.value = 1.0


def test_trials_travel_between_processes_and_compare_by_content():
    history = History(trials())
    assert pickle.loads(pickle.dumps(history)) == history
    assert hash(history) == hash(History(reversed(trials())))
    assert history != History(trials()[:2])


def test_the_frame_holds_hyperparameters_then_the_value_best_first():
    frame = History(trials()).to_frame()
    assert list(frame.columns) == ["eta", "FinalObjectiveValue", "state", "error"]
    assert list(frame.index) == [1, 0, 2, 3] and frame.index.name == "trial"
    assert frame["FinalObjectiveValue"].isna().tolist() == [False, False, True, True]
    assert list(History(trials()).to_frame("maximize").index) == [0, 1, 2, 3]
    assert list(History().to_frame().columns) == ["FinalObjectiveValue", "state", "error"]


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Trial(0, {}, "stopped"), "value=None does not fit"),
        (lambda: Trial(0, {}, values=(0.5, math.inf)), "values=.* must be finite"),
        (lambda: Trial(0, {}, "done"), "state='done' is unknown"),
        (lambda: Trial(0, {}, "complete"), "value=None does not fit"),
        (lambda: Trial(0, {}, "complete", math.nan), "value=nan does not fit"),
        (lambda: Trial(0, {}, "failed", 0.5), "value=0.5 does not fit"),
        (lambda: History([Trial(0, {}), Trial(0, {})]), "trials share a number"),
        (lambda: History().to_frame("up"), "direction='up' is unknown"),
    ],
)
def test_records_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        make()


def test_a_row_keeps_the_types_of_its_config():
    configs = [{"depth": 3, "eta": 0.5, "seed": None}, {"depth": 5, "eta": 0.1, "seed": 7}]
    history = History(Trial(k, config, "complete", k) for k, config in enumerate(configs))
    frame = history.to_frame()
    for k, config in enumerate(configs):
        row = dict(frame.loc[k, list(config)])
        assert row == config and isinstance(row["depth"], (int, np.integer)) and row["seed"] is configs[k]["seed"]
    assert (frame["depth"].dtype, frame["eta"].dtype) == (int, float)
    failed = History([*history, Trial(2, configs[0], "failed", error="no memory")]).to_frame()
    assert (
        failed.loc[2, "state"] == "failed" and failed.loc[2, "error"] == "no memory" and failed.loc[0, "error"] is None
    )
