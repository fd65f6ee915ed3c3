"""The names that operators, managers and regulators say, and how each is said here: one table, as data.

A name is a kind of rule with some of its parameters fixed, or data of the problem, or built in, or a stage of the
policy. Nothing reads this table to solve or to verify; `docs/constraints.md` is made from it.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Literal

from pydantic import Field

from scheduler.constraints.terms import WEEKDAYS, Entity, Names

Way = Literal["rule", "data", "built in", "market", "stage"]
"""A kind of rule; data; always in force; the market's own round; a stage of the policy."""


class Preset(Entity):
    """One name, and the way to say it.

    `parameters` make the kind mean this name; `example` holds what is left to whoever says it, with values that show
    how. Both are written as in a document: lists, and dates as text.
    """

    name: str
    way: Way
    kind: str
    """Of a rule its kind; of others the kind that is always in force, or where it stands."""
    parameters: dict[str, Any] = Field(default={})
    example: dict[str, Any] = Field(default={})
    note_zh: str
    note_en: str
    only_from: str = ""
    """Who may submit the name, where these are fewer than may submit its kind."""
    strength: str = ""
    """Of a name that is no rule; for a rule its kind says it."""
    opposite: str = ""
    """Of a name that is no rule, or whose kind has several; elsewhere the docstring of the kind says it."""
    tests: str = ""
    """Of a name that is in no family of rules: the file of its tests."""


def _rule(
    name: str, kind: str, zh: str, en: str, *values: dict[str, Any], only_from: str = "", opposite: str = ""
) -> Preset:
    """A rule; `values` are the fixed parameters and, last, the example."""
    fixed: dict[str, Any] = {}
    for each in values[:-1]:
        fixed |= each
    return Preset(
        name=name, way="rule", kind=kind, parameters=fixed, example=values[-1], note_zh=zh, note_en=en,
        only_from=only_from, opposite=opposite,
    )  # fmt: skip


def _given(name: str, way: Way, place: str, zh: str, en: str, **more: str) -> Preset:
    """Whatever is no rule with parameters."""
    said = {"name": name, "way": way, "kind": place, "note_zh": zh, "note_en": en}
    return Preset.model_validate({"opposite": "none", "strength": "must", **said, **more})


def _relation(name: str, zh: str, en: str, **example: Any) -> Preset:
    scope = {"scope": {"requests": ["R1", "R2"]}}
    return _rule(name, "relation", zh, en, {"relation": name}, scope | example)


def _load(name: str, zh: str, en: str, **example: Any) -> Preset:
    return _rule(name, "load", zh, en, {"measure": name}, example)


EVENINGS = [{"days": ["MO", "TU", "WE", "TH", "FR"], "starts_from": "18:00"}]
SHOULD = {"strength": "should"}
BESIDE = [{"spaces": ["room1", "room2"]}]
MARKET = "tests/test_draw.py"
ALL_WEEK = {"days": [*WEEKDAYS], "starts": "00:00", "ends": "24:00"}

_STRENGTH = (
    _given("must", "data", "`strength` of a rule", "必须做到；做不到就无解，并指出冲突的规则",
           "it holds, or there is no timetable and the rules that collide are named", opposite="should", strength="—",
           tests="tests/constraints/test_availability.py"),
    _given("should", "data", "`strength` and `weight` of a rule", "尽量做到；每次不符合按权重计分",
           "each violation costs its weight in the stage `wishes`", opposite="must", strength="—",
           tests="tests/constraints/test_relations.py"),
)  # fmt: skip

