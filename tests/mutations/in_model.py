"""Faults in what the postings stand on: placements, certain duties, timelines, cliques, grants."""

from __future__ import annotations

from tests.mutations.faults import Direction, Fault


def fault(family: str, direction: Direction, what: str, file: str, *change: str) -> Fault:
    """A fault in a file of the scheduler; `change` is the old text and the new."""
    old, new = change
    return Fault(file.partition("/")[2], direction, what, family, f"scheduler/{file}.py", old, new)


MODEL = [
    fault("days", "any", "the weekday is off by one", "placements/facts", "return (day - 1) % 7", "return day % 7"),
    fault(
        "days",
        "strict",
        "the last date of the season is left out",
        "placements/candidates",
        "range(first, last + 1, 7)",
        "range(first, last, 7)",
    ),
    fault(
        "availability",
        "loose",
        "a series before its own first date",
        "placements/candidates",
        "max(season.first_date, when.first_date or season.first_date)",
        "season.first_date",
    ),
    fault(
        "availability",
        "loose",
        "a series after its own last date",
        "placements/candidates",
        "min(season.last_date, when.last_date or season.last_date)",
        "season.last_date",
    ),
    fault(
        "availability",
        "any",
        "the step is off",
        "placements/candidates",
        "policy.start_step_minutes",
        "policy.start_step_minutes + 5",
    ),
    fault(
        "availability",
        "strict",
        "the last start is left out",
        "placements/candidates",
        "range(opens, latest + 1, step)",
        "range(opens, latest, step)",
    ),
    fault(
        "changeover",
        "loose",
        "sessions run over their window",
        "placements/candidates",
        "else closes - request.minutes",
        "else closes - 15",
    ),
    fault(
        "suitability",
        "any",
        "the last layout of the list is chosen",
        "placements/candidates",
        "in request.layouts if",
        "in request.layouts[::-1] if",
    ),
    fault(
        "availability",
        "loose",
        "a fallen date stands",
        "placements/candidates",
        "frozenset(nominal) - fallen.keys()",
        "frozenset(nominal)",
    ),
    fault(
        "occupancy",
        "any",
        "only the first part of a combination",
        "placements/facts",
        "tuple(dict.fromkeys(below)) if",
        "tuple(below[:1]) if",
    ),
    fault(
        "availability",
        "any",
        "a tag does not exempt",
        "placements/facts",
        "and tags.isdisjoint(scope.without_tags)",
        "",
    ),
    fault(
        "rights",
        "strict",
        "a certain date drops the series that could lose to it",
        "model/certain",
        "if not facts.keeps_dates(series.request):",
        "if facts is None:",
    ),
    fault(
        "rights",
        "strict",
        "a duty drops what stands in its stead",
        "model/certain",
        "for day in p.days if (p.request.id, day) not in facts.replacers}",
        "for day in p.days}",
    ),
    fault(
        "pin",
        "strict",
        "every way to place a duty is certain",
        "model/certain",
        "len(found) == facts.asked",
        "len(found) >= facts.asked",
    ),
    fault(
        "occupancy",
        "loose",
        "the evening before is forgotten",
        "model/moments",
        "for back in (0, 1, 2):",
        "for back in (0,):",
    ),
    fault(
        "changeover",
        "loose",
        "what the evening before owes is forgotten",
        "model/moments",
        "end > min(0, earliest - reach)",
        "end > 0",
    ),
    fault(
        "resources",
        "loose",
        "the small hours without a start are forgotten",
        "model/moments",
        "sorted(days.keys() | spill)",
        "sorted(days.keys())",
    ),
    fault("changeover", "loose", "a cover leaves out a pair", "model/cliques", "while todo[i]:", "if todo[i]:"),
    fault(
        "occupancy",
        "loose",
        "what overlaps another clique is dropped",
        "model/cliques",
        "set.intersection(*(",
        "set.union(*(",
    ),
    fault(
        "days",
        "loose",
        "fewer sessions than the least",
        "model/variables",
        "model.add(sum(literals) >= least * granted)",
        "pass",
    ),
    fault(
        "occupancy",
        "strict",
        "a part is never enough",
        "model/variables",
        "sum(literals) >= least",
        "sum(literals) >= asked",
    ),
    fault(
        "occupancy",
        "loose",
        "any number of sessions will do",
        "model/variables",
        "model.add(sum(literals) == asked * granted)",
        "pass",
    ),
    fault(
        "resources",
        "loose",
        "a house that is not full takes a date",
        "model/losses",
        "weights >= least)",
        "weights >= least - 1)",
    ),
    fault(
        "resources", "strict", "nothing is lost to a full house", "model/losses", "reasons[key] += _overloads(", "_ = ("
    ),
]
