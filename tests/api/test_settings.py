"""Every setting is explained where people look for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings

DOCS = (Path(__file__).parents[2] / "docs" / "service.md").read_text()


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_a_setting_is_documented(name: str) -> None:
    assert f"`GONGSHI_{name.upper()}`" in DOCS


def test_the_public_address_is_one_that_a_browser_can_open() -> None:
    assert Settings(host="0.0.0.0", port=80).public == "http://127.0.0.1:80"  # noqa: S104 - compared, not bound
    assert Settings(base_url="https://example.org/").public == "https://example.org"