_AVAILABILITY = (
    _rule("closed", "closed", "停用：某些日期里空间、楼层或场地关闭", "a space, floor or site is shut on some dates",
          {"spaces": ["hall"], "dates": ["2026-10-08"]}),
    _given("opening_hours", "data", "`hours` and `dated_hours` of a space", "每天若干开放时段，个别日期另定",
           "several intervals a day, with dated exceptions", opposite="closed", only_from="O M",
           tests="tests/constraints/test_availability.py"),
    _rule("typed_window", "typed_window", "某时段专供某些用途、申请方或等级", "in this window only these may be there",
          {"spaces": ["hall"], "days": ["MO", "TU"], "starts": "10:50", "ends": "13:00", "allows": {"uses": ["meal"]}},
          only_from="O R"),
    _rule("typed_window", "typed_window", "预留到某日，之后放开", "the release-back form: kept until a date, then free",
          {"spaces": ["hall"], "days": ["SA"], "starts": "08:00", "ends": "12:00", "allows": {"uses": ["class"]},
           "released_on": "2026-09-01"}, only_from="O R"),
    _given("capacity", "data", "`layouts` of a space", "人数不超过该布局的座位数",
           "the headcount is within the layout's places", opposite="min_occupancy",
           tests="tests/constraints/test_suitability.py"),
    _rule("min_occupancy", "limits", "人太少的不用大厅：人数至少占座位的几成",
          "a group fills at least so much of the places", {"spaces": ["hall"], "at_least_percent": 40},
          opposite="capacity"),
    _rule("suitability", "typed_window", "某空间只供某些用途或年龄段", "only these uses or age groups suit a space",
          ALL_WEEK, {"spaces": ["library"], "allows": {"uses": ["study"]}}),
    _given("features", "data", "`features` of a space and of a request", "所需设备、电梯等，空间都具备",
           "equipment, a lift and the like that a request needs", tests="tests/constraints/test_suitability.py"),
    _given("floors", "data", "`floor` of a space, `floors` of a request", "空间在申请可接受的楼层",
           "the space is on a floor that the request names", tests="tests/constraints/test_suitability.py"),
    _given("calendar", "data", "`calendars`, named by each series", "放假日与调休上班日",
           "days off and working weekends", only_from="M R",
           tests="tests/constraints/test_availability.py"),
    _given("clock_change", "built in", "clock_change", "夏令时跳过的钟点不能使用",
           "an hour that summer time skips is nobody's", tests="tests/constraints/test_availability.py"),
    _rule("horizon", "horizon", "本轮的起止日期", "first and last date of the round",
          {"first_date": "2026-09-07", "last_date": "2027-01-17"}),
    _rule("notice", "notice", "单次申请须提前公告", "a dated request is published so many days ahead",
          {"days": 15, "scope": {"uses": ["assembly"]}}),
    _rule("booking_horizon", "notice", "最早可提前多少天申请", "not asked for too early either",
          {"days": 3, "at_most_days": 60, "scope": {"uses": ["chess"]}}),
    _rule("start_grid", "limits", "开始时间取整", "starts on a grid", {"start_every": 30}, only_from="O M"),
    _rule("duration_limits", "limits", "每场时长的上下限", "shortest and longest session",
          {"at_least_minutes": 45, "at_most_minutes": 180}, only_from="O M"),
    _rule("offer", "offer", "产权方提供哪些时段、给多少人、谁保洁、到何时",
          "an owner gives hours of its hall: which, for how many, who cleans, until when",
          {"spaces": ["hall"], "hours": [{"days": ["SA"], "starts": "09:00", "ends": "17:00"}], "at_most_people": 80,
           "valid_until": "2026-12-31"}),
)  # fmt: skip

_SPACE = (
    _given("overlap", "built in", "overlap", "同一最小分区同时只有一场；组合空间连同其分区",
           "no two at once on an atomic part; wholes count as their parts", opposite="sharing",
           tests="tests/constraints/test_occupancy.py"),
    _rule("sharing", "sharing", "所列用途可同时使用，人数合计不超过座位", "named uses together, up to the seats",
          {"space": "library", "uses": ["study", "reading"], "layout": "desks", "seats": 40}),
    _rule("changeover", "changeover", "前后两场之间按转场表留出时间", "minutes between two uses, from a table", {}),
    _given("split_attendance", "data", "a space with `parts` (a combination)",
           "一场分在几处：组合空间的布局写合计座位数",
           "one session over several spaces: a combination whose layout holds the sum",
           only_from="M", tests="tests/constraints/test_occupancy.py"),
    _rule("pooled_resource", "pooled_resource", "同时开放的空间数", "rooms open at once",
          {"resource": "space_in_session"}, {"at_once": 6, "starts": "18:30", "ends": "24:00"}),
    _rule("pooled_resource", "pooled_resource", "同时换场的班组数", "conversion crews at work at once",
          {"resource": "conversion_crew"}, {"at_once": 2}),
    _rule("pooled_resource", "pooled_resource", "投影仪、千瓦、值班人员等的总量", "projectors, kW, staff: so many",
          {"resource": "amount"}, {"at_once": 2, "called": "投影仪", "amounts": [{"use": "class", "amount": 1}]}),
    _rule("noise", "noise", "安静时段里邻近空间的音量上限", "while this space is quiet, nothing loud next to it",
          {"quiet_space": "library", "days": ["SA", "SU"], "starts": "13:00", "ends": "17:00",
           "neighbours": ["room1"], "max_noise": 1}),
    _rule("curfew", "curfew", "扩音何时结束、何时清场", "when amplified sound ends, when all is cleared",
          {"spaces": ["square"], "amplified_from_noise": 2, "amplified_ends": "21:30", "cleared_by": "22:00"}),
    _rule("blocking", "typed_window", "为指定申请方预留", "a hold for named applicants",
          {"spaces": ["hall"], "dates": ["2026-10-17"], "starts": "13:00", "ends": "18:00",
           "allows": {"applicants": ["choir"]}}, only_from="O"),
)  # fmt: skip

