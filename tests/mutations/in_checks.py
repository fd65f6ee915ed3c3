"""Faults in the checks of the verifier, at least one a kind in both directions, and in what the checks stand on."""

from __future__ import annotations

from tests.mutations.faults import Direction, Fault
from tests.mutations.in_postings import FAMILY_OF


def fault(kind: str, direction: Direction, what: str, old: str, new: str, *, file: str = "", family: str = "") -> Fault:
    family = family or FAMILY_OF[kind]
    return Fault(kind, direction, what, family, f"scheduler/verify/{file or f'checks/{family}'}.py", old, new)


CHECKS = [
    fault(
        "closed",
        "loose",
        "a closed floor is open",
        "s.id in rule.spaces or s.floor in rule.floors or",
        "s.id in rule.spaces or",
    ),
    fault(
        "closed", "strict", "every closure takes the whole day", "if rule.starts and rule.ends else", "if not rule else"
    ),
    fault(
        "opening_hours",
        "loose",
        "open at the start is open to the end",
        "return reached >= span[1]",
        "return reached > span[0]",
    ),
    fault("opening_hours", "strict", "touching intervals do not join", "if starts > reached:", "if starts >= reached:"),
    fault(
        "opening_hours",
        "loose",
        "only the first part is asked",
        "for atom in sorted(one.atoms):",
        "for atom in sorted(one.atoms)[1:]:",
    ),
    fault(
        "typed_window",
        "loose",
        "windows of single dates are forgotten",
        "days=rule.days, dates=rule.dates",
        "days=rule.days",
    ),
    fault(
        "typed_window",
        "strict",
        "those whom it allows are shut out too",
        " or plan.world.matches(rule.allows, one.request):",
        ":",
    ),
    fault("horizon", "loose", "the round never ends", "<= one.date <= rule.last_date", "<= one.date"),
    fault(
        "horizon", "strict", "the last date is outside", "<= one.date <= rule.last_date", "<= one.date < rule.last_date"
    ),
    fault("notice", "loose", "a day too late is in time", ".days < rule.days", ".days < rule.days - 1"),
    fault("notice", "strict", "in time is a day too late", ".days < rule.days", ".days <= rule.days"),
    fault("clock_change", "loose", "only the start is looked at", " and exists(one.ends, plan.world.zone)", ""),
    fault(
        "clock_change",
        "strict",
        "an hour later is looked at too",
        "exists(one.ends, plan.world.zone)",
        "exists(one.ends + (one.ends - one.starts), plan.world.zone)",
    ),
    fault(
        "capacity",
        "loose",
        "nobody asks for places",
        "if fitting_layout(one.request, one.space) is None:",
        "if not one.space.layouts:",
    ),
    fault("capacity", "strict", "one chair stays free", ">= request.headcount", "> request.headcount"),
    fault(
        "features",
        "loose",
        "one of several features is enough",
        "if missing:",
        "if len(missing) >= max(1, len(one.request.features)):",
    ),
    fault(
        "features",
        "strict",
        "the first feature of a space is overlooked",
        "not in one.space.features]",
        "not in one.space.features[1:]]",
    ),
    fault(
        "floors",
        "loose",
        "higher floors will do",
        "if wanted and one.space.floor not in wanted:",
        "if wanted and one.space.floor < min(wanted):",
    ),
    fault(
        "floors",
        "strict",
        "only the first of the floors will do",
        "if wanted and one.space.floor not in wanted:",
        "if wanted and one.space.floor != wanted[0]:",
    ),
    fault(
        "overlap", "loose", "a part need not be free", "atom != min(one.atoms & other.atoms)", "atom != min(one.atoms)"
    ),
    fault(
        "overlap",
        "strict",
        "an end meets a start",
        "if earlier.ends > later.starts]",
        "if earlier.ends >= later.starts]",
        file="sweep",
    ),
    fault("sharing", "loose", "one more than the seats", "if heads > rule.seats:", "if heads > rule.seats + 1:"),
    fault("sharing", "strict", "the last seat stays free", "if heads > rule.seats:", "if heads >= rule.seats:"),
    fault(
        "sharing",
        "strict",
        "sharers overlap",
        "return any(shares(rule, one) and shares(rule, other)",
        "return any(rule is one",
        file="turns",
    ),
    fault(
        "changeover",
        "loose",
        "a minute is given away",
        "gap >= owed.minutes * MINUTE",
        "gap >= (owed.minutes - 1) * MINUTE",
    ),
    fault(
        "changeover", "strict", "a minute more is asked", "gap >= owed.minutes * MINUTE", "gap > owed.minutes * MINUTE"
    ),
    fault("changeover", "strict", "after six hours it is still owed", ">= patience:", "> patience:"),
    fault(
        "changeover",
        "loose",
        "the last row that matches counts",
        "for candidate in atom.changeover:",
        "for candidate in atom.changeover[::-1]:",
        file="turns",
    ),
    fault(
        "pooled_resource",
        "loose",
        "one room more",
        "if len(in_use) > rule.at_once",
        "if len(in_use) > rule.at_once + 1",
    ),
    fault(
        "pooled_resource", "strict", "one room less", "if len(in_use) > rule.at_once", "if len(in_use) >= rule.at_once"
    ),
    fault(
        "pooled_resource",
        "loose",
        "one crew more",
        "if len(together) > rule.at_once",
        "if len(together) > rule.at_once + 1",
    ),
    fault(
        "pooled_resource",
        "strict",
        "who was there before the last still owes",
        "if last and before.ends < last[0].ends:",
        "if last and before.ends > last[0].ends:",
        file="turns",
    ),
    fault(
        "noise",
        "loose",
        "joined rooms are no neighbours",
        "or near.isdisjoint(one.atoms):",
        "or one.space.id not in rule.neighbours:",
    ),
    fault(
        "noise",
        "strict",
        "the level itself is too loud",
        "one.request.noise <= rule.max_noise",
        "one.request.noise < rule.max_noise",
    ),
    fault(
        "curfew", "loose", "clearing takes no time", "if one.ends + _clearing(rule, one.request.use) >", "if one.ends >"
    ),
    fault(
        "curfew",
        "strict",
        "the hour itself is too late",
        "one.ends > at(one.date, clock(rule.amplified_ends))",
        "one.ends >= at(one.date, clock(rule.amplified_ends))",
    ),
    fault(
        "same_attendees",
        "loose",
        "the way takes no time",
        "if after.starts < before.ends + plan.world.travel(before.space.site, after.space.site):",
        "if after.starts < before.ends:",
    ),
    fault(
        "same_attendees",
        "strict",
        "a minute more for the way",
        "if after.starts >= before.ends + farthest:\n                break\n            if after.starts <",
        "if after.starts > before.ends + farthest:\n                break\n            if after.starts <=",
    ),
    fault(
        "same_attendees",
        "strict",
        "a rule about one is about all",
        "if not rule.people or person in rule.people:",
        "if person:",
    ),
    fault("quota", "loose", "prime time begins a minute later", ">= clock(p.starts_from)", "> clock(p.starts_from)"),
    fault("quota", "strict", "outdoors counts too", "if rule.indoor_only and", "if not rule.indoor_only and"),
    fault("quota", "loose", "each applicant is a body", "return listed_in or [", "return ["),
    fault(
        "date_loss",
        "loose",
        "a lower class may take a date",
        '("dated_request" in rule.to and not_lower)',
        '"dated_request" in rule.to',
    ),
    fault("date_loss", "strict", "nothing is lost to the same class", "<= world.rank[series", "< world.rank[series"),
    fault("date_loss", "loose", "a duty loses a date", "or world.duty(series) or", "or"),
    fault("date_loss", "loose", "what is pinned loses a date", " or world.pinned(series):", ":"),
    fault("date_loss", "strict", "nothing is lost to a pin", '("pin" in rule.to and world.pinned(rival))', "False"),
    fault(
        "date_loss", "loose", "nobody asks why a date is missing", "if absence.kind is None:", "if absence.kind == 0:"
    ),
    fault("different_days", "loose", "two sessions need no two days", "if len(same_day) > 1:", "if len(same_day) > 2:"),
    fault("different_days", "strict", "all days are one", "by_day[slot.weekday]", 'by_day["MO"]'),
    fault(
        "pin",
        "loose",
        "an earlier start will do",
        "clock(held.starts) == slot.starts",
        "clock(held.starts) >= slot.starts",
    ),
    fault(
        "pin",
        "strict",
        "an open start is nine o'clock",
        "(held.starts is None or clock(held.starts) ==",
        '(clock(held.starts or "09:00") ==',
    ),
    fault(
        "pin",
        "loose",
        "a pin of the whole request is none",
        "holds = len(slots) >= plan.world.asked(request)",
        "holds = True",
    ),
]

