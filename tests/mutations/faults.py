"""Seeded faults: a line of the scheduler is changed, and the proofs of `tests/constraints` must notice.

A fault is data: in one file a text, found exactly once, becomes another. It is tried in a process of its own (a fork),
in which the scheduler is imported anew with that one module changed. What is asked there is what `tests/constraints`
asks: the truth tables, and the tiny worlds both ways. In these worlds the unchanged solver and the unchanged checker
accept the same sets of bookings (that is what `tests/constraints` shows), so the quicker of the two, the solver's,
stands for both when the other side is at fault.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Literal

import scheduler

ROOT = Path(scheduler.__file__).parent.parent
SECONDS = 20.0
"""So long a fault may take; one that hangs is no silent fault."""

Side = Literal["model", "verifier"]
Direction = Literal["loose", "strict", "any"]

AFRESH = (
    "scheduler.placements",
    "scheduler.model",
    "scheduler.search",
    "scheduler.verify",
    "scheduler.explain",
    "scheduler.solve",
    "tests.constraints.both_ways",
    "tests.constraints.cases",
    "tests.mutations.judge",
)
"""What is imported anew around a fault. Schemas and problems stay: no fault is seeded in them."""


ELSEWHERE = {"terms": "tests.mutations.terms", "validity": "tests.properties.test_validity"}
"""What is no family, and where its tables are."""


@dataclass(frozen=True)
class Fault:
    """In `file` the text `old`, which stands there exactly once, becomes `new`.

    `direction` is which way it errs: too loose accepts what must not be, too strict refuses what may be. `family` is
    the truth table and the worlds that must notice; what they say about `kind` is asked first.
    """

    kind: str
    direction: Direction
    what: str
    family: str
    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.direction}: {self.what}"


CONTROL = "no fault at all"


def control(family: str) -> Fault:
    """Nothing is changed: the mechanism itself must find nothing."""
    return Fault(family, "any", CONTROL, family, "scheduler/model/build.py", "", "")


def source_with(fault: Fault) -> str:
    """The source of the module at fault. The text to be changed must be there, once, or the fault has rotted."""
    source = (ROOT / fault.file).read_text(encoding="utf-8")
    if fault.what == CONTROL:
        return source
    found = source.count(fault.old)
    assert found == 1, f"{fault}: the text to be changed is in {fault.file} {found} times:\n{fault.old}"
    return source.replace(fault.old, fault.new)


def noticed(fault: Fault, side: Side) -> str:
    """What the proofs say about a scheduler with this fault in the model or in the verifier; empty: nothing."""
    source, known = source_with(fault), solutions(fault.family)

    def ask() -> str:
        _import_anew(fault.file, source)
        judge = import_module("tests.mutations.judge")
        text: str = judge.evidence(table(fault.family), fault.kind, fault.direction, side, known)
        return text

    return apart(ask)


def table(family: str) -> ModuleType:
    """The module with the truth table (TRUTH) and the worlds (WORLDS) of a family."""
    return import_module(ELSEWHERE.get(family, f"tests.constraints.test_{family}"))


@cache
def solutions(family: str) -> Sequence[object]:
    """For each world of a family, the solutions of the unchanged solver, which are those of the unchanged checker."""
    from tests.constraints.both_ways import solver_side

    return [solver_side(world.problem) for world in table(family).WORLDS]


class _Changed(SourceFileLoader):
    """A module with other text than its file has."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self._source, self.path, "exec", dont_inherit=True)
        return code


class _Finder(MetaPathFinder):
    def __init__(self, file: str, source: str) -> None:
        self._name = file.removesuffix(".py").replace("/", ".")
        self._loader = _Changed(self._name, str(ROOT / file), source)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._loader.path, loader=self._loader)


def _import_anew(file: str, source: str) -> None:
    for name in [name for name in sys.modules if name.startswith(AFRESH)]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(file, source))


def apart(work: Callable[[], str]) -> str:
    """What the work says in a forked process; what it changes here stays there.

    Raises:
        RuntimeError: it raised, or took too long. A fault that cannot run is not a silent one.
    """
    receive, send = os.pipe()
    with warnings.catch_warnings():
        # From Python 3.12 on a fork beside other threads warns. Those of pytest-xdist hold nothing that a child needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        answer = b"!"
        try:
            answer = b"=" + work().encode()
        except BaseException:
            answer = b"!" + traceback.format_exc().encode()
        finally:
            os.close(receive)
            with os.fdopen(send, "wb") as out:
                out.write(answer)
            os._exit(0)
    os.close(send)
    try:
        said = _read(receive, time.monotonic() + SECONDS)
    finally:
        os.close(receive)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not said.startswith(b"="):
        raise RuntimeError(said[1:].decode() or f"no answer within {SECONDS:g} seconds")
    return said[1:].decode()


def _read(pipe: int, until: float) -> bytes:
    said = b""
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        more = os.read(pipe, 65536)
        if not more:
            return said
        said += more
    return b""
