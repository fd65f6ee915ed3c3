"""Names in the language of the page, and the addresses of its links."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

import segno
from markupsafe import Markup

from api.feeds.header import feed_url
from api.feeds.release import Named, Release, SpaceInfo
from api.feeds.scopes import Directory
from api.web.words import LANGUAGES, WORDS


@dataclass(frozen=True, slots=True)
class Text:
    """Words from a release; `lang` is set where they are not in the page's language."""

    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """The ways to one calendar."""

    name: Text
    page: str
    https: str
    webcal: str
    filename: str
    qr: Markup


class Site:
    """What every part of one page needs: a release, a language, names and addresses."""

    def __init__(self, release: Release, lang: str) -> None:
        self.release = release
        self.lang = lang
        self.names = Directory(release)
        self._root = root_of(release.base_url)

    def word(self, key: str, **values: object) -> str:
        """One of the page's own words."""
        return WORDS[self.lang][key].format(**values)

    def name(self, of: Named | SpaceInfo) -> Text:
        """The name in the page's language where there is one, in Chinese otherwise."""
        return name_in(of, self.lang)

    def floor(self, space: SpaceInfo) -> str:
        """2楼, Floor 2; nothing for what is outside."""
        if space.floor == 0:
            return ""
        return self.word("floor" if space.floor > 0 else "basement", floor=abs(space.floor))

    def static(self, name: str) -> str:
        """Address of a file of `static/`, below the service's own path."""
        return static(self._root, name)

    def link(self, path: str = "", **query: str) -> str:
        """An address below the community's page; it always carries the language, so that a choice is kept."""
        return f"{self._root}/c/{self.release.community.id}/{path}?{urlencode({**query, 'lang': self.lang})}"

    def calendar_page(self, scope: str, feed_id: str) -> str:
        """The page of one calendar; the community's own is the page of the week."""
        return self.link() if scope == "community" else self.link(f"{scope}/{quote(feed_id, safe='+@')}")

    def subscription(self, scope: str, of: Named | SpaceInfo) -> Subscription:
        """The ways to subscribe to one calendar.

        The QR code leads to the page, not to the calendar: most people scan with WeChat, which opens no
        calendar but shows the page, and the page says what to do.
        """
        https = feed_url(self.release, scope, of.id)
        page = self.calendar_page(scope, of.id)
        absolute = self.release.base_url.rstrip("/").removesuffix(self._root) + page
        return Subscription(
            self.name(of), page, https, f"webcal:{https.partition(':')[2]}", f"{of.zh}.ics", _qr(absolute)
        )


def name_in(of: Named | SpaceInfo, lang: str) -> Text:
    """A name in a language where there is one, in Chinese otherwise."""
    if lang == "zh":
        return Text(of.zh)
    return Text(of.en) if of.en else Text(of.zh, LANGUAGES["zh"])


def root_of(base_url: str) -> str:
    """The service's own path, below which all its addresses are; mostly nothing."""
    return urlsplit(base_url).path.rstrip("/")


def static(root: str, name: str) -> str:
    """Address of a file of `static/`."""
    return f"{root}/static/{name}"


@lru_cache(maxsize=2048)
def _qr(url: str) -> Markup:
    """A QR code as SVG without style or size: the page's own style sheet may be the only one."""
    code = segno.make(url, error="m", micro=False)
    # The drawing is made of numbers alone: nothing of the address is written in it.
    return Markup(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None, light="#fff"))  # noqa: S704
