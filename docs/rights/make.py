"""Writes the page of who may do what, from the code alone: `python -m docs.rights.make`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from api.app import create_inner_app
from api.rights import FOR_SOMEBODY, MAY, NAMES, OF_A_SITE, OF_THE_SERVICE, SAID, Permission, Role
from api.routes.http import addresses
from api.settings import Settings

PAGE = Path(__file__).parent.parent / "rights.md"

INTRO = """\
# Rights 权限

Who may do what. Made from the code by `python -m docs.rights.make`: roles and permissions from `api/rights.py`, what
each address asks for from the address itself. A test walks every one of them as nobody, as another community's manager,
with too small a role, and with the right one.

- Rights are judged for the community of the address, and its site (`.../sites/{id}`, `.../spaces/{id}`). An address
  without a community asks for rights in all communities; *in any* marks those that judge each line by itself.
- A caller who names an owner (`X-Gongshi-Owner`) has that operator's rights and no more. A delegate asks for their own
  applicant only.
- The token of `GONGSHI_API_TOKEN`, and everybody where the door stands open, is administrator and community manager.
- Who is not known gets 401 (at the desk: the form to sign in), who may not 403. Calendars (`.ics`) are public.
"""


def page() -> str:
    """The whole page; the same code gives the same text."""
    return "\n".join([INTRO, *_roles(), *_addresses()]).rstrip() + "\n"


def asked() -> list[tuple[str, str, Permission | None, bool]]:
    """Every address of the service, and what it asks for."""
    with tempfile.TemporaryDirectory() as home:
        app = create_inner_app(Settings(home=Path(home)))
        found = sorted(addresses(app), key=lambda each: (not each[1].startswith("/v1"), each[1], each[0]))
        app.state.service.queue.close()
        app.state.service.store.close()
    return found


def _roles() -> Iterator[str]:
    yield "## Roles\n\n| role | 角色 | given for | may |\n|---|---|---|---|"
    for role in Role:
        zh, en = NAMES[role]
        may = ", ".join(f"`{each}`" for each in Permission if each in MAY[role])
        yield f"| {en} `{role}` | {zh} | {_given(role)} | {may} |"
    yield "\n| permission | what it lets one do | 权限 |\n|---|---|---|"
    for permission in Permission:
        zh, en = SAID[permission]
        yield f"| `{permission}` | {en} | {zh} |"


def _given(role: Role) -> str:
    if role is Role.RESIDENT:
        return "everybody"
    if role in OF_THE_SERVICE:
        return "the service"
    where = "a community, a site, or all" if role in OF_A_SITE else "a community, or all"
    return f"{where}; for an {FOR_SOMEBODY[role][0]}" if role in FOR_SOMEBODY else where


SHORT = {
    Role.RESIDENT: "res",
    Role.DELEGATE: "del",
    Role.VOLUNTEER: "vol",
    Role.PROPERTY_MANAGER: "prop",
    Role.COMMUNITY_MANAGER: "comm",
    Role.OPERATOR: "oper",
    Role.AUDITOR: "audit",
    Role.SYSTEM_ADMINISTRATOR: "sys",
    Role.SECURITY_ADMINISTRATOR: "sec",
    Role.AUDIT_ADMINISTRATOR: "aud-adm",
    Role.ADMINISTRATOR: "admin",
}


def _addresses() -> Iterator[str]:
    yield "\n## Addresses\n"
    yield "| method | address | asks for | " + " | ".join(SHORT.values()) + " |"
    yield "|---|---|---|" + ":-:|" * len(SHORT)
    for method, path, permission, anywhere in asked():
        assert permission is not None, f"{method} {path} does not say what it takes"
        marks = ["●" if permission in MAY[role] else "" for role in SHORT]
        asks = f"`{permission}`" + (", in any" if anywhere else "")
        yield f"| {method} | `{path}` | {asks} | " + " | ".join(marks) + " |"


def main() -> None:
    """Writes the page beside this folder."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
