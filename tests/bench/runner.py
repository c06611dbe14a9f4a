"""Runs the variants of a case in turns."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.bench.cases import Case, Result
from tests.bench.programs import Environment, Took, WrongRun, launch
from tests.bench.servers import Server


class Runner:
    """Runs against one server.

    programs are by name; digest is the SHA-512 of the payload. A variant that does not do its work is left
    out for the rest of its case, and is reported.
    """

    def __init__(
        self,
        programs: Mapping[str, Environment],
        server: Server,
        work: Path,
        payload: Path,
        digest: str,
    ) -> None:
        self.programs, self.server, self.work = programs, server, work
        self.payload, self.digest = payload, digest
        self.wrong: list[str] = []

    def run(self, case: Case, count: int) -> dict[str, list[Took]]:
        """Runs each variant count times, after one run that does not count and fills the caches."""
        found: dict[str, list[Took]] = {variant: [] for variant in case.commands}
        for turn in range(count + 1):
            for variant in list(found):
                try:
                    took = self.once(case, variant)
                except WrongRun as error:
                    self.wrong.append(f"{case.name}, {variant}: {error}")
                    del found[variant]
                    continue
                if turn:
                    found[variant].append(took)
        return found

    def once(self, case: Case, variant: str) -> Took:
        """Runs a variant and checks its work; raises WrongRun."""
        words = case.commands[variant]
        program = self.programs[variant if variant in self.programs else "ours"]
        if variant == "cold":
            shutil.rmtree(program.home / ".cache" / "glancecli", ignore_errors=True)
        output, errors = self.work / "out", self.work / "errors"
        output.unlink(missing_ok=True)
        values = {
            "file": str(self.payload),
            "out": str(output),
            **self.server.before(" ".join(words)),
        }
        argv = [part for word in words for part in _filled_in(word, values)]
        environ = {**program.environ, **self.server.environ}
        os.sync()  # data that an earlier run has not yet written to the disk
        found = shutil.which(argv[0], path=environ["PATH"])
        if not found:
            raise WrongRun(f"there is no {argv[0]}")
        how = "pipe" if variant == "piped" else case.stdout
        took, code = launch(
            [found, *argv[1:]],
            environ,
            stdin=f"pipe:{self.payload}" if case.stdin == "pipe" else os.devnull,
            stdout=os.devnull if "{out}" in words else f"{how}:{output}",
            stderr=errors,
        )
        told = self.server.after()
        if code:
            raise WrongRun(f"exit code {code}: {errors.read_text(errors='replace')[-500:]}")
        if argv[0] != "python":
            case.check(Result(output, told, self.payload, self.digest))
            took.requests = len(told["requests"]) if "requests" in told else None
        return took


def _filled_in(word: str, values: Mapping[str, str]) -> list[str]:
    """Fills in the placeholders of a word; a word with {ids} becomes several."""
    if "{ids}" not in word:
        return [word.format(**values)]
    return [word.format(**{**values, "ids": id_}) for id_ in values["ids"].split()]
