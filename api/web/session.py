"""Sign-in of the manager's desk: a signed cookie, and a token in every form against forged posts.

The cookie says who signed in and the number of their sessions at that time: with a new password, or when somebody is
no longer active, the number moves on and what was begun before is over. The key is drawn from the service's secret and
its token, so that to change the token signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from api.settings import Settings

COOKIE = "gongshi_desk"
TOKEN, OPEN = "token", "open"
LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Session:
    """Who is at the desk.

    Attributes:
        cookie: its value.
        form_token: the token that its forms carry.
        who: the id of a person; or how they came in: by the service's `token`, or through the `open` door.
        number: of the person's sessions, when this one began.
    """

    cookie: str
    form_token: str
    who: str
    number: int


class Sessions:
    """Makes and reads sessions."""

    def __init__(self, settings: Settings) -> None:
        token = settings.api_token.get_secret_value().encode() if settings.api_token else None
        self.needed = not settings.open_door
        self._token = token
        self._key = hashlib.sha256(b"gongshi desk" + settings.secret() + (token or b"")).digest()

    def knows(self, token: str) -> bool:
        """Whether this is the service's token."""
        return self._token is not None and hmac.compare_digest(token.strip().encode(), self._token)

    def begin(self, now: datetime, who: str = OPEN, number: int = 0) -> Session:
        """A new session."""
        body = f"{int((now + LASTS).timestamp())}.{secrets.token_hex(16)}.{who}.{number}"
        return self._of(f"{body}.{self._signed('session', body)}")

    def read(self, cookie: str | None, now: datetime) -> Session | None:
        """The session of a cookie; None when it is missing, forged or over, or the door was open then and is not."""
        body, _, signature = (cookie or "").rpartition(".")
        if not body or not hmac.compare_digest(signature.encode(), self._signed("session", body).encode()):
            return None
        session = self._of(cookie or "")
        lasts = int(body.partition(".")[0]) > now.timestamp()
        return session if lasts and not (self.needed and session.who == OPEN) else None

    def _of(self, cookie: str) -> Session:
        _ends, _nonce, who, number, _signature = cookie.split(".")
        return Session(cookie, self._signed("form", cookie), who, int(number))

    def _signed(self, what: str, text: str) -> str:
        return hmac.new(self._key, f"{what}|{text}".encode(), hashlib.sha256).hexdigest()


def is_ours(session: Session, form_token: str, origin: str | None, host: str) -> bool:
    """Whether a post comes from a form of our own: its token, and the browser's word where it gives one."""
    if origin not in (None, "") and urlsplit(origin or "").netloc != host:
        return False
    return hmac.compare_digest(form_token.encode(), session.form_token.encode())
