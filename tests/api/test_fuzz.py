"""The whole OpenAPI description against the service, by schemathesis: no fault of ours, no answer that is not told of.

With rights (no token is set, so that everybody is the manager) and without (a token is set, and not sent). A few
requests to each address; many, and whole problems among them, in the long tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.settings import Settings
from tests.api.inside import HOME, PAST, Inside, inside, tiny

CHECKS: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HUGE = "PUT /v1/communities/{community}/problem"
"""To make up a whole problem takes longer than all else."""
RIGHTS = ("with rights", "without rights")


@pytest.fixture(scope="module", params=RIGHTS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """`tiny`, released."""
    home: Path = tmp_path_factory.mktemp("fuzz")
    limits = {"reads_per_minute": 0, "writes_per_minute": 0, "sign_ins_per_minute": 0}
    known = Settings.model_validate({"home": home, "verdict_within_seconds": 0, **limits})
    with inside(known) as client:
        round = client.set_times(client.put(tiny()), PAST, "2026-02-02T00:00:00Z")
        client.release(client.solve(round), 0)
        if request.param == RIGHTS[0]:
            yield client
            return
    with inside(known.model_copy(update={"api_token": SecretStr("nobody knows it")})) as client:
        yield client


def operations(client: Inside) -> list[Any]:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.http.app)
    found = [each for each in schema.get_all_operations() if isinstance(each, Ok)]
    return [each.ok() for each in found]


def fuzz(operation: Any, mode: GenerationMode, examples: int) -> int:
    """Ask one address so many times; how often it was asked. Half of the time it is asked about `tiny`."""
    asked = 0

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), here=st.booleans())
    def ask(case: Any, here: bool) -> None:
        nonlocal asked
        asked += 1
        if here and "community" in case.path_parameters:
            case.path_parameters["community"] = "tiny"
        answer = case.call()
        assert answer.status_code < 500 or (answer.status_code == 503 and answer.headers["retry-after"]), answer.text
        case.validate_response(answer, checks=CHECKS)

    ask()
    return asked


def modes(operation: Any) -> list[GenerationMode]:
    """What is asked as the description says; and where there is anything to be wrong about, otherwise."""
    has_faults = operation.body or operation.query or operation.headers
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if has_faults else [])]


def test_no_address_answers_otherwise_than_it_says(world: Inside) -> None:
    asked = 0
    for operation in operations(world):
        if operation.label != HUGE:
            for mode in modes(operation)[:1]:
                asked += fuzz(operation, mode, 2)
    assert asked > 150
    # Whoever has no right changes nothing, and whoever has one leaves the service as it was.
    assert world.send("GET", f"{HOME}/problem").status_code == 200


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_address_at_all_answers_otherwise_than_it_says(world: Inside) -> None:
    for operation in operations(world):
        for mode in modes(operation):
            fuzz(operation, mode, 10 if operation.label == HUGE else 60)
