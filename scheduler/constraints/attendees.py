"""People cannot be in two places."""

from __future__ import annotations

from typing import Literal

from scheduler.constraints.terms import ConstraintBase, DatedRule, Id, Names, Sentence


class SameAttendees(DatedRule):
    """Bookings that need the same person do not overlap, with the way between sites in between.

    For two bookings a before b that name one person: b.starts - a.ends >= travel(site of a, site of b), 0 within a
    site. `people` limits the rule to some; none named: everyone. Validity dates speak of bookings
    that both have such a date of their own. Opposite: same_time. Source: by-law, clause 13.
    """

    kind: Literal["same_attendees"] = "same_attendees"
    people: tuple[Id, ...] = ()

    def words(self, names: Names) -> Sentence:
        who_zh, who_en = names.zh(*self.people), names.en(*self.people)
        return Sentence(
            zh=f"同一位老师或负责人{f'（{who_zh}）' if who_zh else ''}不能同时出现在两处，跨场地须留出路上时间",
            en=(
                f"one person{f' ({who_en})' if who_en else ''} cannot be in two places at once; "
                "travel between sites counts"
            ),
        )


KINDS: dict[str, type[ConstraintBase] | None] = {"same_attendees": SameAttendees}
