from __future__ import annotations

import pytest

from api.web.language import preferred


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, None, "zh"),
        (None, "", "zh"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en;q=0.5, zh-TW;q=0.8", "zh"),
        (None, "fr, en;q=0.3", "en"),
        (None, "ru", "zh"),
        (None, "en;q=0", "zh"),
        (None, "en;q=x", "zh"),
        (None, "EN", "en"),
        (None, "en, zh", "en"),
        ("en", "zh-CN", "en"),
        ("zh", "en", "zh"),
        ("de", "en", "en"),
        ("", "en", "en"),
    ],
)
def test_preferred(asked: str | None, accepted: str | None, language: str) -> None:
    assert preferred(asked, accepted) == language
