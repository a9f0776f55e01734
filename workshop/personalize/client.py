"""Amazon Personalize on this machine: boto3's calls, answered from MovieLens and the models of this package."""

import os
import subprocess
import sys
import threading
import uuid
from pathlib import Path

from workshop.aws import ServiceModel, page, temporary_folder
from workshop.datasets import load_movielens
from workshop.personalize.plans import plans
from workshop.personalize.recipes import RECIPES
from workshop.personalize.state import ACTIVE, FAILED, IN_PROGRESS, PENDING, State

HERE = "arn:aws:personalize:local:000000000000"
MOVIELENS_ARN = f"{HERE}:dataset-group/movielens-small"
MAX_TAGS, MAX_WAITING = 50, 20
NO_START = "the trainer ended with exit code {}; to see why, run python -m workshop.personalize.training {}"


class LocalPersonalize:
    """A client with the methods, arguments, answers and exceptions of ``boto3.client("personalize")``.

    What it does not do: imports, campaigns, recommendations in real time, and automatic training (which the cloud does
    unless a request says ``performAutoTraining=False``). A version is trained in a process of its own, which goes on
    when the notebook is closed. If that process is killed, the version is CREATE FAILED; versions that wait for their
    turn are trained as soon as a client looks at them again.

    Parameters
    ----------
    path : path, optional
        The file that keeps solutions and versions, made if it is not there: give one, and a client opened on it
        tomorrow knows them all, and refuses a second solution of the same name, as the cloud does. By default the file
        is a temporary one and goes when the client does, so that a notebook may be run again from its top.
    datasets : dict of str to Ratings, optional
        What a dataset group's ARN stands for. By default there is one, `MOVIELENS_ARN`: the ratings that ship.

    Raises
    ------
    ImportError
        If botocore is not installed.
    OSError
        If the file cannot be made or read, or is something else.

    Attributes
    ----------
    exceptions : object
        The service's exceptions, such as ``client.exceptions.InvalidInputException``.

    Examples
    --------
    >>> client = LocalPersonalize()
    >>> recipe = "arn:aws:personalize:::recipe/aws-sims"
    >>> client.create_solution(name="films", datasetGroupArn=MOVIELENS_ARN, recipeArn=recipe)
    {'solutionArn': 'arn:aws:personalize:local:000000000000:solution/films'}
    >>> [solution["status"] for solution in client.list_solutions()["solutions"]]
    ['ACTIVE']
    """

    def __init__(self, path=None, *, datasets=None):
        self._service = ServiceModel("personalize")
        self._state = State(temporary_folder(self) / "personalize.sqlite" if path is None else path)
        self._datasets = {MOVIELENS_ARN: None} if datasets is None else dict(datasets)
        self._trainer = None
        self.exceptions = self._service.exceptions
        self._look_after()

    def create_solution(self, **request):
        """A dict with the solutionArn; nothing is trained yet."""
        refuse = self._checked("CreateSolution", request)
        if request["datasetGroupArn"] not in self._datasets:
            known = ", ".join(self._datasets)
            raise refuse(
                "ResourceNotFoundException", f"no dataset group {request['datasetGroupArn']}; there is {known}"
            )
        auto = request.get("performAutoML", False)
        if auto == ("recipeArn" in request):
            wish = "leave recipeArn out, as performAutoML is true" if auto else "give a recipeArn"
            raise refuse("InvalidInputException", f"{wish}; there are {', '.join(RECIPES)}")
        candidates = request.get("solutionConfig", {}).get("autoMLConfig", {}).get("recipeList", [])
        for arn in candidates if auto else [request["recipeArn"]]:
            if arn not in RECIPES:
                raise refuse("ResourceNotFoundException", f"no recipe {arn}; there are {', '.join(RECIPES)}")
        try:
            plans(request)
        except ValueError as error:
            raise refuse("InvalidInputException", str(error)) from error
        arn = f"{HERE}:solution/{request['name']}"
        if not self._state.add_solution(arn, request):
            raise refuse(
                "ResourceAlreadyExistsException", f"there is a solution {arn}; choose another name, or delete it"
            )
        return {"solutionArn": arn}

    def describe_solution(self, **request):
        """A dict with the solution: what was asked for, and its latest version."""
        refuse = self._checked("DescribeSolution", request)
        found = self._solution(request["solutionArn"], refuse)
        self._look_after()
        versions = self._state.versions(found["arn"])
        solution = summary(found) | asked(found["request"])
        if versions:
            solution["latestSolutionVersion"] = version_summary(versions[-1])
        if found["request"].get("performAutoML") and found["best_recipe_arn"]:
            solution["autoMLResult"] = {"bestRecipeArn": found["best_recipe_arn"]}
        return {"solution": solution}

    def list_solutions(self, **request):
        """A dict with a page of solutions and, if there are more, the nextToken to ask for them."""
        refuse = self._checked("ListSolutions", request)
        group = request.get("datasetGroupArn")
        found = [s for s in self._state.solutions() if group in (None, s["request"]["datasetGroupArn"])]
        return pages("solutions", [summary(solution) for solution in found], request, refuse)

    def delete_solution(self, **request):
        """None; the solution and its versions are gone."""
        refuse = self._checked("DeleteSolution", request)
        arn = self._solution(request["solutionArn"], refuse)["arn"]
        self._look_after()
        for version in self._state.versions(arn):
            if version["status"] in (PENDING, IN_PROGRESS):
                raise refuse(
                    "ResourceInUseException", f"{version['arn']} is {version['status']}; wait until it is done"
                )
        self._state.delete_solution(arn)

    def create_solution_version(self, **request):
        """A dict with the solutionVersionArn; training has begun, or waits for its turn."""
        refuse = self._checked("CreateSolutionVersion", request)
        solution = self._solution(request["solutionArn"], refuse)
        mode = request.get("trainingMode", "FULL")
        if mode != "FULL":
            raise refuse("InvalidInputException", f"trainingMode is {mode!r}; these recipes are trained in mode 'FULL'")
        name = request.get("name")
        if name is not None and name in [v["name"] for v in self._state.versions(solution["arn"])]:
            raise refuse("ResourceAlreadyExistsException", f"there is a version named {name}; choose another name")
        group = solution["request"]["datasetGroupArn"]
        if group not in self._datasets:
            raise refuse(
                "ResourceNotFoundException", f"no dataset group {group}; hand it to LocalPersonalize(datasets=...)"
            )
        if sum(version["status"] in (PENDING, IN_PROGRESS) for version in self._state.versions()) >= MAX_WAITING:
            raise refuse("LimitExceededException", f"{MAX_WAITING} versions are in training or wait; let some finish")
        ratings = self._datasets[group] or load_movielens()
        arn = f"{solution['arn']}/{uuid.uuid4().hex[:8]}"
        self._state.add_version(arn, solution["arn"], name, mode, ratings.frame)
        self._look_after()
        return {"solutionVersionArn": arn}

    def describe_solution_version(self, **request):
        """A dict with the solution version: its status and, once ACTIVE, what tuning found."""
        refuse = self._checked("DescribeSolutionVersion", request)
        version, solution = self._version(request["solutionVersionArn"], refuse)
        described = version_summary(version) | asked(solution["request"])
        described |= {"solutionArn": solution["arn"]} | ({"name": version["name"]} if version["name"] else {})
        described.pop("performAutoTraining")
        if version["status"] == ACTIVE:
            described |= {"trainingHours": version["hours"], "recipeArn": solution["best_recipe_arn"]}
        if version["tuned"]:
            described["tunedHPOParams"] = {"algorithmHyperParameters": version["tuned"]}
        return {"solutionVersion": described}

    def list_solution_versions(self, **request):
        """A dict with a page of solutionVersions and, if there are more, the nextToken to ask for them."""
        refuse = self._checked("ListSolutionVersions", request)
        arn = request.get("solutionArn")
        if arn is not None:
            self._solution(arn, refuse)
        self._look_after()
        return pages("solutionVersions", [version_summary(v) for v in self._state.versions(arn)], request, refuse)

    def get_solution_metrics(self, **request):
        """A dict with the metrics, measured on the newest tenth of the events of users held out from training."""
        refuse = self._checked("GetSolutionMetrics", request)
        version, _ = self._version(request["solutionVersionArn"], refuse)
        if version["status"] in (PENDING, IN_PROGRESS):
            raise refuse("ResourceInUseException", f"{version['arn']} is {version['status']}; wait until it is ACTIVE")
        if version["status"] == FAILED:
            raise refuse(
                "InvalidInputException", f"{version['arn']} has no metrics, for it failed: {version['failure']}"
            )
        return {"solutionVersionArn": version["arn"], "metrics": version["metrics"]}

    def _checked(self, operation, request):
        """A function from code and message to an exception, once the request has passed the service's model."""
        self._service.check(operation, request)
        if len(request.get("tags", ())) > MAX_TAGS:
            raise self._service.error(operation, "TooManyTagsException", f"give at most {MAX_TAGS} tags")
        return lambda code, message: self._service.error(operation, code, message)

    def _solution(self, arn, refuse):
        if (solution := self._state.solution(arn)) is None:
            raise refuse("ResourceNotFoundException", f"no solution {arn}; list_solutions() tells what there is")
        return solution

    def _version(self, arn, refuse):
        self._look_after()
        if (version := self._state.version(arn)) is None:
            raise refuse("ResourceNotFoundException", f"no version {arn}; list_solution_versions() tells what there is")
        return version, self._state.solution(version["solution_arn"])

    def _look_after(self):
        """See to it that versions whose trainer was killed fail, and that a trainer works while versions wait."""
        if not any(version["status"] in (PENDING, IN_PROGRESS) for version in self._state.versions()):
            return
        ended = self._trainer.poll() if self._trainer else 0
        if ended is None or not self._state.begin_work():
            return
        self._state.end_work()
        waiting = [version["arn"] for version in self._state.versions() if version["status"] == PENDING]
        if waiting and ended > 0:
            self._state.fail(waiting[0], NO_START.format(ended, self._state.path))
        if waiting:
            self._trainer = start_trainer(self._state.path)


