"""How commands speak on the terminal: sentences, files, a bar, a table."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from api.settings import Settings
    from scheduler.constraints.terms import ConstraintBase
    from scheduler.effects import Effects, RuleCost, StageDifference
    from scheduler.problem import Problem
    from scheduler.timetable import Kept, MarketDraw, StageResult, Timetable
    from scheduler.wellformed import Fault

T = TypeVar("T")

UNREADABLE = 2
"""Exit code of a command that cannot read what it is given, or write what it found."""

STAGES: dict[str, tuple[str, str]] = {
    "duties": ("固定任务", "duties"),
    "classes": ("申请级别", "class"),
    "fairness": ("公平", "fairness"),
    "own_rank": ("自排次序", "own ranking"),
    "wishes": ("心愿", "wishes"),
    "stability": ("稳定", "stability"),
    "lot": ("抽签", "lot"),
}
"""The stages of the objective, as people call them: Chinese, English."""

UNITS = {"sessions": "场", "points": "分", "ranks": "位", "lots": "签", "bodies": "个主体"}
"""What the stages count, in Chinese."""


def say(zh: str, en: str, *, error: bool = False) -> None:
    """One line for people, in Chinese where the terminal's language is Chinese, else in English."""
    typer.echo(zh if chinese() else en, err=error)


def chinese() -> bool:
    """Whether the terminal's language is Chinese."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, names), "").startswith("zh")


def fail(code: int, zh: str, en: str) -> NoReturn:
    """Say why, and end."""
    say(zh, en, error=True)
    raise typer.Exit(code)


def fail_with(path: Path, faults: Sequence[Fault]) -> NoReturn:
    """Say what is wrong with a file, each fault on a line, and end."""
    for fault in faults:
        place = fault.path or "(document)"
        zh = f"{path}: {place}: 写的是 {fault.found}，应为{fault.expected.zh}（{fault.code}）"
        say(zh, f"{path}: {place}: found {fault.found}; expected {fault.expected.en} ({fault.code})", error=True)
    raise typer.Exit(UNREADABLE)


def read_bytes(path: Path) -> bytes:
    """What stands in a file; the command ends here when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        fail(UNREADABLE, f"无法读取 {path}：{error.strerror}", f"cannot read {path}: {error.strerror}")


def read_problem(path: Path) -> Problem:
    """The problem that a file states."""
    from scheduler import wellformed  # noqa: PLC0415 - only commands that read one need it

    return _readable(path, wellformed.read_problem)


def read_timetable(path: Path) -> Timetable:
    """The timetable that a file states."""
    from scheduler.timetable import Timetable  # noqa: PLC0415
    from scheduler.wellformed import read_as  # noqa: PLC0415

    return _readable(path, lambda data: read_as(Timetable, data))


def read_kept(previous: Path | None, released: Path | None) -> Kept | None:
    """What a timetable keeps to: the one that is named, else the one in force; None when neither is."""
    from scheduler.timetable import Kept  # noqa: PLC0415

    known = read_timetable(released) if released is not None else None
    before = read_timetable(previous) if previous is not None else known
    return Kept(before, known) if before is not None else None


def read_rules(path: Path, problem: Problem) -> tuple[ConstraintBase, ...]:
    """The rules that a file states, `{"items": [...]}`, as they would stand in a problem."""
    from scheduler import wellformed  # noqa: PLC0415

    def read(data: bytes) -> tuple[ConstraintBase, ...]:
        items = wellformed.read_object(data).get("items")
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            zh, en = "规则的列表 [{…}]", "a list of rules [{…}]"
            raise wellformed.ProblemError((wellformed.fault("wrong_type", ("items",), items, zh, en),))
        return wellformed.read_rules(problem, [(("items", place), each) for place, each in enumerate(items)])

    return _readable(path, read)


