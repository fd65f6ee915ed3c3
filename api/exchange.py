"""The commands that bring a centre in, take it out, and check a release: `import`, `template`, `export`, `replay`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.terminal import UNREADABLE, chinese, fail, read_bytes, say, settings_of, write_bytes

if TYPE_CHECKING:
    from api.workbook.opened import CellFault
    from api.workbook.read import Understood
    from scheduler.timetable import Timetable

REFUSED, NOT_COMPARED = 1, 5


def register(app: typer.Typer, solved: Callable[..., Timetable]) -> None:
    """Add the commands; `solved` solves with a progress bar, as `gongshi solve` does."""

    @app.command()
    def replay(release: Annotated[str, typer.Argument(metavar="COMMUNITY/NUMBER")]) -> None:
        """Solve a release once more from its kept input, and compare byte for byte.

        Exit: 0 the same bytes, 1 other bytes or it does not hold, 2 no such release, 5 it holds, not comparable.
        """
        _replay(release, solved)

    app.command("import")(import_)
    app.command()(template)
    app.command()(export)


def import_(
    workbook: Annotated[Path, typer.Argument(metavar="CENTRE.xlsx")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Store it without asking.")] = False,
) -> None:
    """Bring in a centre from a workbook: shown first, stored when confirmed.

    Exit: 0 stored, or the same as before; 1 not stored; 2 faulty cells, each on a line.
    """
    from api import clock
    from api.errors import Refused
    from api.flow.exchange import changed_parts, same_as_stored, stored
    from api.flow.rounds import Deed
    from api.store import Store, migrate

    understood = _understood(workbook)
    settings = settings_of()
    store = Store(settings.database)
    migrate(store)
    _preview(understood)
    with store.reading() as tx:
        if same_as_stored(tx, understood.problem):
            say("与已存的内容完全一致，没有改动", "the same as what is stored; nothing is changed")
            return
        for zh, en in changed_parts(tx, understood.problem):
            say(f"  {zh}", f"  {en}")
    if not yes and not typer.confirm("确认存入？" if chinese() else "Store it?"):
        fail(REFUSED, "没有存入", "nothing was stored")
    try:
        with store.writing() as tx:
            round = stored(tx, understood.problem, deed=Deed("import", clock.now()))
    except Refused as refusal:
        for fault in refusal.faults:
            say(f"{fault.path}：{fault.found}；应为 {fault.expected.zh}", str(fault), error=True)
        fail(REFUSED, refusal.sentence.zh, refusal.sentence.en)
    say(f"已存入，轮次 {round}", f"stored, round {round}")


def _understood(path: Path) -> Understood:
    from api.workbook.opened import WorkbookError
    from api.workbook.read import read_workbook

    try:
        return read_workbook(read_bytes(path))
    except WorkbookError as error:
        for each in error.faults:
            _tell(path, each)
        count = len(error.faults)
        fail(UNREADABLE, f"共 {count} 处需要改正，没有存入", f"{count} to be mended; nothing was stored")


def _tell(path: Path, fault: CellFault) -> None:
    place, found = fault.place or path.name, f"“{fault.found}”，" if fault.found else ""
    say(
        f"{place}：{found}应为 {fault.expected.zh}",
        f"{place}: {fault.found!r}; expected {fault.expected.en}" if fault.found else f"{place}: {fault.expected.en}",
        error=True,
    )


def _preview(understood: Understood) -> None:
    problem = understood.problem
    first, last = problem.season.first_date, problem.season.last_date
    say(f"{problem.community.name}，{first} 至 {last}", f"{problem.community.name}, {first} to {last}")
    for sheet, count in understood.counts.items():
        say(f"  {sheet} {count}", f"  {sheet}: {count}")


def template(output: Annotated[Path, typer.Argument(metavar="CENTRE.xlsx")]) -> None:
    """Write an empty workbook to fill in, with examples and drop-downs."""
    from api import clock
    from api.flow.calendars import calendars_of
    from api.workbook.template import write_template

    year = clock.now().year
    write_bytes(output, write_template(calendars_of((year, year + 1))))
    say(f"已写入 {output}", f"written: {output}")


def export(
    directory: Annotated[Path, typer.Option("--open", metavar="DIR", help="Where to write: CSV, XLSX, JSON, ICS.")],
    *,
    community: Annotated[str | None, typer.Option(help="Which one, where there are several.")] = None,
) -> None:
    """Write everything of a community in open formats, with a data dictionary in Chinese and English."""
    from api.errors import Refused
    from api.flow.open_data import open_data
    from api.store import Store, migrate

    store = Store(settings_of().database)
    migrate(store)
    try:
        with store.reading() as tx:
            files = open_data(tx, community)
    except Refused as refusal:
        fail(REFUSED, refusal.sentence.zh, refusal.sentence.en)
    for name, data in files.items():
        target = directory / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            fail(UNREADABLE, f"无法写入 {target}：{error.strerror}", f"cannot write {target}: {error.strerror}")
        write_bytes(target, data)
    say(f"已写入 {directory}，{len(files)} 个文件", f"written to {directory}: {len(files)} files")


def _replay(release: str, solved: Callable[..., Timetable]) -> None:
    from api.errors import Refused
    from api.flow.replay import material, why_not
    from api.store import Store, migrate
    from scheduler.verify import verify

    settings = settings_of()
    store = Store(settings.database)
    migrate(store)
    try:
        with store.reading() as tx:
            made = material(tx, release)
    except Refused as refusal:
        fail(UNREADABLE, refusal.sentence.zh, refusal.sentence.en)
    if not verify(made.problem, made.timetable, *made.kept or ()).holds:
        fail(REFUSED, "核验未通过", "the verifier does not pass it")
    again = solved(
        made.problem,
        time_limit=made.time_limit or settings.time_limit_seconds,
        seed=made.timetable.seed,
        audit=True,
        previous=made.kept,
    )
    why = why_not(made.timetable, again.engine)
    if why is None:
        if again.model_dump_json() != made.text:
            fail(REFUSED, "重排的结果不同", "solved again, it is another timetable")
        say("重排的结果逐字节相同", "solved again, it is the same, byte for byte")
        return
    values = [[stage.value for stage in each.stages] for each in (made.timetable, again)]
    told = (
        ("各级目标值相同", "the same values of all stages")
        if values[0] == values[1]
        else ("目标值不同", "other values")
    )
    fail(
        NOT_COMPARED,
        f"核验通过，但不能逐字节比较：{why[0]}；重排后{told[0]}",
        f"it holds, but cannot be compared byte for byte: {why[1]}; solved again, {told[1]}",
    )
