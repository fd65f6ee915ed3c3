"""What the desk says of a round's publicity: until when, who objected, what was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from api.flow.publicity import MOST_DAYS
from api.store import publicity

USUAL_DAYS = 7


def until(ends_at: datetime, zone: ZoneInfo) -> str:
    """The end as people say it: the midnight that ends a day belongs to that day."""
    local = ends_at.astimezone(zone)
    last = local.toordinal() - (1 if (local.hour, local.minute) == (0, 0) else 0)
    day = datetime.fromordinal(last)
    return f"{day.year}年{day.month}月{day.day}日" + ("" if last != local.toordinal() else f" {local:%H:%M}")


def shown_at_the_desk(tx: sa.Connection, community: str, round: str, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """What the desk's proposal page says of a round's publicity."""
    rows = publicity.publicities(tx, community, round=round)
    last = rows[0] if rows else None
    said = [
        {
            "id": each.id,
            "author": each.author or "未署名",
            "at": each.at.astimezone(zone).strftime("%m-%d %H:%M"),
            "text": each.text,
            "answer": each.answer,
        }
        for each in publicity.objections(tx, community, round)
    ]
    return {
        "id": last.id if last else "",
        "proposal": last.proposal if last else "",
        "runs": last is not None and now < last.ends_at,
        "until": until(last.ends_at, zone) if last else "",
        "objections": said,
        "most_days": MOST_DAYS,
        "usual_days": USUAL_DAYS,
    }
