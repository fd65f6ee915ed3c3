"""The command `gongshi`. What scripts rely on: the names, the options and the exit codes.

Exit codes: 0 done; 1 it does not hold, or was refused; 2 unreadable input or wrong use; 3 infeasible; 4 nothing found
in time; 5 not comparable (`replay`); 130 interrupted.
"""

from __future__ import annotations

import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from api import archive, exchange, people
from api.terminal import (
    UNREADABLE,
    fail,
    interruptible,
    progress_bar,
    read_bytes,
    read_kept,
    read_problem,
    read_rules,
    read_timetable,
    say,
    settings_of,
    show_costs,
    show_effects,
    show_stages,
    summary,
    where_to_look,
    write,
    write_draw,
)

if TYPE_CHECKING:
    from api.settings import Settings
    from scheduler.problem import Market, Problem
    from scheduler.timetable import MarketDraw, Timetable

app = typer.Typer(
    help="Gongshi (共室): who gets which community room, when; proved, explained, published as calendars.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


DEMO = "badahu"
DEMO_PROBLEM = Path(__file__).parents[1] / "fixtures" / DEMO / "problem.json"
DEMO_IN_WHEEL = Path(__file__).parent / "data" / f"{DEMO}.json"
DOES_NOT_HOLD, INFEASIBLE, UNDECIDED, INTERRUPTED = 1, 3, 4, 130
WORKER = (sys.executable, "-m", "api.worker")
WORKER_STOPS_WITHIN_SECONDS = 5.0
KEPT = ("\n已中断；已存的内容都在，下次继续", "\ninterrupted; what was stored is kept")

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")]
TimeLimit = Annotated[float, typer.Option(min=0.1, help="Seconds; with --audit, deterministic time of one core.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Of the lot; without it the policy's.")]

Previous = Annotated[Path | None, typer.Option(metavar="TIMETABLE.json", help="Kept to: fewest people moved.")]
Released = Annotated[Path | None, typer.Option(metavar="TIMETABLE.json", help="In force: weighs more than a draft.")]


@app.command()
def migrate() -> None:
    """Bring the database to the present form."""
    changed = people.prepare(settings_of())
    say("数据库已更新" if changed else "数据库已是最新", "migrated" if changed else "nothing to migrate")


@app.command()
def solve(
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM.json")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="TIMETABLE.json")],
    *,
    time_limit: TimeLimit = 60.0,
    seed: Seed = None,
    previous: Previous = None,
    released: Released = None,
    audit: Annotated[bool, typer.Option("--audit", help="Replayable: same input, same bytes.")] = False,
) -> None:
    """Solve a problem. Exit: 0 solved, 2 unreadable input, 3 infeasible, 4 nothing found in time, 130 interrupted."""
    if output.is_dir() or not os.access(output.parent, os.W_OK):
        fail(UNREADABLE, f"无法写入 {output}", f"cannot write {output}")  # Said before the work, not after it.
    asked, kept = read_problem(problem), read_kept(previous, released)
    timetable = _solved(asked, time_limit=time_limit, seed=seed, audit=audit, previous=kept)
    write(output, timetable.model_dump_json(indent=1) + "\n")
    say(*summary(asked, timetable))


def _solved(problem: Problem, **options: Any) -> Timetable:
    """The timetable; the command ends here when there is none, or when it is interrupted."""
    from scheduler.solve import Infeasible, Undecided
    from scheduler.solve import solve as decide

    try:
        with progress_bar() as show:
            outcome = interruptible(lambda stop: decide(problem, **options, progress=show, stop=stop))
    except KeyboardInterrupt:
        fail(INTERRUPTED, *KEPT)
    if isinstance(outcome, Infeasible):
        fail(INFEASIBLE, outcome.sentence.zh, outcome.sentence.en)
    if isinstance(outcome, Undecided):
        fail(UNDECIDED, outcome.sentence.zh, outcome.sentence.en)
    timetable: Timetable = outcome.timetable
    return timetable


exchange.register(app, _solved)
people.register(app)
archive.register(app)


@app.command()
def verify(
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM.json")],
    timetable: Annotated[Path, typer.Argument(metavar="TIMETABLE.json")],
    previous: Previous = None,
    released: Released = None,
) -> None:
    """Check a timetable independently. Exit: 0 it holds, 1 it does not (each violation on a line), 2 unreadable."""
    from scheduler.verify import verify as check

    asked, answer = read_problem(problem), read_timetable(timetable)
    report = check(asked, answer, *read_kept(previous, released) or ())
    for each in report.violations:
        where = " ".join(filter(None, (each.constraint, str(each.date or ""), each.space, ",".join(each.requests))))
        say(f"{each.rule} {where}：{each.sentence.zh}", f"{each.rule} {where}: {each.sentence.en}")
    if not report.holds:
        raise typer.Exit(DOES_NOT_HOLD)
    say(f"核验通过：{len(answer.bookings)} 场次", f"it holds: {len(answer.bookings)} dates")


@app.command()
def check(
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM.json")],
    timetable: Annotated[Path, typer.Argument(metavar="TIMETABLE.json")],
    rules: Annotated[
        Path | None, typer.Argument(metavar="RULES.json", help='{"items": [...]}, as the API takes it.')
    ] = None,
    *,
    costs: Annotated[bool, typer.Option("--costs", help="What each rule of the problem cost.")] = False,
    time_limit: TimeLimit = 60.0,
) -> None:
    """Say what rules would do before they take force. Exit: 0 told, 1 they contradict something, 2 unreadable input."""
    from scheduler import explain

    asked, plan = read_problem(problem), read_timetable(timetable)
    if rules is None and not costs:
        fail(UNREADABLE, "请给出规则文件，或用 --costs", "name a file of rules, or ask for --costs")
    if costs:
        show_costs(explain.rule_costs(asked, plan, time_limit=time_limit), asked)
    if rules is not None:
        effects = explain.check_rules(asked, read_rules(rules, asked), plan, time_limit=time_limit)
        show_effects(effects)
        if effects.contradictions:
            raise typer.Exit(DOES_NOT_HOLD)


@app.command()
def draw(
    problem: Annotated[Path, typer.Argument(metavar="PROBLEM.json")],
    month: Annotated[str, typer.Option(help="Such as 2026-09; every month is drawn anew.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIRECTORY")],
    *,
    last: Annotated[list[str] | None, typer.Option(help="A vendor who stands last: two no-shows.")] = None,
    time_limit: TimeLimit = 60.0,
) -> None:
    """Draw a month's places on the night market: draw.json, and a plan of each night as a picture.

    Exit: 0 drawn, 1 it does not hold, 2 unreadable input, 4 nothing found in time.
    """
    from api.web.square import plan_svg
    from scheduler.relet import demoted
    from scheduler.verify.market import verify_draw

    asked = read_problem(problem)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        fail(UNREADABLE, f"月份应写作 2026-09，收到的是“{month}”", f"a month is written 2026-09, not {month!r}")
    if asked.market is None:
        fail(UNREADABLE, "这份数据里没有夜市", "there is no market in this problem")
    market = demoted(asked.market, last or ())
    drawn = _drawn(market, month, asked.policy.seed, time_limit)
    if wrong := verify_draw(market, drawn):
        fail(DOES_NOT_HOLD, "抽签结果未通过核验：" + "；".join(wrong), "the places do not hold: " + "; ".join(wrong))
    title = f"{asked.names().zh(asked.market.space)}夜市"
    write_draw(drawn, {night: plan_svg(asked.market, drawn, night, title) for night in asked.market.nights}, output)


def _drawn(market: Market, month: str, seed: int, time_limit: float) -> MarketDraw:
    from scheduler.draw import draw as decide

    drawn = decide(market, month, seed, time_limit=time_limit)
    if drawn is None:
        fail(
            UNDECIDED, "没有找到可行的摊位安排：请放宽时限或检查规则", "no places were found: more time, or other rules"
        )
    return drawn


@app.command()
def worker() -> None:
    """Run a worker: it does the solves that are asked for. Ctrl-C stops it; unfinished work goes on with the next."""
    os.execv(sys.executable, [*WORKER])  # noqa: S606 - our own module


@app.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve pages, calendars and API, with one worker beside. Ctrl-C stops both."""
    from api.server import serve as run

    settings = settings_of(host, port)
    with _listening(settings) as listener:
        people.prepare(settings)
        with _worker_beside():
            say(f"服务地址：{settings.public}（Ctrl-C 停止）", f"serving on {settings.public} (Ctrl-C stops)")
            run(listener, settings)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """The socket, opened before anything is started: a port that is taken is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen(128)
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            fail(
                DOES_NOT_HOLD,
                f"无法监听 {place}：{error.strerror}。是否已有一个在运行？可用 --port 换一个端口",
                f"cannot listen on {place}: {error.strerror}. Is another one running? Choose a port with --port",
            )
        yield listener


@contextmanager
def _worker_beside() -> Iterator[None]:
    """One worker process as long as we live; one that dies is started again. When we are killed, it sees it."""
    over = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not over.is_set():
            # In a session of its own: Ctrl-C in the terminal is ours to pass on.
            command = [*WORKER, "--parent", str(os.getpid())]
            processes[:] = [subprocess.Popen(command, start_new_session=True)]  # noqa: S603 - our own module
            processes[0].wait()
            over.wait(1.0)

    thread = threading.Thread(target=keep, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        for process in processes:
            process.terminate()
            try:
                process.wait(WORKER_STOPS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    once: Annotated[bool, typer.Option("--once", help="Stop before serving.")] = False,
) -> None:
    """Load the reference centre, solve it, verify, release and serve it. The next run goes on with what is stored."""
    from api.errors import Refused

    settings = settings_of(host, port)
    if not once:
        with _listening(settings):
            pass  # A port that is taken is said before the work, not after it.
    try:
        _demo(settings)
    except KeyboardInterrupt:
        fail(INTERRUPTED, *KEPT)
    except Refused as refusal:
        if refusal.code != "release_moved_on":
            fail(DOES_NOT_HOLD, refusal.sentence.zh, refusal.sentence.en)
        say(f"另一个进程已先发布：{refusal.sentence.zh}", f"another one was first: {refusal.sentence.en}")
    where_to_look(settings.public, DEMO)
    if not once:
        # A new process: this one has loaded the solver, which the web process never does.
        os.execv(sys.executable, [sys.executable, "-m", "api.cli", "serve"])  # noqa: S606 - our own module


def demo_problem() -> Path:
    """The reference centre: of the checkout, or of the wheel."""
    return DEMO_PROBLEM if DEMO_PROBLEM.exists() else DEMO_IN_WHEEL


def _demo(settings: Settings) -> None:
    """As far as the release; whatever is stored already is not done again."""
    from api import clock
    from api.flow import demonstration as demo
    from api.flow.rounds import Deed
    from api.store import Store

    people.prepare(settings)
    store = Store(settings.database)
    deed = Deed("demo", clock.now())
    with store.writing() as tx:
        if number := demo.released(tx, DEMO):
            say(f"第 {number} 版已发布，沿用", f"release {number} is in force; going on with it")
            return
        round, problem, proposal = demo.loaded(tx, DEMO, read_bytes(demo_problem()), deed)
    if proposal is None:
        timetable = _solved(problem, time_limit=settings.time_limit_seconds, audit=True)
        say(*summary(problem, timetable))
        show_stages(problem, timetable)
        with store.writing() as tx:
            proposal = demo.proposed(tx, DEMO, round, timetable, deed)
    say("核验通过；正在发布 …", "verified; releasing ...")
    with store.writing() as tx:
        number = demo.publish(tx, DEMO, proposal, base_url=settings.public, deed=Deed("demo", clock.now()))
    say(f"已发布第 {number} 版", f"release {number} is in force")


def main() -> None:
    """Entry of the command."""
    from api import clock

    clock.use_own_zones()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # A terminal that lacks a letter shows another, and nothing ends.
    # Also where a shell has started us in the background, with Ctrl-C ignored.
    sys.unraisablehook = _again
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        app()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    finally:
        # What is to be said is said. Python gives our handlers back while it ends, and one more Ctrl-C, or the one
        # that `_again` still holds, would kill us there: only a signal that is ignored stays so.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        # Python notes a Ctrl-C that passed through a program in a string (dataclasses and named tuples are made so),
        # and after a clean end kills itself for it; the next such program clears the note (CPython, pythonrun.c).
        exec("")  # noqa: S102 - an empty one


def _again(lost: Any) -> None:
    """Ctrl-C that struck while Python cleaned up, where nothing can be raised, strikes once more a moment later."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        later = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
        later.daemon = True
        later.start()
    else:
        sys.__unraisablehook__(lost)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