_TIME = (
    _relation("same_start", "同一钟点开始", "same hour of beginning"),
    _relation("same_time", "时段互相包含", "the shorter within the hours of the longer"),
    _relation("different_time", "钟点不重叠，无论哪天", "hours that do not overlap, whatever the day"),
    _relation("same_days", "星期几相同（互相包含）", "one's weekdays among the other's"),
    _relation("different_days", "星期几不同", "no weekday in common"),
    _rule("different_days", "different_days", "同一申请的各场不在同一天", "sessions of a request on different weekdays",
          {"scope": {"priorities": ["P2"]}}),
    _relation("same_weeks", "周次相同（互相包含）", "one's weeks among the other's"),
    _relation("different_weeks", "周次不同", "no week in common"),
    _relation("overlap", "同时进行", "at one time"),
    _relation("not_overlap", "不同时进行", "never at one time"),
    _relation("precedence", "按所列先后", "in the order of the list"),
    _relation("consecutive", "前后相接", "one right after the other", minutes=15),
    _relation("days_between", "相隔几天", "so many days apart", at_least=2, at_most=3),
    _relation("min_gap", "同一天的至少间隔多久", "a gap on one day", minutes=60),
    _relation("work_day", "同一天首尾不超过多久", "the span of a day", minutes=480),
    _rule("linked", "choice", "要么全部安排，要么都不安排", "all of them or none",
          {"linked": True}, {"scope": {"requests": ["R1", "R2"]}}, opposite="mutually_exclusive"),
    _rule("at_most_k_of", "choice", "其中至多几份", "at most k of them",
          {"at_most": 2, "scope": {"requests": ["R1", "R2", "R3"]}}, opposite="linked"),
    _rule("mutually_exclusive", "choice", "其中至多一份", "at most one of them",
          {"at_most": 1}, {"scope": {"requests": ["R1", "R2"]}}, opposite="linked"),
)  # fmt: skip

_PLACE = (
    _relation("same_space", "同一空间", "one space for all"),
    _relation("different_space", "不同空间", "a space each"),
    _load("space_stability", "固定在一处", "a series keeps its room", each="request"),
    _relation("adjacent_spaces", "同一或相邻空间", "side by side", beside=BESIDE),
    _given("adjacent_spaces", "market", "`max_stalls` of a vendor", "摊主的几个摊位连在一排",
           "the stalls of a vendor lie side by side in one row", opposite="not_adjacent", tests=MARKET),
    _relation("not_adjacent", "同时的不相邻", "not side by side at one time", beside=BESIDE),
    _given("not_adjacent", "market", "rule `not_adjacent`", "同类摊位不相邻", "same goods not side by side",
           strength="must, should", opposite="adjacent_spaces", tests=MARKET),
    _relation("same_attendees", "同一批人能先后参加，含路上时间", "the same people can attend all"),
    _rule("same_attendees", "same_attendees", "每位老师、负责人不同时在两处", "nobody in two places at once",
          {"people": ["teacher"]}),
)  # fmt: skip

_LOAD = (
    _load("max_days", "至多占几天", "at most so many weekdays", each="person", at_most=3),
    _load("max_day_load", "每天合计时长上限", "at most so many minutes a day", each="person", minutes=300),
    _load("max_breaks", "每天中断次数上限", "at most so many breaks a day", each="person", at_most=1, gap_minutes=30),
    _load("max_block", "连续时长上限", "at most so long without a break", each="person", minutes=180, gap_minutes=15),
    _rule("max_hours", "load", "每天、每周、每月、每季合计时长上限", "at most so many hours in a period",
          {"measure": "max_minutes"}, {"each": "body", "minutes": 600, "per": "week"}),
    _load("min_working_days", "至少分在几天", "spread over at least so many weekdays", each="request", at_least=2),
    _load("compactness", "同一天的前后相接", "no session alone on its day", each="use"),
)  # fmt: skip

