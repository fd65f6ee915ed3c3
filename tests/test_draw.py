"""The night market of the scenario, story 9: who stands where, proved; tiny markets against every way there is."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product
from typing import Any

import pytest

from scheduler.constraints.terms import Weekday
from scheduler.draw import draw
from scheduler.model.market import build_market
from scheduler.problem import Market, MarketRule, PitchFee, Stall, Vendor
from scheduler.search.market import every_way, settle_market
from scheduler.timetable import MarketDraw, Pitch
from scheduler.verify.market import check_market, goal_values, verify_draw
from tests.journeys.centre import centre

HOT = MarketRule(
    id="mc", kind="not_adjacent", strength="must", parameters={"category": "热食小吃"}, source="fire notice"
)


def market() -> Market:
    found = centre().market
    assert found is not None
    return found


@cache
def september() -> MarketDraw:
    found = draw(market(), "2026-09", centre().policy.seed)
    assert found is not None
    return found


def test_the_goals_are_0_64_892_0_0_each_proved() -> None:
    """Nobody at zero, 64 vendor-nights, ranks 892, no should-rule broken, no wish, no stall beyond the minimum."""
    assert [each.value for each in september().goals[:7]] == [0, 64, 892, 0, 0, 0, 0]
    assert {each.status for each in september().goals} == {"optimal"}
    assert verify_draw(market(), september()) == ()


def test_21_22_and_21_vendor_nights_on_all_66_stalls() -> None:
    nights = [pitch.night for pitch in september().pitches]
    assert [nights.count(night) for night in ("FR", "SA", "SU")] == [21, 22, 21]
    assert sum(len(pitch.stalls) for pitch in september().pitches) == 66


def test_nobody_at_zero_costs_no_vendor_night() -> None:
    """Without the first goal 64 still: so says the bound of the most vendor-nights alone."""
    total = len(september().pitches)
    made = build_market(market(), "any")
    made.goals = [goal for goal in made.goals if goal[0] == "vendor_nights"]
    found = settle_market(made, 60.0, 8)
    assert found is not None
    assert [(each.value, each.bound) for each in found[1]] == [(64, 64)]
    assert total == 64


def test_three_stalls_of_repairs_each_night_and_no_two_hot_food_vendors_side_by_side() -> None:
    """By hand, without the verifier."""
    trade = {vendor.id: vendor.category for vendor in market().vendors}
    for night in ("FR", "SA", "SU"):
        on = {no: pitch.vendor for pitch in september().pitches if pitch.night == night for no in pitch.stalls}
        assert sum(trade[vendor] == "便民修补" for vendor in on.values()) >= 3
        hot = {no: vendor for no, vendor in on.items() if trade[vendor] == "热食小吃"}
        assert not [no for no in hot if no != 12 and hot.get(no + 1, hot[no]) != hot[no]]
        assert not {7, 8} & on.keys()


def test_the_same_seed_gives_the_same_places_and_the_next_month_others() -> None:
    again = draw(market(), "2026-09", centre().policy.seed)
    assert again == september()
    october = draw(market(), "2026-10", centre().policy.seed)
    assert october is not None
    assert october.pitches != september().pitches
    assert october.goals[:7] == september().goals[:7]


def test_every_night_asked_for_is_given_or_refused_with_a_reason() -> None:
    asked = {(vendor.id, night) for vendor in market().vendors for night in vendor.nights}
    given = {(pitch.vendor, pitch.night) for pitch in september().pitches}
    refused = {(each.vendor, each.night) for each in september().refused}
    assert (len(asked), len(given | refused), given & refused) == (72, 72, set())


def tiny(*vendors: Vendor, rules: tuple[MarketRule, ...] = (), blocked: tuple[int, ...] = ()) -> Market:
    """Five stalls, 1-3 in one row and 4-5 in another; 1 and 2 have power, 1 has water."""
    stalls = tuple(
        Stall(no=no, row=1 if no < 4 else 2, powered=no < 3, water=no == 1, blocked=no in blocked) for no in range(1, 6)
    )
    like = market()
    return like.model_copy(update={"nights": ("FR",), "stalls": stalls, "vendors": vendors, "rules": rules})


def vendor(name: str, category: str = "热食小吃", least: int = 1, most: int = 1, **more: Any) -> Vendor:
    fields: dict[str, Any] = {"power": False, "water": False, "nights": ("FR",), "seniority_rank": 1, **more}
    return Vendor(id=name, category=category, min_stalls=least, max_stalls=most, **fields)


def stood(*places: tuple[str, tuple[int, ...]]) -> tuple[Pitch, ...]:
    return tuple(Pitch(vendor=name, night="FR", stalls=stalls) for name, stalls in places)


CAP = MarketRule(id="ma", kind="category_cap", strength="must", parameters={"caps": {"热食小吃": 2}}, source="notice")
KEPT = MarketRule(
    id="mb",
    kind="category_reserved",
    strength="must",
    parameters={"category": "便民修补", "stalls": 2},
    source="notice",
)
A, B, TWO = vendor("A"), vendor("B"), vendor("C", least=1, most=2)
FIX, MEND = vendor("F", "便民修补"), vendor("M", "便民修补")
CHOOSY = vendor("A", wishes=(5, 4), anywhere=False)
HOLDER = vendor("H", own=(5,), wishes=(1, 3), power=True)
FISH = vendor("X", "鱼")


def fish(*vendors: Vendor) -> Market:
    """Stalls 1 and 2 are kept for fish."""
    rule = MarketRule(id="t", kind="trade_stalls", strength="must", parameters={"trades": ["鱼"]}, source="notice")
    world = tiny(*vendors, rules=(rule,))
    stalls = tuple(each.model_copy(update={"trades": ("鱼",) if each.no < 3 else ()}) for each in world.stalls)
    return world.model_copy(update={"stalls": stalls})


TRUTH = [
    ("nothing", tiny(A), stood(), ()),
    ("one", tiny(A), stood(("A", (4,))), ()),
    ("a blocked stall", tiny(A, blocked=(2,)), stood(("A", (2,))), ("blocked",)),
    ("power", tiny(vendor("A", power=True)), stood(("A", (3,))), ("features",)),
    (
        "power at one of two is not enough",
        tiny(vendor("C", least=2, most=2, power=True)),
        stood(("C", (2, 3))),
        ("features",),
    ),
    ("water at one of two is enough", tiny(vendor("C", least=2, most=2, water=True)), stood(("C", (1, 2))), ()),
    ("two in one row", tiny(TWO), stood(("C", (4, 5))), ()),
    ("two in two rows", tiny(TWO), stood(("C", (3, 4))), ("adjacent_spaces",)),
    ("two with one between", tiny(TWO), stood(("C", (1, 3))), ("adjacent_spaces",)),
    ("too many", tiny(A), stood(("A", (1, 2))), ("stalls",)),
    ("another night", tiny(vendor("A", nights=("SA",))), stood(("A", (1,))), ("nights",)),
    ("one stall for two", tiny(A, B), stood(("A", (1,)), ("B", (1,))), ("overlap",)),
    ("hot beside hot", tiny(A, B, rules=(HOT,)), stood(("A", (1,)), ("B", (2,))), ("not_adjacent",)),
    ("hot over the corner", tiny(A, B, rules=(HOT,)), stood(("A", (3,)), ("B", (4,))), ()),
    ("hot beside its own second stall", tiny(TWO, rules=(HOT,)), stood(("C", (1, 2))), ()),
    ("hot with the fire lane between", tiny(A, B, rules=(HOT,), blocked=(2,)), stood(("A", (1,)), ("B", (3,))), ()),
    ("the cap", tiny(A, TWO, rules=(CAP,)), stood(("A", (5,)), ("C", (1, 2))), ("category_cap",)),
    ("kept stalls", tiny(A, FIX, MEND, rules=(KEPT,)), stood(("A", (1,)), ("F", (2,))), ("category_reserved",)),
    ("fewer apply than are kept", tiny(A, FIX, rules=(KEPT,)), stood(("F", (2,))), ()),
    ("a stall that was not wished for", tiny(CHOOSY), stood(("A", (1,))), ("wishes",)),
    ("a wished stall", tiny(CHOOSY), stood(("A", (4,))), ()),
    ("who would rather stay away", tiny(CHOOSY), stood(), ()),
    ("its own stall without power", tiny(HOLDER), stood(("H", (5,))), ()),
    ("moved to a wished stall", tiny(HOLDER), stood(("H", (1,))), ()),
    ("grown beside its own", tiny(vendor("H", most=2, own=(5,), wishes=(4,))), stood(("H", (4, 5))), ()),
    ("grown where it did not wish to", tiny(vendor("H", most=2, own=(5,))), stood(("H", (4, 5))), ("wishes",)),
    ("moved where it did not wish to", tiny(HOLDER), stood(("H", (2,))), ("wishes",)),
    ("moved to a wished stall without power", tiny(HOLDER), stood(("H", (3,))), ("features",)),
    ("its own stall is not optional", tiny(HOLDER), stood(), ("own",)),
    ("equipment", tiny(vendor("A", equipment=("lift",))), stood(("A", (1,))), ("features",)),
    ("fish on a fish stall", fish(FISH, A), stood(("X", (1,)), ("A", (3,))), ()),
    ("fish elsewhere", fish(FISH, A), stood(("X", (3,))), ("trade_stalls",)),
    ("another on the fish stall, fish is served", fish(FISH, A), stood(("X", (1,)), ("A", (2,))), ()),
    ("another on the fish stall, fish is not served", fish(FISH, A), stood(("A", (2,))), ("trade_stalls",)),
    ("and one of them is not there", tiny(A, FIX, rules=(KEPT,)), stood(("A", (2,))), ("category_reserved",)),
]


@pytest.mark.parametrize(("name", "world", "places", "broken"), TRUTH, ids=[row[0] for row in TRUTH])
def test_truth(name: str, world: Market, places: tuple[Pitch, ...], broken: tuple[str, ...]) -> None:
    assert tuple(sorted({each.partition(":")[0] for each in check_market(world, places)})) == broken
    assert (frozenset(places) in solver_side(world)) is not bool(broken)


def solver_side(world: Market) -> set[frozenset[Pitch]]:
    return {
        frozenset(Pitch(vendor=name, night=night, stalls=block) for name, night, block in taken)
        for taken in every_way(build_market(world, "any"))
    }


def checker_side(world: Market) -> set[frozenset[Pitch]]:
    """Every way whatever to put up to two stalls to a vendor that the checker accepts."""
    nos = [stall.no for stall in world.stalls]
    night: Weekday = "FR"
    runs = [(), *((no,) for no in nos), *combinations(nos, 2)]
    found = set()
    for choice in product(runs, repeat=len(world.vendors)):
        made = tuple(
            Pitch(vendor=v.id, night=night, stalls=run) for v, run in zip(world.vendors, choice, strict=True) if run
        )
        if not check_market(world, made):
            found.add(frozenset(made))
    return found


@pytest.mark.parametrize(
    "world",
    [
        tiny(A, TWO, vendor("P", "饮品甜点", power=True), rules=(HOT,)),
        tiny(A, B, TWO, rules=(HOT, CAP), blocked=(2,)),
        tiny(vendor("W", least=1, most=2, water=True, power=True), FIX, MEND, rules=(KEPT,)),
        tiny(A, FIX, rules=(KEPT, HOT)),
        tiny(CHOOSY, HOLDER, vendor("C", least=1, most=2, wishes=(1,))),
        fish(FISH, vendor("Y", "鱼", own=(4,), wishes=(2, 3)), A),
    ],
)
def test_both_ways(world: Market) -> None:
    ours, theirs = solver_side(world), checker_side(world)
    assert ours == theirs
    assert len(theirs) > 1


def test_wishes_are_counted_by_hand() -> None:
    """First wish 0, third 2; C is off its list, and H asked to move and stays: both miss their wish."""
    four = tiny(
        vendor("A", wishes=(3,)),
        vendor("B", wishes=(4, 5, 1)),
        vendor("C", wishes=(3,)),
        vendor("H", own=(5,), wishes=(1,)),
    )
    places = stood(("A", (3,)), ("B", (1,)), ("C", (2,)), ("H", (5,)))
    assert check_market(four, places) == ()
    assert goal_values(four, places)["wish_ranks"] == 0 + 2
    assert goal_values(four, places)["wishes_missed"] == 2


def test_a_goal_that_is_told_wrong_is_noticed() -> None:
    wrong = september().model_copy(
        update={"goals": tuple(g.model_copy(update={"value": g.value + 1}) for g in september().goals)}
    )
    assert len(verify_draw(market(), wrong)) == 7
    assert goal_values(market(), september().pitches)["seniority"] == 892


def test_rules_that_leave_no_way_give_no_places() -> None:
    """A vendor of the kept trade needs power, and there is none."""
    mend = vendor("F", "便民修补", power=True, water=True)
    assert draw(tiny(mend, rules=(KEPT,), blocked=(1,)), "2026-09", 1) is None


def test_the_fee_is_shown_and_repairs_are_free() -> None:
    assert market().pitch_fee == PitchFee(
        currency="CNY", per="stall and night", amount=5, free_for=("便民修补",), source=market().pitch_fee.source
    )