def _readable(path: Path, read: Callable[[bytes], T]) -> T:
    """What the file states; the command ends here, each fault on a line, when it states nothing of the kind."""
    from scheduler.wellformed import ProblemError  # noqa: PLC0415

    try:
        return read(read_bytes(path))
    except ProblemError as error:
        fail_with(path, error.faults)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file that is no text; the command ends when it cannot be written."""
    try:
        path.write_bytes(data)
    except OSError as error:
        fail(UNREADABLE, f"无法写入 {path}：{error.strerror}", f"cannot write {path}: {error.strerror}")


def write(path: Path, text: str) -> None:
    """Whole or not at all: an interruption leaves no half file."""
    try:
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        fail(UNREADABLE, f"无法写入 {path}：{error.strerror}", f"cannot write {path}: {error.strerror}")


def interruptible(work: Callable[[Callable[[], bool]], Any]) -> Any:
    """Run it in a thread, so that Ctrl-C reaches us while the solver is in its own code; then it is told to stop."""
    stop = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work, stop.is_set)
        try:
            while not wait([future], timeout=0.2).done:
                pass
        except KeyboardInterrupt:
            stop.set()
            raise
    return future.result()


@contextmanager
def progress_bar() -> Iterator[Callable[[Any], None]]:
    """A bar with stage, incumbent, bound and gap."""
    columns = (
        TextColumn("{task.fields[stage]:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    zh = chinese()
    shown = "现值 {} 界 {} 差距 {}" if zh else "incumbent {} bound {} gap {}"
    with Progress(*columns) as bar:
        task = bar.add_task("", total=None, stage="列出候选" if zh else "candidates", told="")

        def show(at: Any) -> None:
            stage = (STAGES[at.stage][not zh]) + (f" {at.of}" if at.of else "")
            values = (at.incumbent, at.bound, None if at.gap is None else f"{at.gap:.1%}")
            told = shown.format(*("-" if value is None else value for value in values))
            bar.update(task, completed=at.done, total=at.total, stage=stage, told=told)

        yield show
        bar.update(task, completed=bar.tasks[0].total, stage="完成" if zh else "done", told="")


def summary(problem: Problem, timetable: Timetable) -> tuple[str, str]:
    """What came of the requests, in one line."""
    asked, dates = len(problem.requests), len(timetable.bookings)
    part = sum(1 for each in timetable.refusals if each.granted)
    none = len(timetable.refusals) - part
    full = asked - part - none
    proved = {"optimal": "已证明最优", "feasible": "可行，未证明最优"}[timetable.status]
    return (
        f"{asked} 份申请：{full} 份全部满足，{part} 份部分满足，{none} 份未满足；共 {dates} 场次（{proved}）",
        f"{asked} requests: {full} granted in full, {part} in part, {none} not; {dates} dates ({timetable.status})",
    )


def show_stages(problem: Problem, timetable: Timetable) -> None:
    """Each stage on a line: what it came to, whether that is proved best, and what was lost."""
    zh = chinese()
    stage_head, value_head, lost_head = ("环节", "结果", "未满足") if zh else ("stage", "value", "lost")
    table = Table(box=None, padding=(0, 1), header_style="dim")
    table.add_column(stage_head, no_wrap=True)
    table.add_column(value_head, no_wrap=True, justify="right")
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(lost_head)
    for stage in timetable.stages:
        if stage.status != "not_in_force":
            name = STAGES[stage.stage][not zh] + _of(stage, problem, zh=zh)
            unit = UNITS[stage.unit] if zh else stage.unit
            lost = _lost(stage, problem, timetable)
            table.add_row(name, str(stage.value), unit, _proof(stage, zh=zh), lost)
    Console(highlight=False).print(table)


def _of(stage: StageResult | StageDifference, problem: Problem, *, zh: bool) -> str:
    """The class that a stage counts; of fairness how much is missing, as a share of what a body asked."""
    if stage.stage == "fairness" and stage.of:
        short = f"{stage.of}/{problem.policy.fairness.levels}"
        return f" 缺 {short} 及以上" if zh else f" {short} short or more"
    return f" {stage.of}" if stage.of else ""


def _proof(stage: StageResult, *, zh: bool) -> str:
    if stage.status == "optimal":
        return "已证明最优" if zh else "proved"
    return f"界 {stage.bound}，差距 {stage.gap:.1%}" if zh else f"bound {stage.bound}, gap {stage.gap:.1%}"


def _lost(stage: StageResult, problem: Problem, timetable: Timetable) -> str:
    """Requests without all their sessions, by the stage that counts them; dates lost to others, with the wishes."""
    if stage.stage == "wishes":
        return ", ".join(f"{each.request}·{each.date}" for each in timetable.missing if each.kind == "lost")
    if stage.stage not in {"duties", "classes"}:
        return ""
    duties = {each.id for each in problem.priorities if each.duty}
    classes = duties if stage.stage == "duties" else {stage.of}
    priority = {each.id: each.priority for each in problem.requests}
    short = [each for each in timetable.refusals if priority[each.request] in classes]
    told = (each.request + (f" ({each.granted}/{each.asked})" if each.granted else "") for each in short)
    return ", ".join(told)


def where_to_look(base: str, community: str) -> None:
    """The addresses to open first."""
    for zh, en, path in (
        ("本周安排", "the week", f"/c/{community}/"),
        ("各空间日历，如阅览室", "a calendar, of the reading room", f"/c/{community}/calendars/spaces/S05.ics"),
        ("接口文档", "the API's documentation", "/docs"),
    ):
        say(f"  {zh}：{base}{path}", f"  {en}: {base}{path}")


DEAD = {
    "no": None,
    "matches_nothing": ("本季没有任何申请受它限制", "it matches no wish of the season"),
    "adds_nothing": ("它所禁止的本来就不能排", "what it forbids could not be booked anyway"),
    "not_examined": ("时间不够，未检查是否空转", "no time to see whether it changes anything"),
}
"""What is said of a rule that changes nothing."""
COSTS = {
    "solved": ("没有约束到任何人", "it bound nobody"),
    "changes_nothing": ("去掉它什么都不变", "nothing would change without it"),
    "nothing_to_gain": ("各级目标都已满足，去掉它也不会更好", "every stage is as good as it can be"),
    "only_permits": ("它只放宽，不限制", "it only permits"),
    "not_proved": ("未能证明", "not proved"),
    "not_examined": ("时间不够，未检查", "no time to look"),
}
"""What is said of a rule that cost nothing, or of which it is not known."""


def show_effects(effects: Effects) -> None:
    """What rules would do: each with its sentence, then what contradicts, moves and is lost."""
    for rule in effects.rules:
        say(f"{rule.rule}：{rule.sentence.zh}", f"{rule.rule}: {rule.sentence.en}")
        if rule.duplicate_of:
            say(f"  与 {rule.duplicate_of} 重复", f"  says the same as {rule.duplicate_of}")
        elif told := DEAD[rule.dead]:
            say(f"  {told[0]}", f"  {told[1]}")
        for each in rule.violated_by:
            say(f"  现有安排不符：{each.sentence.zh}", f"  broken by the plan: {each.sentence.en}")
    for one in effects.contradictions:
        ids = ", ".join(one.rules)
        say(f"矛盾（{ids}）：{one.sentence.zh}", f"contradiction ({ids}): {one.sentence.en}")
    for move in effects.moves:
        say(f"移动：{move.sentence.zh}", f"moves: {move.sentence.en}")
    for loss in effects.impossible:
        say(f"不再可能 {loss.request}：{loss.sentence.zh}", f"impossible {loss.request}: {loss.sentence.en}")
    for loss in effects.lost:
        say(f"落选 {loss.request}：{loss.sentence.zh}", f"lost {loss.request}: {loss.sentence.en}")
    if not effects.complete:
        unseen = ", ".join(effects.not_looked_at)
        say(f"时间不够，未检查：{unseen}", f"no time for: {unseen}")


def show_costs(costs: Sequence[RuleCost], problem: Problem) -> None:
    """What each rule cost, on a line."""
    for cost in costs:
        zh, en = COSTS[cost.told]
        if cost.bound:
            changes = [
                (
                    f"{STAGES[d.stage][0]}{_of(d, problem, zh=True)} {d.value} → {d.without} {UNITS[d.unit]}",
                    f"{STAGES[d.stage][1]}{_of(d, problem, zh=False)} {d.value} → {d.without} {d.unit}",
                )
                for d in cost.differences
            ]
            zh = "没有它：" + "；".join(each for each, _ in changes)
            en = "without it: " + "; ".join(each for _, each in changes)
        if cost.fallen_dates:
            zh, en = f"{zh}；{cost.fallen_dates} 个日期停排", f"{en}; {cost.fallen_dates} dates fell to it"
        say(f"{cost.rule}（{cost.sentence.zh}）：{zh}", f"{cost.rule} ({cost.sentence.en}): {en}")


def write_draw(drawn: MarketDraw, pictures: Mapping[str, str], into: Path) -> None:
    """A month's places as draw.json and one picture a night, and the goals on the terminal."""
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fail(UNREADABLE, f"无法写入 {into}：{error.strerror}", f"cannot write {into}: {error.strerror}")
    write(into / "draw.json", drawn.model_dump_json(indent=1) + "\n")
    for night, picture in pictures.items():
        write(into / f"{night}.svg", picture)
    for goal in drawn.goals:
        if goal.goal != "lot":
            zh, en = GOALS[goal.goal]
            proof = (
                ("已证明最优", "proved") if goal.status == "optimal" else (f"界 {goal.bound}", f"bound {goal.bound}")
            )
            say(f"{zh}：{goal.value}（{proof[0]}）", f"{en}: {goal.value} ({proof[1]})")


