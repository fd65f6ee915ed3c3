"""At-most-one sets: covering pairs by cliques, and leaving out the sets that others imply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def cover(neighbours: Sequence[int], pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """Cliques of a conflict graph that between them contain every given pair; each is maximal.

    Args:
        neighbours: for each node the bit set of the nodes that exclude it.
        pairs: the pairs to cover, each an edge of the graph.
    """
    todo: list[int] = [0] * len(neighbours)
    for i, j in pairs:
        todo[i] |= 1 << j
        todo[j] |= 1 << i
    for i in range(len(neighbours)):
        while todo[i]:
            j = (todo[i] & -todo[i]).bit_length() - 1
            clique, common = [i, j], neighbours[i] & neighbours[j]
            while common:
                # Prefer a node that covers a pair still open; any node makes the clique stronger.
                wanted = common & (todo[i] | todo[j]) or common
                k = (wanted & -wanted).bit_length() - 1
                clique.append(k)
                common &= neighbours[k]
            members = sum(1 << k for k in clique)
            for k in clique:
                todo[k] &= ~members
            yield tuple(sorted(clique))


def undominated(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """The sets that are not contained in another one, largest first; the order is the same every time."""
    kept: list[frozenset[int]] = []
    holding: dict[int, set[int]] = {}
    for candidate in sorted(set(sets), key=lambda found: (-len(found), sorted(found))):
        common = set.intersection(*(holding.get(member, set()) for member in candidate))
        if not common:
            for member in candidate:
                holding.setdefault(member, set()).add(len(kept))
            kept.append(candidate)
    return kept
