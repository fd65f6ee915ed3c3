"""How the verifier speaks of requests, places and times, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from scheduler.constraints.terms import DAY_EN, DAY_ZH, Sentence, Weekday
from scheduler.problem import Request, Space
from scheduler.verify.plan import Occurrence, Slot
from scheduler.verify.wall import DAY, MINUTE, Span, at, face, since_midnight, weekday
from scheduler.verify.world import World

Part = Sentence | str | int | timedelta


def say(zh: str, en: str, /, **parts: Part) -> Sentence:
    """Fill both templates: a part that is a Sentence in its language, a timedelta in minutes, the rest as it is."""
    return Sentence(
        zh=zh.format_map({k: _plain(p.zh if isinstance(p, Sentence) else p) for k, p in parts.items()}),
        en=en.format_map({k: _plain(p.en if isinstance(p, Sentence) else p) for k, p in parts.items()}),
    )


def _plain(part: str | int | timedelta) -> str:
    return str(part // MINUTE) if isinstance(part, timedelta) else str(part)


def who(world: World, request: Request) -> Sentence:
    """A request by its identity and the name of its use."""
    return Sentence(
        zh=f"{request.id}（{world.names.zh(request.use)}）", en=f"{request.id} ({world.names.en(request.use)})"
    )


def named(world: World, *ids: str) -> Sentence:
    """Layouts, features or people by their names, where the problem gives them any."""
    return Sentence(zh=world.names.zh(*ids), en=world.names.en(*ids))


def place(space: Space) -> Sentence:
    """A space by its name and identity."""
    if space.name == space.id:
        return Sentence(zh=space.id, en=space.id)
    return Sentence(zh=f"{space.name}（{space.id}）", en=f"{space.name_en or space.name} ({space.id})")


def day_of(day: date) -> Sentence:
    """A date with its weekday."""
    name = weekday(day)
    return Sentence(zh=f"{day.month}月{day.day}日周{DAY_ZH[name]}", en=f"{DAY_EN[name]} {day}")


def when(occurrence: Occurrence) -> Sentence:
    """Date, start and end of an occurrence."""
    return span_of(occurrence.date, occurrence.span)


def span_of(day: date, span: Span) -> Sentence:
    """A span on the clock of `day`, the small hours after it marked as the next day's."""
    named = day_of(day)
    if span == (at(day, timedelta()), at(day, DAY)):
        return Sentence(zh=f"{named.zh}全天", en=f"all day {named.en}")
    starts, ends = _time(day, span[0]), _time(day, span[1])
    return Sentence(zh=f"{named.zh}{starts.zh}至{ends.zh}", en=f"{named.en} {starts.en} to {ends.en}")


def slot_of(slot: Slot) -> Sentence:
    """Weekday and start of a slot."""
    return weekly_start(slot.weekday, slot.starts)


def weekly_start(day: Weekday, starts: timedelta) -> Sentence:
    """A weekday and a start since its midnight."""
    late = starts >= DAY
    shown = face(starts - DAY if late else starts)
    return Sentence(
        zh=f"周{DAY_ZH[day]}{'次日' if late else ''}{shown}",
        en=f"{DAY_EN[day]} {shown}{' (next day)' if late else ''}",
    )


def number_of(number: int, zh: str, en: str) -> Sentence:
    """A number of things: with their Chinese measure word, and the English noun in the right number."""
    return Sentence(zh=f"{number}{zh}", en=f"{number} {en}" if number == 1 else f"{number} {en}s")


def listed(sentences: Iterable[Sentence]) -> Sentence:
    """Several parts as a list, each once, in their order."""
    once = list(dict.fromkeys((s.zh, s.en) for s in sentences))
    return Sentence(zh="、".join(zh for zh, _ in once), en=", ".join(en for _, en in once))


def all_who(world: World, occurrences: Iterable[Occurrence]) -> Sentence:
    """The requests of several occurrences, each once."""
    return listed(who(world, o.request) for o in occurrences)


def _time(day: date, wall: datetime) -> Sentence:
    since = since_midnight(day, wall)
    if since <= DAY:  # 24:00 is this day's end
        return Sentence(zh=face(since), en=face(since))
    shown = face(since % DAY)
    if since < 2 * DAY:
        return Sentence(zh=f"次日{shown}", en=f"{shown} (next day)")
    named = day_of(wall.date())
    return Sentence(zh=f"{named.zh}{shown}", en=f"{named.en} {shown}")


def moment(wall: datetime) -> Sentence:
    """A date and a clock time."""
    named, shown = day_of(wall.date()), face(since_midnight(wall.date(), wall))
    return Sentence(zh=f"{named.zh}{shown}", en=f"{named.en} {shown}")
