"""One-time codes: sent to the address of a person by whatever sends, good once and for ten minutes."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from api.errors import Refused
from api.flow.people import MOST_OF_AN_ADDRESS, refuse_too_many
from api.settings import Settings
from api.store import Store, people
from api.store.people import Row

LASTS = timedelta(minutes=10)
DIGITS = 8
MOST_SENT = 3
SENDS_WITHIN_SECONDS = 20.0

log = logging.getLogger(__name__)


class Sender(Protocol):
    """Brings a text to an address. Another way of sending (a portal, short messages) is another of these."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send it; raises OSError when that fails."""


@dataclass(frozen=True)
class FileSender:
    """Writes each message as a line of JSON to a file that only its owner reads: for a program that delivers."""

    path: Path

    def send(self, to: str, subject: str, text: str) -> None:
        """One line."""
        line = json.dumps({"to": to, "subject": subject, "text": text}, ensure_ascii=False)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(line + "\n")


@dataclass(frozen=True)
class SmtpSender:
    """Sends by SMTP: `smtps://` encrypts from the first byte (RFC 8314), `smtp://` by STARTTLS where offered."""

    url: str
    sender: str

    def send(self, to: str, subject: str, text: str) -> None:
        """One message; a password goes over an encrypted connection only."""
        parts = urlsplit(self.url)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message.set_content(text)
        context = ssl.create_default_context()
        host, encrypted = parts.hostname or "localhost", parts.scheme == "smtps"
        server = (
            smtplib.SMTP_SSL(host, parts.port or 465, timeout=SENDS_WITHIN_SECONDS, context=context)
            if encrypted
            else smtplib.SMTP(host, parts.port or 25, timeout=SENDS_WITHIN_SECONDS)
        )
        with server:
            server.ehlo()
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                encrypted = True
            if parts.username:
                if not encrypted:
                    raise OSError("the mail server offers no encryption, so the password is not sent")
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)


def sender_of(settings: Settings) -> Sender | None:
    """What sends, as the settings say; none: there are no one-time codes."""
    url = settings.codes_by.get_secret_value() if settings.codes_by is not None else ""
    if not url:
        return None
    return (
        FileSender(Path(url.removeprefix("file:"))) if url.startswith("file:") else SmtpSender(url, settings.mail_from)
    )


def ask_code(
    store: Store, sender: Sender, secret: bytes, name: str, *, address: str, now: datetime
) -> Callable[[], None]:
    """Make a code for whoever has this name; what is returned sends it, when the answer has gone.

    So nobody learns from how long it took whether there is such a person.

    Raises:
        Refused: too many were asked for, for this name or from this address.
    """
    refuse_too_many(store, (("code", name, MOST_SENT), ("address", address, MOST_OF_AN_ADDRESS)), now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    with store.writing() as tx:
        row = people.person_called(tx, name)
        if row is None or not row.active or not row.email:
            return lambda: None
        people.keep_code(tx, row.id, _hash(secret, row.id, code), now + LASTS)
    to, minutes = row.email, int(LASTS.total_seconds() / 60)

    def send() -> None:
        try:
            sender.send(to, "共室登录验证码 Gongshi sign-in code", f"{code}\n\n{minutes} 分钟内有效，只能用一次。")
        except (OSError, ValueError, smtplib.SMTPException):
            log.exception("a one-time code could not be sent")

    return send


def sign_in_by_code(store: Store, secret: bytes, name: str, code: str, *, address: str, now: datetime) -> Row:
    """The person of a name and a code that was sent to them; it is used up.

    Raises:
        Refused: the code is wrong, used up or too old, or there is no such person; or there were too many attempts.
    """
    refuse_too_many(store, (("code-try", name, MOST_SENT + 2), ("address", address, MOST_OF_AN_ADDRESS)), now)
    with store.writing() as tx:
        row = people.person_called(tx, name)
        right = row is not None and row.active and people.use_code(tx, row.id, _hash(secret, row.id, code), now)
        if row is None or not right:
            raise Refused("code_failed")
        people.forget_attempts(tx, "code-try", name)
        people.take_back(tx, "address", address)
    return row


def _hash(secret: bytes, id: str, code: str) -> str:
    """What is kept of a code: eight digits could be guessed from a plain hash."""
    return hmac.new(secret, f"one-time code|{id}|{code}".encode(), hashlib.sha256).hexdigest()
