"""What is counted: requests by their route, calendars, jobs, the queue, deliveries, releases."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from api import clock
from api.store import Store
from api.store.tables import solve
from tests.api.inside import HOME, PAST, Inside, tiny

FEED = "/c/tiny/calendars/community/tiny.ics"
Labels = frozenset[tuple[str, str]]


def figures(client: Inside) -> dict[tuple[str, Labels], float]:
    families = text_string_to_metric_families(client.send("GET", "/metrics").text)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def of(found: dict[tuple[str, Labels], float], name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def requests(found: dict[tuple[str, Labels], float], route: str, method: str, status: int) -> float | None:
    return of(found, "gongshi_requests_total", route=route, method=method, status=str(status))


def test_requests_are_counted_by_the_template_of_their_route(client: Inside) -> None:
    client.put(tiny())
    for id in ("S1", "nowhere", "nowhere"):
        client.send("GET", f"{HOME}/spaces/{id}")
    for path in ("/c/tiny/", "/c/tiny/desk", "/no/such/address", "/no/other"):
        client.send("GET", path)
    client.send("BREW", "/healthz")
    found = figures(client)
    one = "/v1/communities/{community}/spaces/{id}"
    assert requests(found, one, "GET", 200) == 1
    assert requests(found, one, "GET", 404) == 2
    assert requests(found, "/v1/communities/{community}/problem", "PUT", 201) == 1
    assert requests(found, "/c/{community}/", "GET", 404) == 1
    assert requests(found, "/c/{community}/desk", "GET", 200) == 1
    assert requests(found, "(none)", "GET", 404) == 2
    assert of(found, "gongshi_request_seconds_count", route=one, method="GET") == 3
    # A client does not make series of its own: neither by addresses nor by methods.
    assert not [labels for _, labels in found if "nowhere" in str(labels) or "BREW" in str(labels)]
    assert sum(n for (name, labels), n in found.items() if name == "gongshi_requests_total" and "other" in str(labels))


def test_calendars_are_counted_by_their_answer(client: Inside) -> None:
    round = client.set_times(client.put(tiny()), PAST, "2026-02-02T00:00:00Z")
    client.release(client.solve(round), 0)
    etag = client.send("GET", FEED).headers["etag"]
    for _ in range(3):
        assert client.send("GET", FEED, If_None_Match=etag).status_code == 304
    client.send("GET", "/c/tiny/calendars/community/else.ics")
    found = figures(client)
    assert [of(found, "gongshi_feeds_total", status=each) for each in ("200", "304", "404")] == [1, 3, 1]
    assert requests(found, "/c/{community}/calendars/{scope}/{id}.ics", "GET", 304) == 3
    assert of(found, "gongshi_releases_total") == 1


def test_jobs_are_counted_by_kind_and_state_and_the_queue_by_its_length_and_age(client: Inside) -> None:
    round = client.set_times(client.put(tiny()), PAST, "2026-02-02T00:00:00Z")
    done = client.solve(round)
    for _ in range(2):
        client.ask(202, "POST", f"{HOME}/solves", {"round": round["id"]})
    store = Store(client.settings.database)
    with store.writing() as tx:
        # Those that wait were asked for an hour ago; the one that is done took half a minute.
        hour_ago = clock.now() - timedelta(hours=1)
        tx.execute(solve.update().where(solve.c.state == "queued").values(created=hour_ago))
        lasted = {"started": hour_ago, "finished": hour_ago + timedelta(seconds=30)}
        tx.execute(solve.update().where(solve.c.id == done["id"]).values(lasted))
    store.close()
    found = figures(client)
    assert of(found, "gongshi_jobs", kind="solve", state="done") == 1
    assert of(found, "gongshi_jobs", kind="solve", state="queued") == 2
    assert of(found, "gongshi_queue_length") == 2
    age = of(found, "gongshi_queue_oldest_seconds")
    assert age is not None
    assert 3600 <= age < 3700
    assert of(found, "gongshi_solve_seconds_count", state="done") == 1
    assert of(found, "gongshi_solve_seconds_sum", state="done") == 30
    assert of(found, "gongshi_solve_seconds_bucket", state="done", le="15.0") == 0
    assert of(found, "gongshi_solve_seconds_bucket", state="done", le="60.0") == 1
