"""What is missing of a family or a kind of rule, read from the files of a tree: each complaint says what, and where.

Nothing of the scheduler is imported, so that a family of which only half is there can be spoken of; only the tests are,
for their truth tables and worlds.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

FOLDERS = {
    "scheduler/constraints": ("KINDS",),
    "scheduler/model/posts": ("POSTS", "ONCE", "DATE_JUDGES", "SPACE_JUDGES"),
    "scheduler/verify/checks": ("CHECKS",),
}
"""Folder with one file a family -> the dictionaries in which a file names its kinds."""

BESIDE = {"scheduler/constraints/terms.py", "scheduler/constraints/presets.py"}
"""Files in those folders that are no family."""


def complaints(root: Path) -> list[str]:
    """Everything that is missing or too much, in words."""
    return [*_families(root), *_kinds(root)]


def _families(root: Path) -> Iterator[str]:
    listed = {folder: _registry(root / folder / "__init__.py") for folder in FOLDERS}
    everywhere = sorted(set().union(*listed.values()) | _with_a_file(root))
    for family in everywhere:
        for folder, families in listed.items():
            if not (root / folder / f"{family}.py").exists():
                yield f"family `{family}` has no {folder}/{family}.py"
            if family not in families:
                yield f"family `{family}` is not in FAMILIES of {folder}/__init__.py"
        if not (root / "tests/constraints" / f"test_{family}.py").exists():
            yield f"family `{family}` has no tests/constraints/test_{family}.py"


def _with_a_file(root: Path) -> set[str]:
    found = {path.stem.removeprefix("test_") for path in (root / "tests/constraints").glob("test_*.py")}
    for folder in FOLDERS:
        for path in (root / folder).glob("*.py"):
            if path.stem != "__init__" and path.relative_to(root).as_posix() not in BESIDE:
                found.add(path.stem)
    return found


def _kinds(root: Path) -> Iterator[str]:
    permits = _names(root / "scheduler/model/posts/__init__.py", ("PERMITS",))
    for family in _registry(root / "scheduler/constraints/__init__.py"):
        files = {folder: root / folder / f"{family}.py" for folder in FOLDERS}
        if not all(path.exists() for path in files.values()):
            continue  # complained of already
        named = {folder: _names(files[folder], names) for folder, names in FOLDERS.items()}
        rows = _tested(root, family)
        for kind in sorted(set().union(*named.values())):
            for folder, names in FOLDERS.items():
                posted_elsewhere = folder == "scheduler/model/posts" and kind in permits
                if kind not in named[folder] and not posted_elsewhere:
                    yield (f"kind `{kind}` of family `{family}` is not in {' or '.join(names)} of {folder}/{family}.py")
            for table, kinds in rows.items():
                if kind not in kinds:
                    where = f"tests/constraints/test_{family}.py"
                    yield f"kind `{kind}` of family `{family}` has no {table} in {where}"


def _registry(path: Path) -> list[str]:
    """The entries of FAMILIES."""
    for name, value in _assigned(path):
        if name == "FAMILIES" and isinstance(value, ast.Tuple):
            return [str(entry.value) for entry in value.elts if isinstance(entry, ast.Constant)]
    return []


def _names(path: Path, dictionaries: tuple[str, ...]) -> set[str]:
    """The keys of these dictionaries of a file."""
    found: set[str] = set()
    for name, value in _assigned(path):
        if name in dictionaries and isinstance(value, ast.Dict):
            found |= {str(key.value) for key in value.keys if isinstance(key, ast.Constant)}
    return found


def _assigned(path: Path) -> Iterator[tuple[str, ast.expr]]:
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            yield statement.target.id, statement.value


def _tested(root: Path, family: str) -> dict[str, set[str]]:
    """Truth, World -> the kinds of which a family's tests have one."""
    path = root / "tests/constraints" / f"test_{family}.py"
    if not path.exists():
        return {}
    name = f"_house_{family}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return {
        "Truth": {row.kind for row in getattr(module, "TRUTH", [])},
        "World": {world.kind for world in getattr(module, "WORLDS", [])},
    }
