"""The addresses under /v1. Thin: they read, ask `api.flow` or the store, and answer."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import communities, market, notices, parts, plans, solves

v1 = APIRouter(prefix="/v1")
"""All routes of version 1."""
for each in (communities.routes, market.routes, notices.routes, parts.router(), solves.routes, plans.routes):
    v1.include_router(each)