_RIGHTS = (
    _rule("quota", "quota", "每个主体每周（黄金时段）至多几场", "at most so many weekly sessions of a body",
          {"at_most": 2, "prime": EVENINGS, "scope": {"priorities": ["P4"]}}),
    _rule("quota", "load", "每天、每周、每月、每季至多几场次", "at most so many dates in a day, week, month or season",
          {"measure": "max_sessions"}, {"each": "body", "at_most": 4, "per": "month"}, only_from="O R"),
    _rule("quota", "load", "每天、每周、每月、每季至多多少分钟", "at most so many minutes in any of these periods",
          {"measure": "max_minutes"}, {"each": "priority", "minutes": 1200, "per": "week", "prime": EVENINGS},
          only_from="O R"),
    _rule("entitlement", "load", "每周应得多少分钟", "so many minutes are due", {"measure": "min_minutes"}, SHOULD,
          {"weight": 1, "each": "body", "minutes": 90, "unit_minutes": 30, "scope": {"bodies": ["elders"]}},
          only_from="R"),
    _rule("share_of_supply", "load", "某一等级至少占（黄金时段）已安排时长的百分之几",
          "at least p % of the minutes granted, in prime time or in all", {"measure": "share_of_supply"},
          {"percent": 40, "prime": EVENINGS, "scope": {"priorities": ["P2"]}}, only_from="R"),
    _given("category_cap", "market", "rule `category_cap`", "某类摊位至多几个", "at most k stalls of a trade",
           only_from="M R", tests=MARKET),
    _given("category_reserved", "market", "rule `category_reserved`, `trades` of a stall",
           "为某类预留摊位，没人要的放开", "stalls kept for a trade, then released", only_from="M R", tests=MARKET),
    _rule("date_loss", "date_loss", "系列的个别日期可让给谁", "to whom a series may lose a date",
          {"to": ["dated_request", "duty"]}),
    _given("priority_class", "data", "order of `priorities`", "等级的先后", "whose requests come first", only_from="R",
           strength="—", tests="tests/verify/test_world.py"),
    _rule("standing_claim", "pin", "上季的时段尽量保留；不写就没有此项权利",
          "last season's slot is kept where it can be; not written, there is no claim", SHOULD,
          {"weight": 50, "request": "R1", "slot": {"weekday": "TU", "starts": "19:00"}}),
    _given("seniority", "market", "`seniority_rank` of a vendor", "资历深的摊主先", "the longest there come first",
           strength="should", only_from="M R", tests=MARKET),
    _rule("newcomer_floor", "load", "给首次申请者留时长", "minutes for first-time applicants",
          {"measure": "min_minutes"}, SHOULD,
          {"weight": 1, "minutes": 240, "unit_minutes": 30, "scope": {"tags": ["newcomer"]}}, only_from="M R"),
    _rule("newcomer_floor", "load", "给首次申请者留份额", "a share for first-time applicants",
          {"measure": "share_of_supply"}, SHOULD,
          {"weight": 1, "percent": 10, "unit_minutes": 30, "scope": {"tags": ["newcomer"]}}, only_from="M R"),
    _rule("round_robin_growth", "growth", "人人先有一场，再加第二场", "nobody a second before everybody has a first",
          {"scope": {"uses": ["chess"]}}),
    _given("newcomer_floor", "data", "`policy.fairness.newcomer_sessions` with a `ledger`",
           "首次申请者先有一场，再比其他", "first-time applicants, known by the ledger, have so many sessions before "
           "others have more, as far as their class reaches", only_from="M R", strength="should",
           tests="tests/model/test_fairness.py"),
    _given("fair_share", "stage", "fairness", "各主体公平：缺得最多的先补，连同前几轮欠下的",
           "exact leximin over bodies, by levels of what each is short of, with what the `ledger` owes; what counts, "
           "and how much, is `policy.fairness`",
           only_from="R", strength="should", tests="tests/model/test_fairness.py"),
)  # fmt: skip

