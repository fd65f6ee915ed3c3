"""`gongshi replay`: the same bytes, or why they cannot be compared."""

from __future__ import annotations

import os
import subprocess
import sys

import sqlalchemy as sa

from api.flow.replay import why_not
from api.store import Store
from scheduler.timetable import Timetable
from tests.api.inside import HOME, LONG_PAST, PAST, Inside, tiny


def replay(client: Inside, release: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "api.cli", "replay", release]
    environment = {**os.environ, "GONGSHI_HOME": str(client.settings.home), "LANG": "C.UTF-8"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_release_is_solved_again_to_the_same_bytes_or_it_is_said_why_not(client: Inside) -> None:
    round = client.set_times(client.put(tiny()), LONG_PAST, PAST)
    client.release(client.solve(round, audit=True), 0)
    client.release(client.solve(round, audit=True), 1)
    client.release(client.solve(round), 2)
    for release in ("tiny/1", "2"):
        code, told = replay(client, release)
        assert code == 0, told
        assert "byte for byte" in told
    code, told = replay(client, "tiny/3")
    assert code == 5, told
    assert "not from an audit solve" in told
    assert "the same values of all stages" in told
    for unknown in ("tiny/9", "none/1", "x"):
        assert replay(client, unknown)[0] == 2

    store = Store(client.settings.database)
    with store.reading() as tx:
        text = str(tx.execute(sa.text("SELECT timetable FROM proposal LIMIT 1")).scalar_one())
    made = Timetable.model_validate_json(text)
    assert why_not(made.model_copy(update={"audit": True}), made.engine) is None
    assert why_not(made.model_copy(update={"audit": True}), "gongshi 99") is not None
    # A byte that somebody changed past the triggers is found.
    with store.writing() as tx:
        tx.execute(sa.text("DROP TRIGGER proposal_no_update"))
        change = sa.text(
            "UPDATE proposal SET timetable = replace(timetable, :told, :changed)"
            " WHERE id = (SELECT proposal FROM release WHERE number = 1)"
        )
        tx.execute(change, {"told": '"status":"optimal"', "changed": '"status":"feasible"'})
    store.close()
    code, told = replay(client, "tiny/1")
    assert (code, "another timetable" in told or "does not pass" in told) == (1, True), told
    assert client.ask(200, "GET", f"{HOME}/releases/1")["number"] == 1
