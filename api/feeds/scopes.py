"""Which bookings belong in which calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from api.feeds.release import Entry, Named, Release, SpaceInfo

MARKET_SCOPES = ("vendors", "markets")
"""Calendars of a market's own round; a release does not touch them."""
SCOPES = ("spaces", "sites", "uses", "applicants", "requests", "community")
"""The scopes of calendar addresses. They live for years: later ones are added, none is renamed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A booking as one calendar shows it; `moved_to` is set where it left this calendar's space."""

    entry: Entry
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """One address with what it shows, in order of time."""

    scope: str
    id: str
    zh: str
    en: str
    shown: tuple[Shown, ...]


class Directory:
    """The names of a release by id.

    What a release no longer names (an old cancelled booking's) is called by its id.
    """

    def __init__(self, release: Release) -> None:
        self._spaces = {space.id: space for space in release.spaces}
        self._sites = {site.id: site for site in release.sites}
        self._uses = {use.id: use for use in release.uses}
        self._applicants = {applicant.id: applicant for applicant in release.applicants}

    def space(self, space_id: str) -> SpaceInfo:
        """The space with this id."""
        return self._spaces.get(space_id) or SpaceInfo(space_id, space_id, "", "", 0, (space_id,), 0)

    def site(self, site_id: str) -> Named:
        """The site with this id; nameless where there is none."""
        return self._sites.get(site_id) or Named(site_id, "")

    def use(self, use_id: str) -> Named:
        """The use with this id."""
        return self._uses.get(use_id) or Named(use_id, use_id)

    def applicant(self, applicant_id: str) -> Named:
        """The applicant with this id."""
        return self._applicants.get(applicant_id) or Named(applicant_id, applicant_id)


def calendars(release: Release) -> Iterator[Calendar]:
    """All calendars of a release, empty ones too: an address that exists answers.

    A space shows whatever occupies one of its atomic parts, so a classroom shows what is on in the
    combination that it is half of. A booking that moved out of a space or site is shown there as cancelled.
    """
    for space in release.spaces:
        atoms = frozenset(space.atoms)
        touching = {other.id for other in release.spaces if atoms & set(other.atoms)} | {space.id}
        yield _of_spaces(release, "spaces", space, touching)
    for site in release.sites:
        inside = {space.id for space in release.spaces if space.site == site.id}
        yield _of_spaces(release, "sites", site, inside)
    for scope, named, field in (
        ("uses", release.uses, "use"),
        ("applicants", release.applicants, "applicant"),
        ("requests", release.requests, "request"),
    ):
        by_id: dict[str, list[Shown]] = {}
        for entry in release.entries:
            by_id.setdefault(getattr(entry, field), []).append(Shown(entry))
        for each in named:
            yield Calendar(scope, each.id, each.zh, each.en, _in_order(by_id.get(each.id, [])))
    community = release.community
    everything = _in_order([Shown(entry) for entry in release.entries])
    yield Calendar("community", community.id, community.zh, community.en, everything)


def _of_spaces(release: Release, scope: str, of: SpaceInfo | Named, spaces: set[str]) -> Calendar:
    shown = []
    for entry in release.entries:
        left = entry.left
        if entry.space in spaces:
            shown.append(Shown(entry))
        elif left is not None and left.space in spaces:
            there = replace(entry, status="cancelled", space=left.space, starts=left.starts, ends=left.ends, left=None)
            shown.append(Shown(there, "" if entry.status == "cancelled" else entry.space))
    return Calendar(scope, of.id, of.zh, of.en, _in_order(shown))


def _in_order(shown: list[Shown]) -> tuple[Shown, ...]:
    """By time, so that the same bookings give the same bytes in whatever order a release lists them."""
    return tuple(sorted(shown, key=lambda each: (each.entry.starts, each.entry.space, each.entry.uid)))
