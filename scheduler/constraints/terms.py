"""The terms in which everything is said: identities, weekdays, clock times, scopes, sentences.

Schemas validate and never transform. A clock time therefore stays the text that was written; the model and the
verifier each turn it into minutes with code of their own, so that a slip in one is seen by the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

Date = date
"""A date; by this name a field called `date` does not hide its own type."""

Id = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+@-]{0,63}$",
        description="Identity within the community: ASCII letters, digits and _ . + @ -, at most 64.",
    ),
]
Text = Annotated[str, Field(max_length=2000, description="Free text for people.")]
Name = Annotated[str, Field(min_length=1, max_length=200, description="A name for people.")]
Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WEEKDAYS: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Clock = Annotated[
    str,
    Field(
        pattern=r"^([0-3]\d|4[0-7]):[0-5]\d$",
        description=(
            "Wall clock of the community, HH:MM. A time after midnight that belongs to the evening before "
            "goes on counting: 00:30 on the next morning is 24:30."
        ),
    ),
]
Minutes = Annotated[int, Field(ge=0, le=2880, description="Whole minutes.")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Entity(BaseModel):
    """A piece of data: immutable, no unknown fields, no coercion of one type into another."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Sentence(Entity):
    """One statement for people, in both languages of the service."""

    zh: str
    en: str


class Scope(Entity):
    """Which bookings a rule speaks of: whose, for what, and where.

    Fields are joined by "and", the entries of one field by "or"; an empty field sets no limit, so the empty scope
    is everything. `any_of` joins whole scopes by "or", `none_of` says "not". A booking is in a space of `spaces` when
    it occupies an atomic part of one; of `sites` when its space is on one.
    """

    requests: tuple[Id, ...] = ()
    applicants: tuple[Id, ...] = ()
    bodies: tuple[Id, ...] = ()
    priorities: tuple[Id, ...] = ()
    uses: tuple[Id, ...] = ()
    tags: tuple[Id, ...] = Field(default=(), description="The request carries at least one of these tags.")
    without_tags: tuple[Id, ...] = Field(default=(), description="The request carries none of these tags.")
    spaces: tuple[Id, ...] = Field(default=(), description="Where it is booked: a part of one of these.")
    sites: tuple[Id, ...] = ()
    any_of: tuple[Scope, ...] = Field(default=(), description="At least one of these scopes speaks of it as well.")
    none_of: tuple[Scope, ...] = Field(default=(), description="None of these scopes speaks of it.")


class Names:
    """What identities are called in both languages; one that has no name is called by itself."""

    def __init__(self, named: Mapping[str, tuple[str, str]]) -> None:
        self._named = named

    def zh(self, *ids: str) -> str:
        """Chinese names, joined as Chinese text joins them."""
        return "、".join(self._named.get(i, (i, i))[0] or i for i in ids)

    def en(self, *ids: str) -> str:
        """English names, joined by commas."""
        return ", ".join(self._named.get(i, (i, i))[1] or i for i in ids)


UNNAMED = Names({})


class ConstraintBase(Entity):
    """What every rule carries beside the parameters of its kind."""

    kind: str
    id: Id
    strength: Literal["must", "should"] = Field(default="must", description="What kinds may be is said by the kind.")
    weight: Count = Field(default=0, description="Of `should`: points of the stage `wishes` for each violation.")
    source: Annotated[str, Field(min_length=1, max_length=500, description="By-law, notice or minute it rests on.")]
    author: Text = ""
    version: Annotated[int, Field(ge=1)] = 1

    only_from: ClassVar[str] = "O M R"
    """Who may submit the kind: O operator or owner, M manager, R regulator."""
    strengths: ClassVar[tuple[str, ...]] = ("must",)
    """What the kind may be: `must`, `should`, or either."""

    def ought(self) -> Sentence:
        """What a sentence of a rule that only should hold says of that; nothing of one that must."""
        return Sentence(zh="尽量", en="(wish) ") if self.strength == "should" else Sentence(zh="", en="")

    def sentence(self, names: Names = UNNAMED) -> Sentence:
        """The rule as it is published, made from its parameters, with `names` for the identities in it."""
        return self.words(names)

    def words(self, names: Names) -> Sentence:
        """What the parameters of the kind say: the sentence but for its dates."""
        raise NotImplementedError


class DatedRule(ConstraintBase):
    """A rule that can be limited to dates: it speaks of what happens on these, both ends included, and of nothing else.

    What happens on a date is said by the kind: a booking (of its own date), or a session (of the dates of its slot).
    """

    valid_from: Date | None = Field(default=None, description="First date on which the rule holds; none: always.")
    valid_until: Date | None = Field(default=None, description="Last date on which the rule holds; none: always.")

    def sentence(self, names: Names = UNNAMED) -> Sentence:
        """The words, with the dates on which they hold."""
        words, first, last = self.words(names), self.valid_from, self.valid_until
        if first is None and last is None:
            return words
        zh = " ".join([f"自 {first}"] * (first is not None) + [f"至 {last}"] * (last is not None))
        en = " ".join([f"from {first}"] * (first is not None) + [f"until {last}"] * (last is not None))
        return Sentence(zh=f"{words.zh}（{zh}）", en=f"{words.en} ({en})")


class ScopedRule(DatedRule):
    """A rule that can be limited to some requests."""

    scope: Scope = Scope()


class OccurrenceRule(ScopedRule):
    """A rule about single occurrences: each is judged by itself, on its own date."""


DAY_ZH: dict[str, str] = dict(zip(WEEKDAYS, "一二三四五六日", strict=True))
DAY_EN: dict[str, str] = dict(zip(WEEKDAYS, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True))


def days_zh(days: tuple[Weekday, ...]) -> str:
    """Weekdays as a community notice writes them: 每天, or 周一、周三."""
    return "每天" if len(set(days)) == 7 else "、".join("周" + DAY_ZH[d] for d in days)


def days_en(days: tuple[Weekday, ...]) -> str:
    """Weekdays in English: "every day", or "Mon, Wed"."""
    return "every day" if len(set(days)) == 7 else ", ".join(DAY_EN[d] for d in days)
