"""The plan of a market as a picture: rows of stalls, who stands where on each night, power, water, the gaps between.

Pure: a market and its places in, an SVG out; the same places give the same bytes.
"""

from __future__ import annotations

from html import escape

from scheduler.constraints.terms import DAY_ZH, Weekday
from scheduler.problem import Market, Stall, Vendor
from scheduler.timetable import MarketDraw

WIDTH, HEIGHT, GAP, MARGIN, HEAD = 92, 74, 10, 24, 86
"""Of a stall, between rows and around the picture, in user units (pixels at 100 %)."""
COLOURS = ("#fde2cf", "#d9e8f6", "#dcefd8", "#f4e3f1", "#fff3c4", "#dff3f1", "#eadfd3", "#e7e7f5")
"""One for each trade, light enough for black letters on paper."""


def plan_svg(market: Market, drawn: MarketDraw, night: Weekday, title: str) -> str:
    """The square on one night. Trades are told by colour and by name, so that a black and white print can be read.

    Args:
        market: its stalls, vendors and fee.
        drawn: the month's places.
        night: of the week's pattern.
        title: above the picture, such as the market's name.
    """
    rows = _rows(market)
    columns = max((stall.no - row[0].no + 1 for row in rows for stall in row), default=1)
    width = 2 * MARGIN + max(columns * WIDTH, 420)
    height = HEAD + len(rows) * (HEIGHT + 3 * GAP) + 64 + MARGIN
    vendors = {vendor.id: vendor for vendor in market.vendors}
    on = {no: vendors[p.vendor] for p in drawn.pitches if p.night == night for no in p.stalls}
    trades = list(dict.fromkeys(vendor.category for vendor in market.vendors))
    told = f"{title} · {drawn.month} · 周{DAY_ZH[night]}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" lang="zh-CN"'
        ' font-family="sans-serif" font-size="13">',
        f"<title>{escape(told)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="34" font-size="20" font-weight="bold">{escape(told)}</text>',
        f'<text x="{MARGIN}" y="60" fill="#444">{escape(_fee(market))}　⚡ 有电　💧 有水</text>',
    ]
    for place, row in enumerate(rows):
        top = HEAD + place * (HEIGHT + 3 * GAP)
        for stall in row:
            left = MARGIN + (stall.no - row[0].no) * WIDTH
            parts += _stall(stall, left, top, on.get(stall.no), trades)
    parts += _legend(trades, HEAD + len(rows) * (HEIGHT + 3 * GAP) + 18, width)
    return "\n".join([*parts, "</svg>", ""])


def _rows(market: Market) -> list[list[Stall]]:
    rows: dict[int, list[Stall]] = {}
    for stall in sorted(market.stalls, key=lambda each: (each.row, each.no)):
        rows.setdefault(stall.row, []).append(stall)
    return list(rows.values())


def _fee(market: Market) -> str:
    fee = market.pitch_fee
    free = f"，{'、'.join(fee.free_for)}免费" if fee.free_for else ""
    unit = {"CNY": "元"}.get(fee.currency, f" {fee.currency}")
    return f"摊位费每摊每晚 {fee.amount}{unit}{free}（只公示，本系统不收费）"


def _stall(stall: Stall, left: int, top: int, vendor: Vendor | None, trades: list[str]) -> list[str]:
    fill = COLOURS[trades.index(vendor.category) % len(COLOURS)] if vendor else "#ddd" if stall.blocked else "#fff"
    marks = ("⚡" if stall.powered else "") + ("💧" if stall.water else "")
    name = "不设摊" if stall.blocked else (vendor.goods or vendor.id) if vendor else "空"
    lines = [
        f'<g id="stall-{stall.no}">',
        f'<rect x="{left + 2}" y="{top}" width="{WIDTH - 4}" height="{HEIGHT}" rx="4" fill="{fill}" stroke="#555"/>',
        f'<text x="{left + 8}" y="{top + 17}" font-size="12" fill="#444">{stall.no} {marks}</text>',
        f'<text x="{left + 8}" y="{top + 40}">{escape(_short(name))}</text>',
    ]
    if vendor:
        lines.append(f'<text x="{left + 8}" y="{top + 60}" font-size="11" fill="#444">{escape(vendor.category)}</text>')
    return [*lines, "</g>"]


def _short(name: str) -> str:
    return name if len(name) <= 6 else f"{name[:5]}…"


def _legend(trades: list[str], top: int, width: int) -> list[str]:
    lines, left = [], MARGIN
    for place, trade in enumerate(trades):
        wide = 36 + 14 * len(trade)
        if left + wide > width - MARGIN:
            left, top = MARGIN, top + 24
        lines.append(
            f'<rect x="{left}" y="{top}" width="16" height="16" fill="{COLOURS[place % len(COLOURS)]}" stroke="#555"/>'
            f'<text x="{left + 22}" y="{top + 13}">{escape(trade)}</text>'
        )
        left += wide
    return lines
