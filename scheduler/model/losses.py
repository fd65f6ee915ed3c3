"""`date_loss`: which single dates a series may give up, and only to a rival that really stands in the way.

here[p, d] + lost[p, d] + replaced[p, d] = z[p], and lost[p, d] -> one of its reasons:

- a placement of an allowed rival that clashes with p on that date, or
- an overload: at some moment the others leave too few seats, or too few rooms, for p, a rival being among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ortools.sat.python.cp_model import BoolVarT

from scheduler.constraints.occupancy import Sharing
from scheduler.constraints.resources import PooledResource
from scheduler.constraints.rights import DateLoss
from scheduler.model.clash import Near, clash
from scheduler.model.moments import Item, Timeline
from scheduler.model.posts.occupancy import covers
from scheduler.model.posts.resources import by_atom, in_use, moments, pooled_atoms
from scheduler.model.variables import Variables
from scheduler.placements.candidates import Placement
from scheduler.placements.facts import DAY, Facts, in_force


def permits(facts: Facts, rival: Item, loser: Item) -> list[DateLoss]:
    """The rules under which a series may lose its date to a rival: in force on it, by the kinds named, and by class.

    A rival is of a dated request, or another series where one of the two stands on a made-up date.
    """
    if not loser.placement.series or facts.keeps_dates(loser.placement.request):
        return []
    if not (rival.single or loser.single):
        return []
    return [rule for rule in permits_any(facts, rival.placement, loser.placement) if in_force(rule, loser.day)]


def permits_any(facts: Facts, rival: Placement, loser: Placement) -> list[DateLoss]:
    """The rules by which kind and class let a rival take single dates of a series, wherever they meet on one."""
    if rival.request.id == loser.request.id:
        return []
    asks = rival.request
    kind = (rival.series, asks.priority, asks.id in facts.held, loser.request.priority)  # all that a rule looks at
    return facts.once(
        ("permits", *kind), lambda: [rule for rule in facts.rules(DateLoss) if _lets(facts, rule, rival, loser)]
    )


def _lets(facts: Facts, rule: DateLoss, rival: Placement, loser: Placement) -> bool:
    higher = facts.rank[rival.request.priority] <= facts.rank[loser.request.priority]
    return (
        (("series_on_working_weekend" if rival.series else "dated_request") in rule.to and higher)
        or ("duty" in rule.to and facts.of_duty_class(rival.request))
        or ("pin" in rule.to and rival.request.id in facts.held)
    )


Reasons = dict[tuple[int, int], list[tuple[Placement, int]]]
"""(placement, date) -> the allowed rivals that clash with it there, each with the date of its own."""


def pair_reasons(variables: Variables) -> Reasons:
    """Every date that a series may lose to one rival: to a dated request, or to another series on a made-up date."""
    facts, found = variables.facts, Reasons()
    if not facts.rules(
        DateLoss
    ):  # no date is ever lost: of thousands of placements in a room all pairs take twenty seconds
        return found
    placements = variables.candidates.placements
    made_up = {p.index: p.made_up for p in placements if p.series}
    losers = [p for p in placements if p.series and not facts.keeps_dates(p.request)]
    if not losers:
        return found
    near, near_if_made_up = Near(losers), Near(p for p in losers if p.made_up)
    for rival in placements:
        # Two series that are never on a made-up date meet in their weekly slots alone.
        for loser in (near if not rival.series or rival.made_up else near_if_made_up).of(rival):
            rules = permits_any(facts, rival, loser)
            for date, day in _meetings(rival, loser, made_up) if rules else ():
                if not any(in_force(rule, day) for rule in rules):
                    continue
                shift = (day - date) * DAY
                item = Item(variables.z[loser.index], loser, loser.start + shift, loser.end + shift, day)
                if clash(facts, item, Item(variables.z[rival.index], rival, rival.start, rival.end, date)):
                    found.setdefault((loser.index, day), []).append((rival, date))
    return found


def _meetings(rival: Placement, loser: Placement, made_up: dict[int, frozenset[int]]) -> Iterator[tuple[int, int]]:
    """(date of the rival, date of the loser) for the pairs of which at least one is no matter of weekly slots."""
    mine = made_up[loser.index]
    if not rival.series:
        dates = set(rival.days)
    elif mine or made_up[rival.index]:
        dates = {*made_up[rival.index], *(day + later for day in mine for later in range(-2, 3))} & rival.days
    else:
        return
    for date in sorted(dates):
        for day in range(date - 2, date + 3):
            if day in loser.days and (not rival.series or day in mine or date in made_up[rival.index]):
                yield date, day


Group = tuple[int, list[Item]]
"""A weight, and the items any of which brings it to bear."""


Pool = tuple[PooledResource, list[Item], list[int]]
"""A rule about rooms in session, and what it counts on a timeline, at which moments."""


def pools_on(facts: Facts, timeline: Timeline) -> list[Pool]:
    """The rules about rooms in session, as they are on a timeline."""
    found: list[Pool] = []
    for pool in facts.rules(PooledResource):
        if pool.resource == "space_in_session":
            counted = [other for other in timeline.items if in_force(pool, other.day)]
            found.append((pool, counted, moments(pool, timeline, [other.start for other in counted])))
    return found


def sums(facts: Facts, timeline: Timeline, pools: list[Pool], item: Item) -> Iterator[tuple[list[Group], int]]:
    """(the others at a moment, the least weight of them that leaves no room for the item), for every such limit."""
    for rule in facts.rules(Sharing):
        if covers(rule, item):
            sharers = [other for other in timeline.items if covers(rule, other) and other is not item]
            for moment in sorted({item.start, *(o.start for o in sharers if item.start <= o.start < item.end)}):
                there = [o for o in sharers if o.start <= moment < o.end]
                own = item.placement.request.headcount
                yield [(other.placement.request.headcount, [other]) for other in there], rule.seats + 1 - own
    for pool, counted, points in pools:
        atoms = pooled_atoms(facts, pool)
        own = len(atoms.intersection(item.placement.atoms))
        if not own or not in_force(pool, item.day):
            continue
        rest = atoms.difference(item.placement.atoms)
        for moment in points:
            if item.start <= moment < item.end:
                rooms = by_atom(counted, rest, moment)
                yield [(1, there) for there in rooms.values()], pool.at_once + 1 - own


def post_losses(variables: Variables, dated: Iterable[Timeline]) -> None:
    """Make here, lost and replaced for every occurrence with a rival, and tie each loss to its reasons.

    Args:
        variables: the model; z and granted are made.
        dated: the dates that have dated requests or made-up sessions, each a timeline with the literals made so far.
    """
    facts = variables.facts
    pairs = pair_reasons(variables)
    losable = set(pairs)
    dates = list(dated) if facts.rules(DateLoss) else []
    for timeline in dates:
        pools = pools_on(facts, timeline)
        for item in timeline.items:
            if timeline.key(item) not in losable and _overloaded(facts, timeline, pools, item):
                losable.add(timeline.key(item))
    _split(variables, losable)
    # A rival that loses its own date does not stand in the way: `present`, not z.
    reasons = {key: [variables.present(rival, date) for rival, date in pairs.get(key, ())] for key in sorted(losable)}
    for timeline in (each.anew(variables.present) for each in dates if any(each.key(i) in reasons for i in each.items)):
        pools = pools_on(facts, timeline)
        for item in timeline.items:
            if timeline.key(item) in reasons:
                reasons[timeline.key(item)] += _overloads(variables, timeline, pools, item)
    for key, literals in reasons.items():
        variables.model.add_bool_or([~variables.lost[key], *literals])


def _overloaded(facts: Facts, timeline: Timeline, pools: list[Pool], item: Item) -> bool:
    """Whether an allowed rival could ever be part of a sum that leaves no room for the item."""
    if not item.placement.series or facts.keeps_dates(item.placement.request):
        return False
    return any(
        sum(weight for weight, _ in groups) >= least and rivals_in(facts, groups, item)
        for groups, least in sums(facts, timeline, pools, item)
    )


def _overloads(variables: Variables, timeline: Timeline, pools: list[Pool], item: Item) -> Iterator[BoolVarT]:
    """A literal for every moment at which the others leave no room, each true only when that is so."""
    model, facts = variables.model, variables.facts
    for groups, least in sums(facts, timeline, pools, item):
        rivals = rivals_in(facts, groups, item)
        if rivals and sum(weight for weight, _ in groups) >= least:
            full = model.new_bool_var("full")
            weights = sum(weight * in_use(variables, items) for weight, items in groups)
            model.add(weights >= least).only_enforce_if(full)
            model.add_bool_or([~full, *rivals])
            yield full


def rivals_in(facts: Facts, groups: list[Group], item: Item) -> list[BoolVarT]:
    """The literals of those among the others to whom the item may lose a date."""
    return [o.literal for _, items in groups for o in items if permits(facts, o, item)]


def _split(variables: Variables, losable: set[tuple[int, int]]) -> None:
    model, replacers = variables.model, variables.facts.replacers
    if not losable and not replacers:
        return
    for placement in variables.candidates.placements:
        for day in sorted(placement.days):
            key = (placement.index, day)
            parts: list[BoolVarT] = []
            if key in losable:
                variables.lost[key] = model.new_bool_var(f"lost{placement.index}@{day}")
                parts.append(variables.lost[key])
            instead = [variables.granted[each] for each in replacers.get((placement.request.id, day), ())]
            if instead and placement.series:
                taken, z = model.new_bool_var("replaced"), variables.z[placement.index]
                model.add_implication(taken, z)
                model.add_bool_or([~taken, *instead])
                for granted in instead:
                    model.add_bool_or([~z, ~granted, taken])
                parts.append(taken)
            if parts:
                here = model.new_bool_var(f"here{placement.index}@{day}")
                model.add(here + sum(parts) == variables.z[placement.index])
                variables.here[key] = here
        if all((placement.index, day) in variables.here for day in placement.days):
            # A session that never took place would be granted in name only.
            stands = [variables.here[placement.index, day] for day in sorted(placement.days)]
            model.add_bool_or([~variables.z[placement.index], *stands])
