"""The service's algorithms that run here: their hyperparameters, which of these can be tuned, and their metrics.

Names, limits, defaults and recommended ranges are those of the Amazon SageMaker developer guide (for XGBoost's limits
also of the code in the service's container). A default is written down for the reader: what a request leaves out is
left to the algorithm. An open end of a range, as in (0, 1], is a small number here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workshop.aws import LARGE, Hyperparameter
from workshop.sagemaker.training import (
    FACTORIZATION_METRICS,
    KMEANS_METRICS,
    OBJECTIVES,
    XGBOOST_METRICS,
    train_factorization_machine,
    train_kmeans,
    train_xgboost,
)
from workshop.tuning import Categorical, Float, Int

TINY = 1e-8
_POSITIVE, _NOT_NEGATIVE = Float(TINY, LARGE), Float(0, LARGE)
_SHARE, _SOME = Float(0, 1), Float(TINY, 1)
_COUNT, _FROM_0, _FLAG = Int(1, LARGE), Int(0, LARGE), Int(0, 1)
_WIDE = Float(TINY, 512)  # the guide's suggestion for every rate, decay and sigma of the factorization machine
MAXIMIZED = {"auc", "accuracy", "f1", "binary_classification_accuracy", "binary_f_beta"}


@dataclass(frozen=True)
class Algorithm:
    """A training algorithm of the service; `train` is its objective here, a generator of metric values.

    Attributes
    ----------
    name : str
        As the last part of its image is called.
    hyperparameters : mapping of str to Hyperparameter
    required : tuple of str
        Hyperparameters that a request must give.
    elsewhere : frozenset of str
        Hyperparameters that the service has, and this machine has not.
    channels : tuple of str
        What its input channels are called: to train on, and to be judged on.
    metrics : mapping of str to "Maximize" or "Minimize"
    table : str
        Which attribute of `Data` it reads.
    """

    name: str
    hyperparameters: Mapping
    required: tuple
    elsewhere: frozenset
    channels: tuple
    metrics: Mapping
    train: Callable
    table: str

    def parse(self, name, text):
        """The value that a request's string stands for; ValueError if there is no such hyperparameter or value."""
        parameter = self.find(name)
        return text if text == parameter.default else parameter.parse(name, text)

    def find(self, name):
        """The hyperparameter of this name; ValueError if there is none."""
        if name in self.elsewhere:
            raise ValueError(f"{name} of {self.name} is known to the service, but not run here; leave it out")
        if name not in self.hyperparameters:
            raise ValueError(f"{name} is no hyperparameter of {self.name}; it has {', '.join(self.hyperparameters)}")
        return self.hyperparameters[name]

    def tunable(self):
        """The names of the hyperparameters that may have a range, a list."""
        return [name for name, parameter in self.hyperparameters.items() if parameter.tuning]


def directions(channel, names):
    """Metrics under the service's names, with the direction in which each is better."""
    return MappingProxyType({f"{channel}:{n}": "Maximize" if n in MAXIMIZED else "Minimize" for n in names})


def words(text):
    """The words of a text, a frozenset."""
    return frozenset(text.split())


XGBOOST = Algorithm(
    name="xgboost",
    hyperparameters={
        "num_round": Hyperparameter(None, _COUNT, Int(1, 4000)),
        "alpha": Hyperparameter(0.0, _NOT_NEGATIVE, Float(0, 1000)),
        "base_score": Hyperparameter(0.5, _NOT_NEGATIVE),
        "booster": Hyperparameter("gbtree", Categorical(["gbtree", "dart"])),
        "colsample_bylevel": Hyperparameter(1.0, _SOME, Float(0.1, 1)),
        "colsample_bynode": Hyperparameter(1.0, _SOME, Float(0.1, 1)),
        "colsample_bytree": Hyperparameter(1.0, _SOME, Float(0.5, 1)),
        "eta": Hyperparameter(0.3, _SHARE, Float(0.1, 0.5)),
        "gamma": Hyperparameter(0.0, _NOT_NEGATIVE, Float(0, 5)),
        "grow_policy": Hyperparameter("depthwise", Categorical(["depthwise", "lossguide"])),
        "lambda": Hyperparameter(1.0, _NOT_NEGATIVE, Float(0, 1000)),
        "max_bin": Hyperparameter(256, Int(2, LARGE)),
        "max_delta_step": Hyperparameter(0, _FROM_0, Int(0, 10)),
        "max_depth": Hyperparameter(6, _FROM_0, Int(0, 10)),
        "max_leaves": Hyperparameter(0, _FROM_0),
        "min_child_weight": Hyperparameter(1.0, _NOT_NEGATIVE, Float(0, 120)),
        "normalize_type": Hyperparameter("tree", Categorical(["tree", "forest"])),
        "objective": Hyperparameter("reg:squarederror", Categorical(OBJECTIVES)),
        "one_drop": Hyperparameter(0, _FLAG),
        "rate_drop": Hyperparameter(0.0, _SHARE),
        "sample_type": Hyperparameter("uniform", Categorical(["uniform", "weighted"])),
        "scale_pos_weight": Hyperparameter(1.0, _POSITIVE),
        "seed": Hyperparameter(0, Int(1 - 2**31, 2**31 - 2)),
        "skip_drop": Hyperparameter(0.0, _SHARE),
        "subsample": Hyperparameter(1.0, _SOME, Float(0.5, 1)),
        "tree_method": Hyperparameter("auto", Categorical(["auto", "exact", "approx", "hist"])),
        "tweedie_variance_power": Hyperparameter(1.5, Float(1 + TINY, 2 - TINY)),
    },
    required=("num_round",),
    elsewhere=words(
        "num_class csv_weights deterministic_histogram early_stopping_rounds eval_metric interaction_constraints "
        "lambda_bias monotone_constraints nthread process_type refresh_leaf single_precision_histogram sketch_eps "
        "updater verbosity num_parallel_tree predictor dsplit save_model_on_termination"
    ),
    channels=("train", "validation"),
    metrics=directions("validation", XGBOOST_METRICS),
    train=train_xgboost,
    table="rows",
)

