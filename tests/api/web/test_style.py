"""The style sheet holds what accessibility needs, and asks for nothing from outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "api" / "web" / "static" / "gongshi.css").read_text("utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
PAIRS = [
    ("ink", "ground"), ("ink", "card"), ("ink", "today"), ("soft", "ground"), ("soft", "card"), ("soft", "today"),
    ("accent", "ground"), ("accent", "card"), ("accent", "accent-ground"), ("ink", "accent-ground"),
    ("on-accent", "accent"), ("today-ink", "today"), ("gone", "gone-ground"),
]  # fmt: skip


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_contrast_is_at_least_4_5_to_1(scheme: str, ink: str, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.3."""
    colours = LIGHT if scheme == "light" else DARK
    brighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
    assert (brighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_colour_is_named_once_and_has_its_dark_one() -> None:
    assert LIGHT.keys() == DARK.keys()
    outside = CSS.replace(CSS[CSS.index(":root") : CSS.index(":lang(en)")], "")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", outside) == []


def test_nothing_comes_from_outside() -> None:
    assert re.findall(r"url\(|@import|https?:", CSS) == []


def test_large_letters_on_a_small_screen_keep_words_whole() -> None:
    """WCAG 2.2, 1.4.4 and 1.4.10: in a media query an em is the reader's own letter size, so 360 pixels are few."""
    [narrow] = re.findall(r"@media \(max-width: (\d+)em\) \{(.*?)\n\}", CSS, re.DOTALL)
    assert 360 / 32 < 360 / 24 < int(narrow[0]) < 320 / 16
    assert re.search(r"\.item[^{]*\{ grid-template-columns: 1fr;", narrow[1])
    assert re.search(r"\.chips ol \{ grid-template-columns: repeat\([1-4], 1fr\);", narrow[1])
    assert re.search(r"\.bar \{[^}]*flex-wrap: wrap", CSS)
