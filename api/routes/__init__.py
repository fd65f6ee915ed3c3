"""The addresses under /v1. Thin: they read, ask `api.flow` or the store, and answer."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import communities, parts, plans, solves


def v1() -> APIRouter:
    """All routes of version 1."""
    routes = APIRouter(prefix="/v1")
    routes.include_router(communities.routes)
    routes.include_router(parts.router())
    routes.include_router(solves.routes)
    routes.include_router(plans.routes)
    return routes
