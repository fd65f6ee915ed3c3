"""Faults in the postings and checks of the kinds that speak of several sessions, of offers and of choices."""

from __future__ import annotations

from tests.mutations.faults import Direction, Fault
from tests.mutations.in_postings import FAMILY_OF, fault

Row = tuple[str, Direction, str, str, str]


def check(kind: str, direction: Direction, what: str, old: str, new: str) -> Fault:
    return Fault(kind, direction, what, FAMILY_OF[kind], f"scheduler/verify/checks/{FAMILY_OF[kind]}.py", old, new)


_POSTINGS: tuple[Row, ...] = (
    (
        "relation",
        "loose",
        "an earlier start is the same",
        "np.asarray(t.starts[:, None] != t.starts[None, :])",
        "np.asarray(t.starts[:, None] < t.starts[None, :])",
    ),
    (
        "relation",
        "strict",
        "hours that touch overlap",
        '"different_time": lambda t, _: np.asarray(t.between < 0)',
        '"different_time": lambda t, _: np.asarray(t.between <= 0)',
    ),
    ("relation", "loose", "one common day makes the same days", "~within(t.weekdays)", "~common(t.weekdays)"),
    (
        "relation",
        "loose",
        "the weeks of an overlap do not matter",
        "~(t.together & (t.between < 0))",
        "~(np.asarray(t.between < 0))",
    ),
    (
        "relation",
        "loose",
        "it is enough to start before",
        "times.ends[:, None] > times.starts[None, :]",
        "times.starts[:, None] > times.starts[None, :]",
    ),
    (
        "relation",
        "strict",
        "a gap as long as asked is too short",
        "t.together & (t.between < rule.minutes)",
        "t.together & (t.between <= rule.minutes)",
    ),
    ("relation", "loose", "a day may last an hour more", "_span(t) > rule.minutes", "_span(t) > rule.minutes + 60"),
    ("relation", "loose", "no minute is no way", "(between >= shorter) &", "(between > shorter) &"),
    (
        "relation",
        "strict",
        "a wait as long as allowed is too long",
        "(t.between <= rule.minutes)",
        "(t.between < rule.minutes)",
    ),
    ("relation", "loose", "the same day is a day apart", "apart < rule.at_least", "apart + 1 < rule.at_least"),
    ("relation", "loose", "one space is two", "return one == other", "return False"),
    (
        "relation",
        "strict",
        "neighbours never, whatever the time",
        "near and meet[times.number[p.times], times.number[q.times]]",
        "near",
    ),
    (
        "relation",
        "strict",
        "those who have no session are counted",
        "literals = [*(a.literals[i] for i in rows)",
        "literals = [*a.literals",
    ),
    ("load", "loose", "a day more", "sum(used) - rule.at_most)", "sum(used) - rule.at_most - 1)"),
    ("load", "strict", "a minute less", ">= total - rule.minutes)", ">= total - rule.minutes + 1)"),
    (
        "load",
        "strict",
        "a gap as long as allowed interrupts",
        "each.start < start <= each.end + rule.gap_minutes",
        "each.start < start < each.end + rule.gap_minutes",
    ),
    (
        "load",
        "loose",
        "a block may be longer",
        "            if e - start > rule.minutes:",
        "            if e - start > rule.minutes + 60:",
    ),
    ("load", "strict", "nobody there is too few days", "rule.at_least * anybody", "rule.at_least"),
    (
        "load",
        "loose",
        "anything on that day is company",
        "if near.end == hours.start or near.start == hours.end",
        "if near.end <= hours.start or near.start >= hours.end",
    ),
    (
        "load",
        "strict",
        "sessions at one hour are one though nothing keeps them apart",
        "if all(never_both(variables, literal, other) for other in literals):",
        "if True:",
    ),
    (
        "load",
        "loose",
        "two rooms are one",
        'most = 1 if rule.measure == "space_stability"',
        'most = 2 if rule.measure == "space_stability"',
    ),
    ("load", "loose", "one session more", "limit = rule.at_most if", "limit = rule.at_most + 1 if"),
    ("load", "strict", "no gap at all is a short one", "0 < s - end < rule.minutes", "0 <= s - end < rule.minutes"),
    ("load", "loose", "half an hour may lack", ">= rule.minutes - total)", ">= rule.minutes - total - 30)"),
    ("load", "strict", "all to one", "rule.percent * granted(everybody)", "100 * granted(everybody)"),
    (
        "offer",
        "loose",
        "who begins in time may stay",
        "case.end <= minutes(hours.ends)",
        "case.start < minutes(hours.ends)",
    ),
    (
        "offer",
        "strict",
        "one person fewer",
        "case.request.headcount <= rule.at_most_people",
        "case.request.headcount < rule.at_most_people",
    ),
    ("limits", "loose", "a minute too short", "length < rule.at_least_minutes", "length < rule.at_least_minutes - 1"),
    ("limits", "strict", "a minute too long", "length > rule.at_most_minutes", "length >= rule.at_most_minutes"),
    ("choice", "loose", "one more", "<= rule.at_most)", "<= rule.at_most + 1)"),
    ("choice", "loose", "linked one way", "variables.model.add_implication(other, one)", "pass"),
    (
        "choice",
        "strict",
        "everybody is meant",
        "if any(facts.selects(rule.scope, request, space) for space in request.spaces)",
        "if request.spaces",
    ),
    ("growth", "loose", "two ahead", "above = counts[a] - counts[b] - 1", "above = counts[a] - counts[b] - 2"),
    (
        "growth",
        "strict",
        "who has all still holds back",
        "model.add(above <= 0).only_enforce_if(~full[b])",
        "model.add(above <= 0)",
    ),
)
POSTINGS = [fault(*row) for row in _POSTINGS]