GOALS = {
    "vendors_without": ("一晚都没有的摊主", "vendors without a night"),
    "vendor_nights": ("总场次（摊主×晚）", "vendor-nights"),
    "seniority": ("资历名次之和", "sum of seniority ranks"),
    "should_broken": ("未能照顾的从宽规则", "should-rules broken"),
    "wishes_missed": ("未排到意愿摊位的", "wishes for stalls missed"),
    "stalls_beyond": ("多给的摊位", "stalls beyond the minimum"),
    "wish_ranks": ("意愿名次之和", "sum of places on the lists of wishes"),
}
"""What the goals of a market are called."""


def settings_of(host: str | None = None, port: int | None = None) -> Settings:
    """The settings, with a home to write to. Options beat the environment, here and in processes that we start."""
    from pydantic import ValidationError  # noqa: PLC0415 - 0.2 s that `gongshi verify` need not spend

    from api.settings import Settings  # noqa: PLC0415

    os.environ.update({f"GONGSHI_{k}": str(v) for k, v in (("HOST", host), ("PORT", port)) if v is not None})
    try:
        settings = Settings()
        settings.prepare()
    except ValidationError as error:
        told = "; ".join(f"GONGSHI_{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors())
        fail(UNREADABLE, f"设置有误：{told}", f"a setting is wrong: {told}")
    except OSError as error:
        fail(UNREADABLE, f"无法使用目录：{error}", f"the directory cannot be used: {error}")
    return settings