def start_trainer(path):
    """The process, a Popen, that trains what waits in the file at `path`; Ctrl-C here does not reach it."""
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH")]
    trainer = subprocess.Popen(
        [sys.executable, "-m", "workshop.personalize.training", str(path)],
        env=os.environ | one_thread | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=trainer.wait, daemon=True).start()  # so that it leaves no zombie
    return trainer


def asked(request):
    """What a solution and its versions repeat of the request."""
    kept = ("recipeArn", "datasetGroupArn", "eventType", "solutionConfig", "performIncrementalUpdate")
    flags = ("performHPO", "performAutoML", "performAutoTraining")
    return {k: request[k] for k in kept if k in request} | {name: request.get(name, False) for name in flags}


def times(row):
    """When something was made and last changed."""
    return {"creationDateTime": row["created"], "lastUpdatedDateTime": row["updated"]}


def summary(solution):
    """A solution as in a list of them."""
    recipe = {k: v for k, v in solution["request"].items() if k == "recipeArn"}
    return {"name": solution["name"], "solutionArn": solution["arn"], "status": ACTIVE} | recipe | times(solution)


def version_summary(version):
    """A version as in a list of them."""
    about = {
        "solutionVersionArn": version["arn"],
        "status": version["status"],
        "trainingMode": version["training_mode"],
    }
    failure = {"failureReason": version["failure"]} if version["failure"] else {}
    return about | {"trainingType": "MANUAL"} | failure | times(version)


def pages(name, entries, request, refuse):
    """Up to maxResults entries from the place where the nextToken stands."""
    try:
        answer, token = page(name, entries, request.get("nextToken", "0"), request.get("maxResults", 100))
    except ValueError as error:
        raise refuse("InvalidNextTokenException", str(error)) from error
    return answer | ({"nextToken": token} if token else {})
