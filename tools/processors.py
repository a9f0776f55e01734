"""Run the notebooks and tests as other processors would, and say which cells come out otherwise, and between which.

OpenBLAS, which NumPy and SciPy carry, has a kernel for each kind of processor, and NumPy has loops of its own for
several; they differ in the last bit of a sum. Any of them can be chosen by an environment variable, so one computer
stands for many. Run it with ``make test-processors``; ``--other`` runs only the kernel that differs most from the
machine's own, and only the notebooks.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from tqdm.auto import tqdm

KERNELS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX", "ARMV8", "NEOVERSEN1", "NEOVERSEV1")
CLEAN = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
NOTEBOOKS = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=300", "--nbval-sanitize-with", "tests/nbval.cfg"]
NOTEBOOKS += ["--override-ini", "testpaths=notebooks", "--override-ini", "addopts=", "-p", "no:cacheprovider"]
TESTS = ["tests/tuning", "tests/models", "-m", "not browser"]

ASK = """
import json, numpy, scipy.linalg, threadpoolctl
kernels = sorted({i["architecture"] for i in threadpoolctl.threadpool_info() if i["internal_api"] == "openblas"})
print(json.dumps([kernels, numpy._core._multiarray_umath.__cpu_dispatch__]))
"""


def asked(environment: dict) -> tuple[list, list]:
    """Return the OpenBLAS kernels that run in an environment, and the processor features that NumPy chooses from."""
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    kernels, features = json.loads(done.stdout)
    return kernels, features


def settings() -> dict:
    """Return what to set for each processor to stand for, dict of name to environment: one per different kernel."""
    found, seen = {}, {}
    for name in KERNELS:
        environment = {**CLEAN, "OPENBLAS_CORETYPE": name, "OMP_NUM_THREADS": "1"}
        kernels = tuple(asked(environment)[0])
        if kernels in seen or not kernels:  # another name of the same one, or one that this processor cannot run
            print(f"{name} is {' and '.join(kernels) or 'no kernel'} here: {seen.get(kernels, 'left out')}")
            continue
        found[name], seen[kernels] = environment, f"the same as {name}"
    _, features = asked(CLEAN)
    reduced = " ".join(features)
    found["NumPy without " + reduced] = {**CLEAN, "NPY_DISABLE_CPU_FEATURES": reduced, "OMP_NUM_THREADS": "1"}
    found["two threads"] = {**CLEAN, "OMP_NUM_THREADS": "2"}
    return found


def failures(environment: dict, arguments: list) -> dict:
    """Return what fails in one pytest run, dict of test to the first lines that say why."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *arguments, "-q", "-n", "2", "--dist", "loadscope"]
        done = subprocess.run([*command, f"--junitxml={report}"], env=environment, capture_output=True, text=True)
        if not report.exists() or done.returncode not in (0, 1):
            sys.exit(f"pytest did not run to its end:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        cases = ET.parse(report).getroot().iter("testcase")
        return {
            f"{case.get('classname')} {case.get('name')}": (case[0].text or case[0].get("message") or "")
            for case in cases
            if len(case) and case[0].tag in ("failure", "error")
        }


def main() -> int:
    """Print, for each cell or test that fails anywhere, where it does; return how many there are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--other", action="store_true", help="only the notebooks, only one other kernel")
    parser.add_argument("--notebooks", action="store_true", help="only the notebooks")
    parser.add_argument("--only", nargs="*", help="only these settings, by the beginning of their names")
    choice = parser.parse_args()
    own, _ = asked(dict(os.environ))
    chosen = settings()
    print("this machine's own kernels:", " and ".join(own))
    if choice.other:
        name = next(n for n, environment in chosen.items() if asked(environment)[0] != own)
        chosen = {name: chosen[name]}
    if choice.only:
        chosen = {n: e for n, e in chosen.items() if n.startswith(tuple(choice.only))}
    failed = {}  # test -> {setting: why}
    for name, environment in (bar := tqdm(chosen.items(), unit="setting")):
        bar.set_postfix_str(name)
        for arguments in [NOTEBOOKS, TESTS][: 1 if choice.other or choice.notebooks else 2]:
            for test, why in failures(environment, arguments).items():
                failed.setdefault(test, {})[name] = why
    for test, where in sorted(failed.items()):
        fine = [name for name in chosen if name not in where]
        print(f"\n{test}\n  differs under {', '.join(where)}; as committed under {', '.join(fine) or 'none of them'}")
        print("  " + "\n  ".join(next(iter(where.values())).splitlines()[:30]))
    print(f"\n{len(failed)} cells or tests differ under {len(chosen)} settings: {', '.join(chosen)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
