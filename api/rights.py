"""Which role may do what: data only. Who has which role is in the store; `api.auth` judges."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What an address asks of whoever calls it."""

    PUBLIC = "public"
    READ_INSIDE = "inside.read"
    SEND_WISHES = "wishes.send"
    KEEP_DOOR = "door.keep"
    EDIT_PLACES = "places.edit"
    EDIT_CENTRE = "centre.edit"
    SEND_RULES = "rules.send"
    SOLVE = "plans.solve"
    DECIDE = "plans.decide"
    READ_WEBHOOKS = "webhooks.read"
    READ_SYSTEM = "system.read"
    ADMINISTER_SYSTEM = "system.administer"
    READ_PEOPLE = "people.read"
    ADMINISTER_PEOPLE = "people.administer"
    READ_TRAIL = "trail.read"


class Role(StrEnum):
    """What somebody is, in a community (or in all, or at one site)."""

    RESIDENT = "resident"
    DELEGATE = "delegate"
    VOLUNTEER = "volunteer"
    PROPERTY_MANAGER = "property_manager"
    COMMUNITY_MANAGER = "community_manager"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SYSTEM_ADMINISTRATOR = "system_administrator"
    SECURITY_ADMINISTRATOR = "security_administrator"
    AUDIT_ADMINISTRATOR = "audit_administrator"
    ADMINISTRATOR = "administrator"


P = Permission

SAID: dict[Permission, tuple[str, str]] = {
    P.PUBLIC: ("人人可读可用，不需要登录", "for everybody, without signing in"),
    P.READ_INSIDE: ("看工作台和未公示的方案", "see the desk, and plans that are not public yet"),
    P.SEND_WISHES: ("提交和修改申请", "send wishes and change them"),
    P.KEEP_DOOR: ("门口值守：座位、签到、夜市缺席与补位", "keep the door: units, signing in, the market's absences"),
    P.EDIT_PLACES: ("修改场地和空间", "change sites and spaces"),
    P.EDIT_CENTRE: ("修改社区的其他资料、轮次和日历", "change what else a centre is made of, rounds, calendars"),
    P.SEND_RULES: ("提交规则", "send rules"),
    P.SOLVE: ("排期、停止排期", "ask for solves, and stop them"),
    P.DECIDE: ("锁定、核准规则、公示、发布", "pin, accept rules, publicise, release"),
    P.READ_WEBHOOKS: ("看没有送达的通知", "see what a webhook did not take"),
    P.READ_SYSTEM: ("看系统设置", "see how the system is set up"),
    P.ADMINISTER_SYSTEM: ("新建社区、设置通知地址", "add communities, set up webhooks"),
    P.READ_PEOPLE: ("看账号、角色和密钥", "see accounts, roles and keys"),
    P.ADMINISTER_PEOPLE: ("管理账号、角色和密钥", "look after accounts, roles and keys"),
    P.READ_TRAIL: ("看操作记录", "read the trail"),
}
"""What a permission lets one do, in Chinese and English."""

NAMES: dict[Role, tuple[str, str]] = {
    Role.RESIDENT: ("居民（不需要账号）", "resident (no account)"),
    Role.DELEGATE: ("申请单位代表", "applicant's delegate"),
    Role.VOLUNTEER: ("志愿者（值守、管钥匙）", "volunteer (door duty, keeper)"),
    Role.PROPERTY_MANAGER: ("物业经理", "property manager"),
    Role.COMMUNITY_MANAGER: ("社区管理员", "community manager"),
    Role.OPERATOR: ("运营方", "operator"),
    Role.AUDITOR: ("审计员（只读）", "auditor (reads only)"),
    Role.SYSTEM_ADMINISTRATOR: ("系统管理员", "system administrator"),
    Role.SECURITY_ADMINISTRATOR: ("安全管理员", "security administrator"),
    Role.AUDIT_ADMINISTRATOR: ("审计管理员", "audit administrator"),
    Role.ADMINISTRATOR: ("管理员（以上三员合一）", "administrator (the three above in one)"),
}

_READS = frozenset({P.PUBLIC, P.READ_INSIDE, P.READ_WEBHOOKS, P.READ_SYSTEM, P.READ_PEOPLE, P.READ_TRAIL})
_SYSTEM = frozenset({P.PUBLIC, P.READ_SYSTEM, P.READ_WEBHOOKS, P.ADMINISTER_SYSTEM})
_SECURITY = frozenset({P.PUBLIC, P.READ_PEOPLE, P.ADMINISTER_PEOPLE})
_AUDIT = frozenset({P.PUBLIC, P.READ_PEOPLE, P.READ_TRAIL})

MAY: dict[Role, frozenset[Permission]] = {
    Role.RESIDENT: frozenset({P.PUBLIC}),
    Role.DELEGATE: frozenset({P.PUBLIC, P.SEND_WISHES}),
    Role.VOLUNTEER: frozenset({P.PUBLIC, P.KEEP_DOOR}),
    Role.PROPERTY_MANAGER: frozenset({P.PUBLIC, P.READ_INSIDE, P.KEEP_DOOR, P.EDIT_PLACES}),
    Role.COMMUNITY_MANAGER: frozenset(
        {P.PUBLIC, P.READ_INSIDE, P.SEND_WISHES, P.KEEP_DOOR}
        | {P.EDIT_PLACES, P.EDIT_CENTRE, P.SEND_RULES, P.SOLVE, P.DECIDE}
    ),
    Role.OPERATOR: frozenset({P.PUBLIC, P.SEND_RULES, P.READ_WEBHOOKS}),
    Role.AUDITOR: _READS,
    Role.SYSTEM_ADMINISTRATOR: _SYSTEM,
    Role.SECURITY_ADMINISTRATOR: _SECURITY,
    Role.AUDIT_ADMINISTRATOR: _AUDIT,
    Role.ADMINISTRATOR: _SYSTEM | _SECURITY | _AUDIT,
}
"""What each role may do. No role holds another's rights unless it says so here."""

OF_A_SITE = frozenset({Role.VOLUNTEER, Role.PROPERTY_MANAGER})
"""Roles that may be given for one site alone."""

FOR_SOMEBODY = {Role.DELEGATE: ("applicant", "申请单位"), Role.OPERATOR: ("owner", "所属单位")}
"""Roles that one has for somebody: an applicant, an owner. What it is called."""

OF_THE_SERVICE = frozenset(
    {
        Role.SYSTEM_ADMINISTRATOR,
        Role.SECURITY_ADMINISTRATOR,
        Role.AUDIT_ADMINISTRATOR,
        Role.ADMINISTRATOR,
    }
)
"""Roles that are given for all communities only: what they look after has no community."""