UNDERNEATH = [
    fault(
        "weekly",
        "loose",
        "slots may clash on dates that fell",
        "for check in CLASHES:",
        "for check in ():",
        file="weekly",
        family="availability",
    ),
    fault(
        "absences",
        "strict",
        "what a rule forbids must be booked",
        "found[id(one)].append(finding)",
        "pass",
        file="absences",
        family="availability",
    ),
    fault(
        "absences",
        "strict",
        "no date falls for the sake of quiet",
        'CHECKS["noise"],',
        "",
        file="absences",
        family="noise",
    ),
    fault(
        "absences",
        "strict",
        "nothing is lost to a full house",
        "same_attendees, spaces_in_session)",
        "same_attendees)",
        file="absences",
        family="resources",
    ),
    fault(
        "absences",
        "strict",
        "nothing is lost for a teacher's sake",
        "changeover, same_attendees,",
        "changeover,",
        file="absences",
        family="attendees",
    ),
    fault(
        "world",
        "strict",
        "a tag does not exempt",
        "within and set(scope.without_tags).isdisjoint(request.tags)",
        "within",
        file="world",
        family="availability",
    ),
    fault(
        "world",
        "loose",
        "a series before its own first date",
        "max(season.first_date, request.when.first_date or season.first_date)",
        "season.first_date",
        file="world",
        family="availability",
    ),
    fault(
        "world",
        "strict",
        "the last date of the season is left out",
        "range((last - first).days + 1)",
        "range((last - first).days)",
        file="world",
        family="availability",
    ),
    fault(
        "wall",
        "strict",
        "windows are closed",
        "one[0] < other[1] and other[0] < one[1]",
        "one[0] <= other[1] and other[0] <= one[1]",
        file="wall",
        family="availability",
    ),
    fault(
        "wall",
        "loose",
        "the evening before is forgotten",
        "day = starts.date() - DAY",
        "day = starts.date()",
        file="wall",
        family="resources",
    ),
    fault(
        "plan",
        "loose",
        "who replaces need not be granted",
        " and request.id in self.by_request:",
        ":",
        file="plan",
        family="rights",
    ),
]