_CHANGE = (
    _rule("pin", "pin", "锁定申请或其中一场", "a request or one of its sessions is held",
          {"request": "R1", "slot": {"weekday": "TU", "starts": "19:00", "space": "hall"}}),
    _given("stability", "stage", "stability", "尽量少改动上一版；给出上一版时启用",
           "the fewest sessions of the previous timetable change; in force when one is given; how "
           "many people are affected does not yet count", strength="should", only_from="M",
           tests="tests/search/test_stability.py"),
    _load("spaces_open", "少开几处空间", "fewer rooms open", at_most=6),
    _load("sites_open", "少开几处场地", "fewer sites open", at_most=2),
    _given("idle_space", "data", "`policy.wishes.idle_space`", "闲置的空间也尽量用起来（与少开相反）",
           "points for each space that stands idle", opposite="spaces_open", strength="should",
           tests="tests/search/test_idle_spaces.py"),
    _rule("oversized_room", "limits", "尽量不占过大的空间", "rather no room that is far too big",
          SHOULD, {"weight": 5, "at_least_percent": 30}, opposite="capacity"),
    _load("useless_gap", "不留无用的短空当", "no gap too short to use", each="space", minutes=60),
)  # fmt: skip

GROUPS: dict[str, tuple[str, tuple[Preset, ...]]] = {
    "Strength": ("强度", _STRENGTH),
    "Availability": ("可用时间", _AVAILABILITY),
    "Space": ("空间", _SPACE),
    "Time relations between sessions": ("场次之间的时间关系", _TIME),
    "Place relations": ("场次之间的地点关系", _PLACE),
    "Load of a person, applicant, use or space": ("人员、申请方、用途、空间的负荷", _LOAD),
    "Rights and shares": ("权利与份额", _RIGHTS),
    "Change and waste": ("变动与浪费", _CHANGE),
}
"""Title -> its Chinese, and the names."""

PRESETS: tuple[Preset, ...] = tuple(chain.from_iterable(presets for _, presets in GROUPS.values()))

ITC2019: dict[str, tuple[str, str]] = {
    "SameStart": ("same_start", ""),
    "SameTime": ("same_time", ""),
    "DifferentTime": ("different_time", ""),
    "SameDays": ("same_days", ""),
    "DifferentDays": ("different_days", ""),
    "SameWeeks": ("same_weeks", ""),
    "DifferentWeeks": ("different_weeks", ""),
    "Overlap": ("overlap", ""),
    "NotOverlap": ("not_overlap", ""),
    "SameRoom": ("same_space", ""),
    "DifferentRoom": ("different_space", ""),
    "SameAttendees": ("same_attendees", ""),
    "Precedence": ("precedence", ""),
    "WorkDay": ("work_day", "S = `minutes`"),
    "MinGap": ("min_gap", "G = `minutes`"),
    "MaxDays": ("max_days", "D = `at_most`"),
    "MaxDayLoad": ("max_day_load", "S = `minutes`; `unit_minutes` is one of its slots, 5"),
    "MaxBreaks": ("max_breaks", "R = `at_most`, S = `gap_minutes`"),
    "MaxBlock": ("max_block", "M = `minutes`, S = `gap_minutes`"),
}
"""The distribution types of ITC-2019 -> the relation or measure, and its parameters."""

CALLED = Names(
    {
        "hall": ("礼堂", "the hall"),
        "library": ("阅览室", "the library"),
        "room1": ("教室一", "room 1"),
        "room2": ("教室二", "room 2"),
        "square": ("广场", "the square"),
        "desks": ("书桌", "desks"),
        "meal": ("助餐", "meals"),
        "class": ("课程", "classes"),
        "study": ("自习", "study"),
        "reading": ("阅览", "reading"),
        "chess": ("棋牌", "chess"),
        "assembly": ("业主大会", "owners' assemblies"),
        "choir": ("合唱团", "the choir"),
        "elders": ("老年协会", "the elders' society"),
        "teacher": ("王老师", "the teacher"),
        "newcomer": ("首次申请者", "first-time applicants"),
        "R1": ("太极课", "tai chi"),
        "R2": ("书法课", "calligraphy"),
        "R3": ("舞蹈课", "dance"),
        "P2": ("公益服务", "public service"),
        "P4": ("会员社团", "members' clubs"),
    }
)
"""What the identities of the examples are called."""
