"""The addresses under /v1. Thin: they read, ask `api.flow` or the store, and answer."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    checks,
    communities,
    keys,
    market,
    notices,
    operators,
    owners,
    parts,
    people,
    plans,
    rule_tables,
    rules,
    solves,
    trail,
    units,
    webhooks,
)

v1 = APIRouter(prefix="/v1")
"""All routes of version 1."""
for each in (
    *(checks, communities, market, notices, solves, plans),
    *(rule_tables, rules, owners, operators, webhooks, units),
    *(people, keys, trail),
):
    v1.include_router(each.routes)
v1.include_router(parts.router())
