"""Pull the plug at random moments: what a study has been told is in its file, whatever the disk had not written yet.

    OMP_NUM_THREADS=1 python benchmarks/power_loss.py                # 900 snapshots, some minutes; needs strace
    OMP_NUM_THREADS=1 python benchmarks/power_loss.py --snapshots 5000 --seed 1

A study of each kind is tuned once while `strace` writes down what it asks of the disk. A snapshot is what could be on
the disk had the power failed after a random one of these calls: all that was synchronised by then; of later writes to
a file any of them, in part or not at all; of files made and removed since the folder was synchronised, the first few.
Every trial of which `tell` had returned must be found there as it was told, and the study must go on.
Prints a line a kind of study and exits with 1 if anything was lost.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from kills import N_TRIALS, SPACE, STUDIES, told

from workshop.tuning import Study, tune

SECTOR = 512  # bytes that a disk writes whole or not at all
CALL = re.compile(r"\d+ +(\w+)\((.*)\) += (-?\d+)")


def tune_and_write_down(name, seed, folder):
    """Tune a study in `folder`; note each trial in the file "told" there as soon as `tell` has returned."""
    log, tell = os.open(folder / "told", os.O_WRONLY | os.O_CREAT), Study.tell

    def tell_and_note(study, *arguments, **outcome):
        trial = tell(study, *arguments, **outcome)
        os.write(log, json.dumps(told(trial)).encode())
        return trial

    Study.tell = tell_and_note
    settings = {"space": SPACE, "n_trials": N_TRIALS, "seed": seed, "progress": False}
    tune(**STUDIES[name], **settings, storage=folder / "study.sqlite")


def traced(name, seed, folder):
    """Return the calls of one study that concern the files in `folder`: (what, file or number of it, ...), a list."""
    trace, calls = "openat,close,write,pwrite64,ftruncate,fsync,fdatasync,unlink", folder / "calls"
    strace = ["strace", "-f", "--seccomp-bpf", "-xx", "-s", "1000000", "-e", f"trace={trace}", "-o", calls]
    subprocess.run([*strace, sys.executable, __file__, "--trace", name, str(seed), folder], check=True)
    files, inodes, events = {}, {}, []  # open files by number; the file that has a name; all that happened
    for line in calls.read_text().splitlines():
        if (call := CALL.match(line)) is None or int(call[3]) < 0:
            continue
        what, result = call[1], int(call[3])
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in re.findall(r'"([^"]*)"', call[2])]
        numbers = [int(n) for n in re.findall(r"(?:^|, )(\d+)", re.sub(r'"[^"]*"', "", call[2]))]
        if what == "openat":
            path = Path(os.fsdecode(texts[0]))
            files[result] = "folder" if path == folder else None
            if path.parent == folder and "worker" not in path.name and path.name != "calls":
                if path.name not in inodes:
                    inodes[path.name] = len(events)
                    events.append(("create", path.name, inodes[path.name]))
                files[result] = inodes[path.name]
        elif what == "unlink" and (name := Path(os.fsdecode(texts[0])).name) in inodes:
            events.append(("unlink", name, inodes.pop(name)))
        elif what != "unlink" and (file := files.get(numbers[0])) is not None:
            if what == "write":
                events.append(("told", json.loads(texts[0])))
            elif what == "pwrite64":
                events.append(("write", file, numbers[-1], texts[0]))
            elif what == "ftruncate":
                events.append(("truncate", file, numbers[-1]))
            elif what == "close":
                files[numbers[0]] = None
            else:
                events.append(("sync", file))
    return events


def after_power_loss(events, moments):
    """Return what may be on the disk after these events, bytes by file name, and the trials told by then."""
    contents, names = defaultdict(bytearray), {}  # on the disk
    pending, pending_names, notes = defaultdict(list), [], []  # not yet there
    for what, *event in events:
        if what == "told":
            notes += event
        elif what in ("create", "unlink"):
            pending_names.append((what, *event))
        elif what != "sync":
            pending[event[0]].append((what, *event[1:]))
        elif event[0] == "folder":
            apply_names(pending_names, names)
            pending_names = []
        else:
            apply(pending.pop(event[0], []), contents[event[0]])
    for file, changes in pending.items():
        kept = [change for change in changes if moments.random() < 0.5]
        if kept and kept[-1][0] == "write" and moments.random() < 0.5:  # torn
            what, place, data = kept.pop()
            kept.append((what, place, data[: SECTOR * moments.randrange(1 + len(data) // SECTOR)]))
        apply(kept, contents[file])
    apply_names(pending_names[: moments.randrange(1 + len(pending_names))], names)
    return {name: bytes(contents[file]) for name, file in names.items() if name != "told"}, notes


def apply(changes, content):
    for what, place, *data in changes:
        if what == "truncate":
            del content[place:]
        content.extend(b"\0" * (place - len(content)))
        if data:
            content[place : place + len(data[0])] = data[0]


def apply_names(changes, names):
    for what, name, file in changes:
        if what == "create":
            names[name] = file
        elif names.get(name) == file:
            del names[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snapshots", type=int, default=900, help="how many, over all kinds (default: 900)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and of the studies")
    parser.add_argument("--trace", nargs=3, help=argparse.SUPPRESS)  # the process under strace
    arguments = parser.parse_args()
    if arguments.trace:
        name, seed, folder = arguments.trace
        return tune_and_write_down(name, int(seed), Path(folder))
    moments, total = random.Random(arguments.seed), Counter()
    print(f"{'study':12} {'calls':>6} {'snapshots':>10} {'with a journal':>15} {'trials told':>12} {'lost':>5}")
    for name, study in STUDIES.items():
        with tempfile.TemporaryDirectory() as folder:
            events = traced(name, arguments.seed, Path(folder))
        count = Counter()
        for _ in range(arguments.snapshots // len(STUDIES)):
            moment = moments.randrange(len(events) + 1)
            files, notes = after_power_loss(events[:moment], moments)
            count.update(snapshots=1, told=len(notes), journal="study.sqlite-journal" in files)
            with tempfile.TemporaryDirectory() as folder:
                for file, content in files.items():
                    Path(folder, file).write_bytes(content)
                settings = {"seed": arguments.seed, "storage": Path(folder, "study.sqlite")}
                try:
                    again = Study(SPACE, study["strategy"], **settings)
                    found = {trial.number: told(trial) for trial in again.history}
                    count.update(lost=sum(found.get(note[0]) != note for note in notes))
                    if len(notes) < N_TRIALS:
                        again.tell(again.ask(), 1.0)
                    again.close()
                except (OSError, ValueError) as error:
                    print(f"after {moment} of {len(events)} calls: {error}")
                    count.update(lost=1 + len(notes))
        print(
            f"{name:12} {len(events):6} {count['snapshots']:10} {count['journal']:15} {count['told']:12} "
            f"{count['lost']:5}",
            flush=True,
        )
        total += count
    print(f"{total['snapshots']} snapshots, {total['told']} trials told before them: {total['lost']} lost")
    return 1 if total["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
