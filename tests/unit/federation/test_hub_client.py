"""The node trusts no answer's size, address or form; a stand-in for the hub gives bad ones."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import WaymarkError
from federation import exchange
from federation.envelope import SIZE_LIMIT
from federation.exchange import MEDIA_TYPE, HubClient

Answer = tuple[int, dict[str, str], bytes]


class StandIn(ThreadingHTTPServer):
    """Answers what ``answers`` says, by method and path; keeps what was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []

    @property
    def client(self) -> HubClient:
        return HubClient(f"http://127.0.0.1:{self.server_address[1]}")


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        path = self.path.removeprefix("/federation/v1")
        self.server.asked.append(f"{self.command} {path}")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, body = self.server.answers.get(path, (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def hub() -> Iterator[StandIn]:
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def jose(body: bytes) -> Answer:
    return 200, {"Content-Type": MEDIA_TYPE}, body


def problem(status: int, code: str) -> Answer:
    document = json.dumps({"code": code, "detail": "Because."}).encode()
    return status, {"Content-Type": "application/problem+json"}, document


def refusal(call: Callable[[], object]) -> WaymarkError:
    with pytest.raises(WaymarkError) as caught:
        call()
    return caught.value


def test_a_definition_is_fetched(hub: StandIn) -> None:
    hub.answers["/consultations/networks/definition"] = jose(b"a.b.c")
    assert hub.client.fetch_definition("networks") == b"a.b.c"


def test_a_slug_cannot_lead_elsewhere(hub: StandIn) -> None:
    refusal(lambda: hub.client.fetch_definition("../releases?x#y"))
    assert hub.asked == ["GET /consultations/..%2Freleases%3Fx%23y/definition"]


def test_a_release_is_delivered(hub: StandIn) -> None:
    hub.answers["/releases"] = (201, {"Content-Type": MEDIA_TYPE}, b"ack")
    assert hub.client.deliver("a.b.c", "00") == b"ack"


def test_a_release_the_hub_has_already_gets_its_acknowledgement(hub: StandIn) -> None:
    hub.answers["/releases"] = problem(409, "federation.replay")
    hub.answers["/releases/00/acknowledgement"] = jose(b"ack")
    assert hub.client.deliver("a.b.c", "00") == b"ack"
    assert hub.asked == ["POST /releases", "GET /releases/00/acknowledgement"]


def test_a_refusal_is_told_with_the_hubs_code(hub: StandIn) -> None:
    hub.answers["/releases"] = problem(409, "federation.gap")
    error = refusal(lambda: hub.client.deliver("a.b.c", "00"))
    assert error.code == "federation.refused"
    assert "federation.gap: Because." in error.message


@pytest.mark.parametrize(
    "answer",
    [
        (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""),
        (200, {"Content-Type": "text/html"}, b"<p>Sign in to this network</p>"),
        (500, {}, b""),
        (502, {"Content-Type": "text/html"}, b"Bad gateway"),
        (200, {"Content-Type": MEDIA_TYPE}, b"x" * (SIZE_LIMIT + 1)),
        (200, {"Content-Type": MEDIA_TYPE, "Content-Length": "50"}, b"cut off"),
        (200, {"Content-Type": MEDIA_TYPE, "Content-Encoding": "gzip"}, b"not gzip"),
    ],
    ids=["redirect", "portal", "fault", "gateway", "huge", "cut", "encoding"],
)  # fmt: skip
def test_other_answers_are_no_answers(
    hub: StandIn, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "TIMEOUT", (1, 0.5))
    hub.answers["/consultations/networks/definition"] = answer
    error = refusal(lambda: hub.client.fetch_definition("networks"))
    assert error.code == "federation.unreachable"
    assert len(hub.asked) == 1


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b"[" * 100_000, b'{"code": 5}'])
def test_a_refusal_without_sense_is_still_a_refusal(hub: StandIn, body: bytes) -> None:
    hub.answers["/releases"] = (422, {"Content-Type": "application/problem+json"}, body)
    assert refusal(lambda: hub.client.deliver("a.b.c", "00")).code == "federation.refused"


def test_a_hub_that_is_not_there(hub: StandIn) -> None:
    error = refusal(lambda: HubClient("http://127.0.0.1:1").fetch_definition("networks"))
    assert error.code == "federation.unreachable"
