"""Which tuning jobs may be parents of another, by the service's rules for a warm start."""

from workshop.sagemaker.plans import MAX_JOBS
from workshop.sagemaker.state import COMPLETED, STOPPED

MAX_CHANGES = 10


def check_parents(request, plan, find):
    """Raise ValueError, naming the parent and the remedy, unless the job may start from its parents.

    Parameters
    ----------
    request : dict
        With a WarmStartConfig.
    plan : Plan
        Of the request.
    find : callable
        From a name to the `Job`, or None.
    """
    if plan.strategy not in ("Bayesian", "Random"):
        raise ValueError(f"Strategy is {plan.strategy}; a warm start needs Bayesian or Random")
    config = request["WarmStartConfig"]
    names = [parent.get("HyperParameterTuningJobName") for parent in config["ParentHyperParameterTuningJobs"]]
    if None in names or len({name.lower() for name in names}) < len(names):
        raise ValueError(f"ParentHyperParameterTuningJobs are {names}; name each one once")
    n_trained = 0
    for name in names:
        if (parent := find(name)) is None:
            raise ValueError(f"there is no tuning job {name} to start from; list_hyper_parameter_tuning_jobs() tells")
        if parent.status not in (COMPLETED, STOPPED):
            raise ValueError(f"tuning job {name} is {parent.status}; a parent must be {COMPLETED} or {STOPPED}")
        check_parent(request, plan, parent, identical=config["WarmStartType"] == "IdenticalDataAndAlgorithm")
        n_trained += len(parent.history)
    if n_trained + plan.n_jobs > MAX_JOBS:
        raise ValueError(f"the parents have {n_trained} training jobs; with this one's there may be {MAX_JOBS} in all")


def check_parent(request, plan, parent, *, identical):
    """Raise ValueError unless the new job is like its parent where it has to be."""
    theirs, name = parent.plan, parent.name
    if (plan.algorithm.name, plan.metric) != (theirs.algorithm.name, theirs.metric):
        raise ValueError(f"{name} tuned {theirs.metric} of {theirs.algorithm.name}; tune the same here")
    ours_all, theirs_all = (p.static.keys() | p.space.keys() for p in (plan, theirs))
    if ours_all != theirs_all:
        wrong = ", ".join(sorted(ours_all ^ theirs_all))
        raise ValueError(f"{name} had other hyperparameters; static or tuned, give just the same here: {wrong} differ")
    for key in plan.space.keys() & theirs.space.keys():
        if type(plan.space[key]) is not type(theirs.space[key]):
            raise ValueError(f"{key} had a range of another kind in {name}; keep its kind")
    changes = sum(n_changes(key, plan, theirs) for key in ours_all)
    if changes > MAX_CHANGES:
        raise ValueError(f"against {name}, {changes} values became static or other static ones; at most {MAX_CHANGES}")
    if identical:
        new, old = (r["TrainingJobDefinition"] for r in (request, parent.request))
        for field in ("AlgorithmSpecification", "InputDataConfig"):
            if new[field] != old[field]:
                raise ValueError(f"{field} differs from that of {name}; keep it, or use WarmStartType TransferLearning")


def n_changes(key, plan, parent):
    """How much one hyperparameter counts against the changes allowed, by the service's way of counting."""
    if key not in plan.static:
        return 0
    if key in parent.space:
        return len(getattr(parent.space[key], "choices", [None]))
    categorical = plan.algorithm.hyperparameters[key].kind == "categorical"
    return (2 if categorical else 1) * (plan.static[key] != parent.static[key])
