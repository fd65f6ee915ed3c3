"""Pages as pure functions: (release, dates, language) -> HTML. No clock, no queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from api.feeds.header import as_of as day_of_release
from api.feeds.release import Named, Release, SpaceInfo
from api.feeds.scopes import Shown, calendars
from api.web.dates import long_day, monday_of, week_label
from api.web.names import Site, Subscription, name_in, root_of, static
from api.web.view import Week
from api.web.words import LANGUAGES, WORDS


@dataclass(frozen=True, slots=True)
class Weeks:
    """Links from week to week; none where the plan ends."""

    label: str
    previous: str | None
    following: str | None
    home: str | None
    home_word: str


def render_week(release: Release, *, today: date, as_of: date | None, lang: str) -> str:
    """The community's week, by day on a phone and by room on a wide screen.

    Args:
        release: the release in force.
        today: the date in the community's zone.
        as_of: the date to look at. None: today, or the season's first date when today lies outside it.
        lang: "zh" or "en".
    """
    site = Site(release, lang)
    selected = _selected(release, today, as_of)
    week = Week(site, selected, today)
    return _page(
        site,
        "week.html",
        selected=selected,
        days=week.days(),
        rows=week.rows(),
        weeks=_weeks(site, selected, today, ""),
        all_rooms=site.subscription("community", release.community),
        rooms=[site.subscription("spaces", space) for space in _in_order(release)],
        others=[
            ("by_site", [(site.name(each), site.calendar_page("sites", each.id)) for each in release.sites]),
            ("by_use", [(site.name(each), site.calendar_page("uses", each.id)) for each in release.uses]),
            (
                "by_applicant",
                [(site.name(each), site.calendar_page("applicants", each.id)) for each in release.applicants],
            ),
        ],
    )


def render_calendar(
    release: Release, scope: str, feed_id: str, *, today: date, as_of: date | None, lang: str
) -> str | None:
    """The page of one calendar: how to subscribe, and its week. None where there is no such calendar."""
    site = Site(release, lang)
    selected = _selected(release, today, as_of)
    week = Week(site, selected, today)
    # All calendars of one week's bookings: a tenth of the work of a season's.
    found = next((each for each in calendars(week.release) if (each.scope, each.id) == (scope, feed_id)), None)
    if found is None:
        return None
    path = f"{scope}/{feed_id}"
    of = Named(found.id, found.zh, found.en)
    return _page(
        site,
        "calendar.html",
        selected=selected,
        name=site.name(of),
        days=week.days(found.shown, path=path),
        weeks=_weeks(site, selected, today, path),
        subscription=site.subscription(scope, of),
        with_place=scope != "spaces" or len(site.names.space(feed_id).atoms) > 1,
    )


def render_booking(release: Release, uid: str, *, today: date, lang: str) -> str | None:
    """The page of one booking, to which its event in every calendar leads.

    None where the release has no such one.
    """
    entry = next((each for each in release.entries if each.uid == uid), None)
    if entry is None:
        return None
    site = Site(release, lang)
    starts = entry.starts.astimezone(ZoneInfo(release.zone)).date()
    week = Week(site, starts, today)
    day = next(each for each in week.days([Shown(entry)]) if each.date == starts)
    space, use, applicant = (
        site.names.space(entry.space),
        site.names.use(entry.use),
        site.names.applicant(entry.applicant),
    )
    return _page(
        site,
        "booking.html",
        selected=starts,
        item=week.item(Shown(entry)),
        day=day,
        site_name=site.name(site.names.site(space.site)),
        links=[
            (site.name(space), site.calendar_page("spaces", space.id)),
            (site.name(use), site.calendar_page("uses", use.id)),
            (site.name(applicant), site.calendar_page("applicants", applicant.id)),
        ],
    )


def render_home(communities: Sequence[Named], *, base_url: str, lang: str) -> str:
    """The page at the root: the communities that have a release, in the order given."""
    root = root_of(base_url)
    return (
        _environment()
        .get_template("home.html")
        .render(
            lang=lang,
            lang_attribute=LANGUAGES[lang],
            css=static(root, "gongshi.css"),
            words=WORDS[lang],
            communities=[(name_in(each, lang), f"{root}/c/{each.id}/?lang={lang}") for each in communities],
        )
    )


def render_desk(template: str, *, community: str, base_url: str, **values: object) -> str:
    """A page of the manager's desk, in Chinese; `values` are what its template names."""
    root = root_of(base_url)
    return (
        _environment()
        .get_template(f"desk/{template}")
        .render(
            lang_attribute=LANGUAGES["zh"],
            css=static(root, "gongshi.css"),
            public=f"{root}/c/{community}/",
            here=f"{root}/c/{community}/desk",
            **values,
        )
    )


def render_message(what: str, *, lang: str, css: str = "/static/gongshi.css") -> str:
    """A page that only says something: `not_found` or `bad_date`."""
    words = WORDS[lang]
    return (
        _environment()
        .get_template("message.html")
        .render(lang_attribute=LANGUAGES[lang], css=css, heading=words[what], sentence=words[f"{what}_why"])
    )


def _page(site: Site, template: str, *, selected: date, **values: object) -> str:
    release, lang = site.release, site.lang
    return (
        _environment()
        .get_template(template)
        .render(
            site=site,
            lang=lang,
            lang_attribute=LANGUAGES[lang],
            word=site.word,
            css=site.static("gongshi.css"),
            community=site.name(release.community),
            as_of=site.word("as_of", day=long_day(day_of_release(release), lang), number=release.number),
            season=site.word(
                "season", first=long_day(release.first_date, lang), last=long_day(release.last_date, lang)
            ),
            selected=selected.isoformat(),
            **values,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("api.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _selected(release: Release, today: date, as_of: date | None) -> date:
    """The date to look at, never outside what the release covers."""
    first, last = _covered(release)
    if as_of is not None:
        return min(max(as_of, first), last)
    return today if first <= today <= last else release.first_date


def _covered(release: Release) -> tuple[date, date]:
    """The season, and what is booked before or after it."""
    clock = ZoneInfo(release.zone)
    booked = [entry.starts.astimezone(clock).date() for entry in release.entries]
    return min([release.first_date, *booked]), max([release.last_date, *booked])


def _weeks(site: Site, selected: date, today: date, path: str) -> Weeks:
    first, last = _covered(site.release)
    monday = monday_of(selected)
    before, after = monday - timedelta(days=7), monday + timedelta(days=7)
    in_plan = first <= today <= last
    home = today if in_plan else site.release.first_date
    return Weeks(
        label=week_label(monday, site.lang),
        previous=site.link(path, as_of=before.isoformat()) if before >= monday_of(first) else None,
        following=site.link(path, as_of=after.isoformat()) if after <= last else None,
        home=site.link(path) if monday_of(home) != monday else None,
        home_word="this_week" if in_plan else "season_start",
    )


def _in_order(release: Release) -> list[SpaceInfo]:
    return sorted(release.spaces, key=lambda space: (space.order, space.id))


__all__ = ["Subscription", "render_booking", "render_calendar", "render_home", "render_message", "render_week"]
