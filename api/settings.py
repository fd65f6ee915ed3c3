"""What can be set from outside: environment variables `GONGSHI_*`, each with a default that works at once."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """The settings of one process. Relative paths start at the working directory."""

    model_config = SettingsConfigDict(env_prefix="GONGSHI_", extra="ignore")

    home: Annotated[Path, Field(description="Where the service keeps its own files.")] = Path("var")
    database_url: Annotated[str, Field(description="SQLAlchemy URL; empty: SQLite in `home`.")] = ""
    jobs_url: Annotated[str, Field(description="Database of the job queue; empty: a second SQLite in `home`.")] = ""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    base_url: Annotated[str, Field(description="Public address, without a slash at the end.")] = ""
    api_token: Annotated[SecretStr | None, Field(description="When set, writes need it as a bearer token.")] = None
    sign_in: Annotated[
        Literal["auto", "always"],
        Field(description="auto: who tries it out on their own machine, without a token, need not sign in."),
    ] = "auto"
    codes_by: Annotated[
        SecretStr | None,
        Field(description="What sends one-time codes: smtps://USER:PASSWORD@HOST, file:PATH; none: nothing does."),
    ] = None
    mail_from: Annotated[str, Field(description="Who the messages are from.")] = "gongshi@localhost"
    time_limit_seconds: Annotated[float, Field(gt=0, le=86_400, description="For a solve that states none.")] = 60.0

    trail_days: Annotated[
        int, Field(ge=180, le=36_500, description="So long the trail is kept; the database refuses to keep it less.")
    ] = 180
    verdict_within_seconds: Annotated[
        float, Field(ge=0, le=60, description="So long a rule that is written waits for a worker's verdict.")
    ] = 8.0
    """A worker that has just started needs three for the solver alone; clients seldom wait longer than ten."""

    feeds_per_minute: Annotated[
        int, Field(ge=0, description="Calendars that one address may ask for; 0: no limit.")
    ] = 60_000
    reads_per_minute: Annotated[int, Field(ge=0, description="The same for pages and reads of one address or key.")] = (
        12_000
    )
    writes_per_minute: Annotated[int, Field(ge=0, description="The same for what changes something.")] = 3_000
    sign_ins_per_minute: Annotated[
        int, Field(ge=0, description="The same for sign-ins, and for keys that are wrong.")
    ] = 10
    most_body_bytes: Annotated[int, Field(ge=1_000, description="Of a write.")] = 1_000_000
    most_import_bytes: Annotated[int, Field(ge=1_000, description="Of an import, a batch or a table.")] = 20_000_000
    most_connections: Annotated[int, Field(ge=10, description="Open at once, of one web process.")] = 1_000
    slow_seconds: Annotated[
        float, Field(gt=0, description="For a request's head, and between two pieces of a body.")
    ] = 10.0
    shutdown_seconds: Annotated[int, Field(ge=1, description="After which requests are broken off.")] = 10
    trusted_proxies: Annotated[str, Field(description="Addresses whose X-Forwarded-For is believed.")] = "127.0.0.1,::1"

    log_form: Annotated[
        Literal["auto", "json", "text"], Field(description="auto: text on a terminal, JSON elsewhere.")
    ] = "auto"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    def secrets(self) -> list[str]:
        """What must never stand in a log."""
        return [] if self.api_token is None else [self.api_token.get_secret_value()]

    @field_validator("codes_by")
    @classmethod
    def _known_sender(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("file:", "smtp://", "smtps://")):
            raise ValueError("smtps://..., smtp://... or file:PATH")
        return value

    @property
    def database(self) -> str:
        """URL of the main database."""
        return self.database_url or f"sqlite:///{self.home.absolute() / 'gongshi.sqlite'}"

    @property
    def jobs(self) -> str:
        """URL of the job queue's own database: two users of one SQLite file would block each other."""
        return self.jobs_url or f"sqlite:///{self.home.absolute() / 'jobs.sqlite'}"

    @property
    def public(self) -> str:
        """The address that goes into calendars and pages."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - what is compared, not bound
        return (self.base_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def open_door(self) -> bool:
        """Whether everybody who reaches the service may do everything: without a token, on one's own machine alone."""
        here = self.host in LOOPBACK and urlsplit(self.public).hostname in LOOPBACK
        return self.sign_in == "auto" and self.api_token is None and here

    def secret(self) -> bytes:
        """What links and sessions are signed with; made once, kept in `home`, readable by its owner only."""
        path = self.home / "secret.key"
        if not path.exists():
            new = self.home / f"secret.{os.getpid()}.new"
            new.touch(mode=0o600)
            new.write_text(secrets.token_hex(32))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(new)  # whole or not at all, and the first of two processes wins
            new.unlink()
        return bytes.fromhex(path.read_text())

    def prepare(self) -> None:
        """Make the directory of `home`, so that the databases can be opened."""
        self.home.mkdir(parents=True, exist_ok=True)