FACTORIZATION_MACHINES = Algorithm(
    name="factorization-machines",
    hyperparameters={
        "feature_dim": Hyperparameter(None, _COUNT),
        "num_factors": Hyperparameter(None, _COUNT),
        "predictor_type": Hyperparameter(None, Categorical(["binary_classifier", "regressor"])),
        "bias_lr": Hyperparameter(0.1, _NOT_NEGATIVE, _WIDE),
        "bias_wd": Hyperparameter(0.01, _NOT_NEGATIVE, _WIDE),
        "clip_gradient": Hyperparameter(None, _POSITIVE),
        "epochs": Hyperparameter(1, _COUNT, Int(1, 1000)),
        "factors_init_method": Hyperparameter("normal", Categorical(["normal"])),
        "factors_init_sigma": Hyperparameter(0.001, _NOT_NEGATIVE, _WIDE),
        "factors_lr": Hyperparameter(0.0001, _NOT_NEGATIVE, _WIDE),
        "factors_wd": Hyperparameter(0.00001, _NOT_NEGATIVE, _WIDE),
        "linear_lr": Hyperparameter(0.001, _NOT_NEGATIVE, _WIDE),
        "linear_wd": Hyperparameter(0.001, _NOT_NEGATIVE, _WIDE),
        "mini_batch_size": Hyperparameter(1000, _COUNT, Int(100, 10_000)),
    },
    required=("feature_dim", "num_factors", "predictor_type"),
    elsewhere=words(
        "bias_init_method bias_init_scale bias_init_sigma bias_init_value eps factors_init_scale factors_init_value "
        "linear_init_method linear_init_scale linear_init_sigma linear_init_value rescale_grad"
    ),
    channels=("train", "test"),
    metrics=directions("test", FACTORIZATION_METRICS),
    train=train_factorization_machine,
    table="one_hot",
)

KMEANS = Algorithm(
    name="kmeans",
    hyperparameters={
        "feature_dim": Hyperparameter(None, _COUNT),
        "k": Hyperparameter(None, _COUNT),
        "epochs": Hyperparameter(1, _COUNT, Int(1, 10)),
        "extra_center_factor": Hyperparameter("auto", _COUNT, Int(4, 10)),
        "init_method": Hyperparameter("random", *[Categorical(["random", "kmeans++"])] * 2),
        "local_lloyd_init_method": Hyperparameter("kmeans++", Categorical(["random", "kmeans++"])),
        "local_lloyd_max_iter": Hyperparameter(300, _COUNT),
        "local_lloyd_num_trials": Hyperparameter("auto", _COUNT),
        "local_lloyd_tol": Hyperparameter(0.0001, _SHARE),
        "mini_batch_size": Hyperparameter(5000, _COUNT, Int(3000, 15_000)),
    },
    required=("feature_dim", "k"),
    elsewhere=words("eval_metrics half_life_time_size"),
    channels=("train", "test"),
    metrics=directions("test", KMEANS_METRICS),
    train=train_kmeans,
    table="tastes",
)

ALGORITHMS = MappingProxyType({a.name: a for a in (XGBOOST, FACTORIZATION_MACHINES, KMEANS)})


def find_algorithm(specification):
    """The `Algorithm` of a request's AlgorithmSpecification; ValueError if there is none.

    Examples
    --------
    >>> find_algorithm({"TrainingImage": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"}).name
    'xgboost'
    """
    if ("TrainingImage" in specification) == ("AlgorithmName" in specification):
        raise ValueError("give either TrainingImage or AlgorithmName in AlgorithmSpecification, not both")
    given = specification.get("TrainingImage") or specification.get("AlgorithmName", "")
    name = given.rsplit("/", 1)[-1].split(":")[0].removeprefix("sagemaker-")
    if name not in ALGORITHMS:
        raise ValueError(f"no algorithm {given!r} runs here; end TrainingImage with {', '.join(ALGORITHMS)}")
    if "MetricDefinitions" in specification:
        raise ValueError("MetricDefinitions of the service's own algorithms cannot be changed; leave them out")
    return ALGORITHMS[name]
