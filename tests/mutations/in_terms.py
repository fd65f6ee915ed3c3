"""Faults in what the verifier asks of each request's own terms, and in how it reads bookings."""

from __future__ import annotations

from tests.mutations.faults import Direction, Fault


def fault(kind: str, direction: Direction, what: str, old: str, new: str, *, file: str = "terms") -> Fault:
    return Fault(kind, direction, what, "terms", f"scheduler/verify/{file}.py", old, new)


TERMS = [
    fault("windows", "loose", "the grid is not looked at", "else not after % self._step", "else True", file="world"),
    fault(
        "windows",
        "loose",
        "the end of a window is not looked at",
        " or starts + length > clock(window.ends)",
        "",
        file="world",
    ),
    fault("windows", "loose", "nor is its start", "if after < timedelta() or", "if", file="world"),
    fault(
        "windows",
        "strict",
        "a session ends before its window does",
        "starts + length > clock(window.ends)",
        "starts + length >= clock(window.ends)",
        file="world",
    ),
    fault("duration", "loose", "longer will do", "if one.ends - one.starts != one", "if one.ends - one.starts < one"),
    fault("duration", "loose", "shorter will do", "if one.ends - one.starts != one", "if one.ends - one.starts > one"),
    fault(
        "duration", "strict", "no length is right", "if one.ends - one.starts != one", "if one.ends - one.starts >= one"
    ),
    fault(
        "spaces",
        "loose",
        "any space will do",
        "if one.space.id not in one.request.spaces:",
        "if not one.request.spaces:",
    ),
    fault(
        "spaces",
        "strict",
        "only the first space will do",
        "if one.space.id not in one.request.spaces:",
        "if one.space.id != one.request.spaces[0]:",
    ),
    fault(
        "layout",
        "loose",
        "any layout of the list will do",
        "one.layout != fitting:",
        "one.layout not in one.request.layouts:",
    ),
    fault(
        "layout",
        "strict",
        "the last layout of the list counts",
        "fitting = fitting_layout(one.request, one.space)",
        "fitting = one.request.layouts[-1]",
    ),
    fault(
        "dates",
        "loose",
        "any date will do",
        "if one.date not in plan.world.nominal_dates(one.request, one.weekday):",
        "if not one.date:",
    ),
    fault(
        "dates",
        "loose",
        "a series after its own last date",
        "min(season.last_date, request.when.last_date or season.last_date)",
        "season.last_date",
        file="world",
    ),
    fault(
        "dates",
        "strict",
        "the season's first date is not one",
        "[first + n * DAY for n in range(",
        "[first + n * DAY for n in range(1, ",
        file="world",
    ),
    fault("replaces", "loose", "both may stand", "in plan.replaced.get((one.request.id, one.date), ()):", "in ():"),
    fault(
        "replaces",
        "strict",
        "who replaces need not be granted",
        " and request.id in self.by_request:",
        ":",
        file="plan",
    ),
    fault("session", "loose", "a session may move", "if place_of(one) != held:", "if not held:"),
    fault(
        "session",
        "strict",
        "every date is a session of its own",
        "if place_of(one) != held:",
        "if one is not slot.booked[0]:",
    ),
    fault(
        "per_week",
        "loose",
        "fewer will do",
        "elif count and not _least(request, asked) <= count <= asked:",
        "elif count > asked:",
    ),
    fault(
        "per_week",
        "strict",
        "all or none, whatever the least",
        "elif count and not _least(request, asked) <= count <= asked:",
        "elif count and count != asked:",
    ),
    fault(
        "duty",
        "loose",
        "a duty may be left out",
        "if plan.world.duty(request) and count != asked:",
        "if plan.world.duty(request) and count > asked:",
    ),
    fault(
        "duty",
        "strict",
        "everything is a duty",
        "if plan.world.duty(request) and count != asked:",
        "if count != asked:",
    ),
    fault("numbering", "loose", "any number will do", "elif slot.number != right:", "elif not slot.number:"),
    fault(
        "numbering",
        "strict",
        "numbers count from nought",
        "start=1):\n            if keys",
        "start=0):\n            if keys",
    ),
    fault("distinct", "loose", "two sessions may be one", "if keys[slot.order()] > 1:", "if keys[slot.order()] > 2:"),
    fault(
        "distinct",
        "strict",
        "the room does not tell them apart",
        "(WEEKDAYS.index(self.weekday), self.starts, self.space.id)",
        '(WEEKDAYS.index(self.weekday), self.starts, "")',
        file="plan",
    ),
    fault("duplicate", "loose", "twice is once", "if times == 1:", "if times <= 2:", file="reading"),
    fault(
        "offset",
        "loose",
        "any offset will do",
        "if end.utcoffset() != offset(wall, world.zone):",
        "if not end.utcoffset():",
        file="reading",
    ),
    fault(
        "offset",
        "strict",
        "only Greenwich will do",
        "if end.utcoffset() != offset(wall, world.zone):",
        "if end.utcoffset():",
        file="reading",
    ),
]
