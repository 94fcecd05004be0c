from __future__ import annotations

from pathlib import Path

import pytest

from workers.refusals import is_challenge
from workers.response import Response

REAL = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "open" / "html"
GATE = b"<html><title>Just a moment...</title><script>window._cf_chl_opt = {}</script></html>"


def response(content: bytes = b"", status: int = 200, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, url="http://board.test/", headers=named, content=content, elapsed_ms=1)


@pytest.mark.parametrize(
    "answer",
    [
        response(GATE),
        response(GATE, 403),
        response(GATE, 503),
        response(b"<script src=/cdn-cgi/challenge-platform/h/b/orchestrate></script>", 403),
        response(b"", 200, **{"cf-mitigated": "challenge"}),
    ],
)
def test_a_gatekeeper_is_recognised(answer: Response) -> None:
    assert is_challenge(answer)


@pytest.mark.parametrize(
    "answer",
    [
        response(b"<title>Just a moment in time: jobs</title>"),
        response(b"<title>How cf-chl pages work</title><p>_cf_chl_opt, /cdn-cgi/challenge-platform/</p>"),
        response(b"<title>Jobs</title><script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>"),
        response(b"<h1>Forbidden</h1>", 403),
        response(b"<h1>Down for maintenance</h1>", 503),
        response(GATE, 404),
        response(),
    ],
)
def test_a_page_that_only_speaks_of_challenges_is_content(answer: Response) -> None:
    assert not is_challenge(answer)


def test_no_real_page_is_taken_for_a_challenge() -> None:
    pages = [path for path in REAL.rglob("*") if path.is_file()] if REAL.exists() else []
    if not pages:
        pytest.skip("shared/realdata/open/html absent: put the shared real data beside the checkout")
    assert [page.name for page in pages if is_challenge(response(page.read_bytes()))] == []
