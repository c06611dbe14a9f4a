"""Compares the time of glancecli, python-glanceclient and openstackclient for the same work.

Installs all three into their own environments, starts a fast test server and the sandbox, runs the programs
of each case in turns, checks that each run did its work, and prints medians. Needs Python, pip (or uv), cat, cmp and
curl; 5 GB of disk and 3 GB of memory, most of it for the transfers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.bench import report
from tests.bench.cases import CASES, Case
from tests.bench.programs import PEERS, Environment, ours
from tests.bench.runner import Runner
from tests.bench.servers import serving

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
LONG = ("ten", "hundred", "data", "glance")  # servers whose cases get a third of the runs


def read(words: Sequence[str]) -> argparse.Namespace:
    """Returns the options."""
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    add = parser.add_argument
    add(
        "--case",
        action="append",
        metavar="PATTERN",
        help="run only the cases with this name (image-*); repeatable",
    )
    add("--list", action="store_true", help="list the cases with their commands")
    add(
        "--runs",
        type=int,
        default=9,
        metavar="N",
        help="runs of each short case (default: 9); long cases get a third",
    )
    add("--quick", action="store_true", help="two runs, 16 MiB instead of 1 GiB, no 100,000 images")
    add("--json", type=Path, metavar="FILE", help="store the result of every run")
    add(
        "--work", type=Path, default=CACHE / "glancecli-bench", metavar="FOLDER",
        help="folder for the programs (default: glancecli-bench in the cache folder)",
    )  # fmt: skip
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Measures; returns 1 when a run did not do its work, or when a target in reach is missed."""
    options = read(words)
    cases = [case for case in CASES if _wanted(case, options)]
    if options.list:
        print("\n".join(f"{case.name}: {', '.join(case.commands)}" for case in cases))
        return 0
    options.work.mkdir(parents=True, exist_ok=True)
    programs = {"ours": ours(options.work)}
    programs |= {
        name: Environment(options.work, name, requirement) for name, requirement in PEERS.items()
    }
    payload = options.work / "payload"
    digest = make_payload(payload, 2**24 if options.quick else 2**30)
    print(report.HEADER, flush=True)
    results: dict[str, report.Runs] = {}
    wrong: list[str] = []
    for kind, group in _by_server(cases):
        with serving(kind, payload) as server:
            runner = Runner(programs, server, options.work, payload, digest)
            for case in group:
                count = max(3, options.runs // 3) if kind in LONG else options.runs
                results[case.name] = runner.run(case, 2 if options.quick else count)
                print("\n".join(report.lines(case, results[case.name])), flush=True)
            wrong += runner.wrong
    if options.json:
        options.json.write_text(
            json.dumps({**machine(programs), "runs": _plain(results)}, indent=1)
        )
    return conclude(cases, results, wrong)


def conclude(cases: Sequence[Case], results: dict[str, report.Runs], wrong: Sequence[str]) -> int:
    """Prints which targets are met, and returns the exit code."""
    verdicts = [
        (case, verdict) for case in cases for verdict in report.verdicts(case, results[case.name])
    ]
    told = {
        state: [f"{case.name}: {v}" for case, v in verdicts if v.state == state]
        for state in report.STATES
    }
    print(f"\n{len(told[report.MET])} of {len(verdicts)} targets are met")
    for state in (report.OUT_OF_REACH, report.MISSED):
        print("".join(f"{state}: {line}\n" for line in told[state]), end="")
    print("".join(f"wrong: {line}\n" for line in wrong), end="")
    return 1 if told[report.MISSED] or wrong else 0


def make_payload(path: Path, size: int) -> str:
    """Makes a file of random bytes unless it is there, and returns its SHA-512."""
    if not path.exists() or path.stat().st_size != size:
        with path.open("wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(2**20))
    with path.open("rb") as file:
        digest = hashlib.sha512()
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def machine(programs: dict[str, Environment]) -> dict[str, Any]:
    """Describes the machine and the versions."""
    return {
        "system": platform.system(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "programs": {name: program.versions() for name, program in programs.items()},
    }


def _wanted(case: Case, options: argparse.Namespace) -> bool:
    if options.quick and case.server == "hundred":
        return False
    return not options.case or any(fnmatch(case.name, pattern) for pattern in options.case)


def _by_server(cases: Sequence[Case]) -> Iterator[tuple[str, list[Case]]]:
    for kind in dict.fromkeys(case.server for case in cases):
        yield kind, [case for case in cases if case.server == kind]


def _plain(results: dict[str, report.Runs]) -> dict[str, Any]:
    return {
        name: {v: [vars(took) for took in each] for v, each in runs.items()}
        for name, runs in results.items()
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
