"""Faults in the postings, at least one a kind in both directions."""

from __future__ import annotations

from importlib import import_module

from scheduler.constraints import FAMILIES
from tests.mutations.faults import Direction, Fault

FAMILY_OF = {kind: family for family in FAMILIES for kind in import_module(f"scheduler.constraints.{family}").KINDS}


def fault(kind: str, direction: Direction, what: str, old: str, new: str, *, file: str = "") -> Fault:
    family = FAMILY_OF[kind]
    return Fault(kind, direction, what, family, f"scheduler/{file or f'model/posts/{family}'}.py", old, new)


POSTINGS = [
    fault(
        "closed",
        "loose",
        "a closed floor is open",
        "space.id in rule.spaces or space.floor in rule.floors or space.site",
        "space.id in rule.spaces or space.site",
        file="placements/facts",
    ),
    fault(
        "closed",
        "strict",
        "every closure takes the whole day",
        "if rule.starts and rule.ends else",
        "if not rule else",
        file="placements/facts",
    ),
    fault(
        "opening_hours",
        "loose",
        "a lunch break is slept through",
        "starts <= joined[-1][1]:",
        "starts - 120 <= joined[-1][1]:",
    ),
    fault(
        "opening_hours",
        "strict",
        "touching intervals do not join",
        "starts <= joined[-1][1]:",
        "starts < joined[-1][1]:",
    ),
    fault(
        "typed_window", "loose", "windows of single dates are forgotten", "for day in rule.dates)]", "for day in ())]"
    ),
    fault(
        "typed_window",
        "strict",
        "those whom it allows are shut out too",
        "if not applies(facts, rule, case) or facts.selects(rule.allows, case.request, case.space.id):",
        "if not applies(facts, rule, case):",
    ),
    fault("horizon", "loose", "the round never ends", " <= case.day <= rule.last_date.toordinal()", " <= case.day"),
    fault(
        "horizon", "strict", "the last date is outside", "<= case.day <= rule.last_date", "<= case.day < rule.last_date"
    ),
    fault("notice", "loose", "a day too late is in time", "or ahead < rule.days or", "or ahead < rule.days - 1 or"),
    fault("notice", "strict", "in time is a day too late", "or ahead < rule.days or", "or ahead <= rule.days or"),
    fault("notice", "loose", "a day too early will do", "ahead > rule.at_most_days", "ahead > rule.at_most_days + 1"),
    fault(
        "calendar", "loose", "days off are forgotten", "if case.day in facts.days_off(series):", "if case.day in ():"
    ),
    fault(
        "calendar",
        "strict",
        "a working weekend is off",
        "if case.day in facts.days_off(series):",
        "if case.day in facts.days_off(series) or case.weekday != case.slot:",
    ),
    fault(
        "date_loss",
        "loose",
        "both of two lose a date to each other",
        "[variables.present(rival, date) for rival, date in pairs.get(key, ())]",
        "[variables.z[rival.index] for rival, date in pairs.get(key, ())]",
        file="model/losses",
    ),
    fault(
        "date_loss",
        "strict",
        "no series takes a date",
        "elif mine or made_up[rival.index]:",
        "elif mine and not mine:",
        file="model/losses",
    ),
    fault(
        "clock_change",
        "loose",
        "only the start is looked at",
        "for minute in (case.start, case.end):",
        "for minute in (case.start,):",
    ),
    fault(
        "clock_change",
        "strict",
        "an hour later is looked at too",
        "in (case.start, case.end):",
        "in (case.start, case.end, case.end + 60):",
    ),
    fault(
        "capacity",
        "loose",
        "any layout of the list holds anybody",
        "room.get(wish, -1) >= request.headcount",
        "room.get(wish, -1) >= 0",
        file="placements/candidates",
    ),
    fault(
        "capacity",
        "strict",
        "one chair stays free",
        "room.get(wish, -1) >= request.headcount",
        "room.get(wish, -1) > request.headcount",
        file="placements/candidates",
    ),
    fault(
        "features",
        "loose",
        "one of several features is enough",
        "if not missing:",
        "if len(missing) < max(1, len(request.features)):",
    ),
    fault(
        "features",
        "strict",
        "the first feature of a space is overlooked",
        "not in space.features]",
        "not in space.features[1:]]",
    ),
    fault(
        "floors",
        "loose",
        "higher floors will do",
        "space.floor in request.floors:",
        "space.floor >= min(request.floors):",
    ),
    fault(
        "floors",
        "strict",
        "only the first of the floors will do",
        "space.floor in request.floors:",
        "space.floor == request.floors[0]:",
    ),
    fault(
        "overlap",
        "loose",
        "dated requests are forgotten",
        "if timeline.real and not any(item.single for item in there):\n                continue\n            sharers",
        "if timeline.real:\n                continue\n            sharers",
    ),
    fault(
        "overlap",
        "strict",
        "an end meets a start",
        "item.start <= start < item.end]\n            if timeline.real and not any(item.single for item in there):\n"
        "                continue\n            sharers",
        "item.start <= start <= item.end]\n            if timeline.real and not any(item.single for item in there):\n"
        "                continue\n            sharers",
    ),
    fault("overlap", "loose", "sharers do not keep others out", "variables.exclude([sharer.literal, *others])", "pass"),
    fault(
        "sharing", "loose", "one more than the seats", "if sum(heads) > rule.seats:", "if sum(heads) > rule.seats + 1:"
    ),
    fault(
        "sharing",
        "strict",
        "who has left still has a seat",
        "item.start <= start < item.end]\n            if timeline.real and not any(item.single for item in there):\n"
        "                continue\n            heads",
        "item.start <= start]\n            if timeline.real and not any(item.single for item in there):\n"
        "                continue\n            heads",
    ),
    fault(
        "changeover",
        "loose",
        "a minute is given away",
        "b.start - a.end < row.minutes else None",
        "b.start - a.end < row.minutes - 1 else None",
    ),
    fault(
        "changeover",
        "strict",
        "a minute more is asked",
        "b.start - a.end < row.minutes else None",
        "b.start - a.end <= row.minutes else None",
    ),
    fault(
        "changeover", "loose", "the last row that matches counts", "for row in table:", "for row in reversed(table):"
    ),
    fault(
        "changeover",
        "strict",
        "after six hours it is still owed",
        "if gap < rule.nothing_owed",
        "if gap <= rule.nothing_owed",
    ),
    fault(
        "changeover",
        "strict",
        "sharers owe each other minutes",
        " or shared_by(facts, a, b) is not None:",
        ":",
    ),
    fault(
        "pooled_resource",
        "loose",
        "one room more",
        "if len(there) <= rule.at_once:",
        "if len(there) <= rule.at_once + 1:",
    ),
    fault("pooled_resource", "strict", "rooms count before the window", "if starts <= point < ends", "if point < ends"),
    fault(
        "pooled_resource",
        "strict",
        "sharers count twice",
        "if not any(_may_share(variables.facts, items)):",
        "if items:",
    ),
    fault(
        "pooled_resource",
        "loose",
        "a crew begins when it should have ended",
        "begins = [b.start - length for",
        "begins = [b.start for",
    ),
    fault(
        "pooled_resource",
        "strict",
        "who came between does not count",
        "yield a, later_than[a.end], row.minutes",
        "yield a, (), row.minutes",
    ),
    fault(
        "noise",
        "loose",
        "joined rooms are no neighbours",
        "return touches(facts, case, rule.neighbours)",
        "return case.space.id in rule.neighbours",
    ),
    fault(
        "noise",
        "strict",
        "the level itself is too loud",
        "case.request.noise <= rule.max_noise",
        "case.request.noise < rule.max_noise",
    ),
    fault("curfew", "loose", "clearing takes no time", "case.end + clearing > minutes", "case.end > minutes"),
    fault(
        "curfew",
        "strict",
        "the hour itself is too late",
        "case.end > minutes(rule.amplified_ends)",
        "case.end >= minutes(rule.amplified_ends)",
    ),
    fault("same_attendees", "loose", "the way takes no time", "if a.end + way <= b.start or", "if a.end <= b.start or"),
    fault(
        "same_attendees",
        "strict",
        "a minute more for the way",
        "if a.end + way <= b.start or",
        "if a.end + way < b.start or",
    ),
    fault(
        "same_attendees",
        "strict",
        "a rule about one is about all",
        "if not rule.people or both.intersection(rule.people)",
        "if both",
    ),
    fault(
        "quota",
        "loose",
        "prime time begins a minute later",
        ">= minutes(prime.starts_from)",
        "> minutes(prime.starts_from)",
    ),
    fault("quota", "strict", "outdoors counts too", "if rule.indoor_only and", "if not rule.indoor_only and"),
    fault(
        "quota",
        "loose",
        "each applicant is a body",
        "setdefault(facts.body(placement.request), [])",
        "setdefault(placement.request.applicant, [])",
    ),
    fault(
        "date_loss",
        "loose",
        "a lower class may take a date",
        " in rule.to and higher)",
        " in rule.to)",
        file="model/losses",
    ),
    fault(
        "date_loss",
        "loose",
        "a date is lost without a rival",
        "variables.model.add_bool_or([~variables.lost[key], *literals])",
        "pass",
        file="model/losses",
    ),
    fault(
        "date_loss",
        "loose",
        "a date is lost to who stands elsewhere",
        "if clash(facts, item, Item(",
        "if (facts, item, Item(",
        file="model/losses",
    ),
    fault(
        "date_loss",
        "loose",
        "a duty loses a date",
        "return self.of_duty_class(request) or request.id in self.held",
        "return request.id in self.held",
        file="placements/facts",
    ),
    fault(
        "date_loss",
        "loose",
        "what is pinned loses a date",
        "return self.of_duty_class(request) or request.id in self.held",
        "return self.of_duty_class(request)",
        file="placements/facts",
    ),
    fault(
        "date_loss",
        "loose",
        "every date may be lost",
        "model.add_bool_or([~variables.z[placement.index], *stands])",
        "pass",
        file="model/losses",
    ),
    fault(
        "date_loss",
        "strict",
        "nothing is lost to the same class",
        "<= facts.rank[loser",
        "< facts.rank[loser",
        file="model/losses",
    ),
    fault("date_loss", "strict", "nothing is lost to a pin", '"pin" in rule.to', "False", file="model/losses"),
    fault(
        "date_loss",
        "loose",
        "a replaced date stands",
        "model.add_bool_or([~z, ~granted, taken])",
        "pass",
        file="model/losses",
    ),
    fault(
        "date_loss",
        "strict",
        "a duty that is pinned is none",
        "facts.of_duty_class(rival.request))",
        "facts.of_duty_class(rival.request) and rival.request.id not in facts.held)",
        file="model/losses",
    ),
    fault(
        "different_days",
        "loose",
        "two sessions need no two days",
        "facts.asked(request) < 2",
        "facts.asked(request) < 3",
    ),
    fault(
        "different_days",
        "strict",
        "a day must lie between",
        "if p.weekday == weekday]",
        "if p.weekday - weekday in (0, 1)]",
    ),
    fault(
        "pin",
        "loose",
        "an earlier start will do",
        "minutes(slot.starts) == placement.start",
        "minutes(slot.starts) >= placement.start",
    ),
    fault(
        "pin",
        "strict",
        "an open start is nine o'clock",
        "(slot.starts is None or minutes(slot.starts) ==",
        '(minutes(slot.starts or "09:00") ==',
    ),
    fault(
        "pin",
        "loose",
        "a pin of the whole request is none",
        "    if duty:\n        model.add_bool_or([granted])",
        "",
        file="model/variables",
    ),
]
