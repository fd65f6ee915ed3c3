"""Every entity of a problem, with its place in the document."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from scheduler.wellformed.faults import Loc


def entities(root: BaseModel, loc: Loc = ()) -> Iterator[tuple[Loc, BaseModel]]:
    """The entity itself and all that it holds, in the order of the document."""
    yield loc, root
    for name in type(root).model_fields:
        value = getattr(root, name)
        if isinstance(value, BaseModel):
            yield from entities(value, (*loc, name))
        elif isinstance(value, tuple):
            for place, each in enumerate(value):
                if isinstance(each, BaseModel):
                    yield from entities(each, (*loc, name, place))