_CHECKS: tuple[Row, ...] = (
    (
        "relation",
        "strict",
        "the longer must start first",
        "if a.ends - a.starts <= b.ends - b.starts else (b, a)",
        "if True else (b, a)",
    ),
    (
        "relation",
        "loose",
        "any common day will do",
        "a.weekdays <= b.weekdays or b.weekdays <= a.weekdays",
        "a.weekdays & b.weekdays",
    ),
    (
        "relation",
        "strict",
        "the same days exactly",
        "a.weekdays <= b.weekdays or b.weekdays <= a.weekdays",
        "a.weekdays == b.weekdays",
    ),
    (
        "relation",
        "loose",
        "the week does not matter",
        "return _together(a, b) and _hours_meet(a, b)",
        "return _hours_meet(a, b)",
    ),
    ("relation", "loose", "to start before is enough", "else a.ends <= b.starts", "else a.starts <= b.starts"),
    (
        "relation",
        "loose",
        "nobody is on the way",
        "way = plan.world.travel(a.slot.space.site, b.slot.space.site)",
        "way = 0 * MINUTE",
    ),
    ("relation", "strict", "a wait to the minute is too long", "<= wait <= most * MINUTE", "<= wait < most * MINUTE"),
    ("relation", "loose", "any neighbour", "pair in {each.spaces for each in rule.beside}", "rule.beside"),
    ("load", "loose", "a day more", "max(0, len(days) - rule.at_most)", "max(0, len(days) - rule.at_most - 1)"),
    (
        "load",
        "strict",
        "a gap as long as allowed interrupts",
        "each.starts <= found[-1][1] + rule.gap_minutes * MINUTE",
        "each.starts < found[-1][1] + rule.gap_minutes * MINUTE",
    ),
    (
        "load",
        "loose",
        "one by itself is no block",
        "count > 1 and ends - starts > most",
        "count > 2 and ends - starts > most",
    ),
    ("load", "strict", "one by itself is a block", "count > 1 and ends - starts > most", "ends - starts > most"),
    ("load", "loose", "whoever ends is company", "near.ends == each.starts or", "near.ends <= each.starts or"),
    (
        "load",
        "loose",
        "a short gap is none",
        "timedelta() < starts - latest < rule",
        "timedelta(hours=1) < starts - latest < rule",
    ),
    ("load", "loose", "one date more", "len(there) - rule.at_most)", "len(there) - rule.at_most - 1)"),
    (
        "load",
        "strict",
        "everybody has a whole share",
        "rule.percent * _minutes(rule, everybody)",
        "100 * _minutes(rule, everybody)",
    ),
    (
        "offer",
        "loose",
        "who begins in time may stay",
        "one.ends <= at(one.date, clock(hours.ends))",
        "one.starts < at(one.date, clock(hours.ends))",
    ),
    (
        "offer",
        "strict",
        "one person fewer",
        "one.request.headcount > rule.at_most_people",
        "one.request.headcount >= rule.at_most_people",
    ),
    ("limits", "loose", "a minute too short", "lasts < rule.at_least_minutes", "lasts < rule.at_least_minutes - 1"),
    ("limits", "strict", "a minute too long", "lasts > rule.at_most_minutes", "lasts >= rule.at_most_minutes"),
    ("choice", "loose", "one more", "len(got) > rule.at_most", "len(got) > rule.at_most + 1"),
    ("choice", "strict", "nobody is too few", "0 < len(got) < len(asked)", "0 <= len(got) < len(asked)"),
    ("growth", "loose", "two ahead", "got[ahead] - got[behind] - 1", "got[ahead] - got[behind] - 2"),
    (
        "growth",
        "strict",
        "who has all still holds back",
        "if granted[behind] == asked[behind]:",
        "if not asked[behind]:",
    ),
)
CHECKS = [check(*row) for row in _CHECKS]
