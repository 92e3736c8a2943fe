"""The session under the client libraries: servers that are slow, broken or hostile."""

import gzip
import socket
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from toy_posts import toy_posts

pytest.importorskip("requests")

from img2tweet_tf.collect import session as module
from img2tweet_tf.collect.local_server import LocalServer
from img2tweet_tf.collect.post import ServerTrouble
from img2tweet_tf.collect.session import PoliteSession


@pytest.fixture
def server(tmp_path):
    with LocalServer(toy_posts(tmp_path / "posts", accounts=1, each=1)) as server:
        yield server


@pytest.fixture
def slept(monkeypatch):
    """List of the seconds that were slept; nobody waits for them."""
    slept = []
    monkeypatch.setattr(module.time, "sleep", slept.append)
    return slept


def answering(server, *answers):
    """Lets the server give these answers (status, headers, body) in turn, the last one for good."""
    left = list(answers)
    server.fault = lambda path: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    "headers",
    (
        lambda: {"Retry-After": "90"},
        lambda: {"Retry-After": datetime.fromtimestamp(time.time() + 90, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")},
        lambda: {"x-rate-limit-reset": str(int(time.time()) + 90)},
        lambda: {"ratelimit-reset": str(int(time.time()) + 90)},
        lambda: {"X-RateLimit-Reset": datetime.fromtimestamp(time.time() + 90, UTC).isoformat()},
    ),
)
def test_a_rate_limit_is_waited_out(server, slept, monkeypatch, capsys, headers):
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + sum(slept))
    answering(server, (429, headers(), {}), (200, {}, {"ok": 1}))
    assert PoliteSession(server.url).get(server.url).json() == {"ok": 1}
    assert 88 <= sum(slept) <= 92
    assert "127.0.0.1: rate limit; going on in 1:" in capsys.readouterr().err


def test_the_last_request_of_a_window_is_heeded(server, slept, monkeypatch):
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + sum(slept))
    full = {"ratelimit-remaining": "0", "ratelimit-reset": str(int(now) + 30)}
    answering(server, (200, full, {}), (200, {}, {}))
    session = PoliteSession(server.url)
    session.get(server.url)
    assert not slept
    session.get(server.url)
    assert 28 <= sum(slept) <= 31


def test_a_limit_of_days_stops(server, slept):
    answering(server, (429, {"Retry-After": "200000"}, {}))
    with pytest.raises(ServerTrouble, match="rate limit until 20"):
        PoliteSession(server.url).get(server.url)
    assert not slept


@pytest.mark.parametrize(
    "bad", ((500, {}, {}), (503, {}, b"busy"), (200, {"Content-Type": "application/json"}, b'{"a":'))
)
def test_a_failing_server_is_asked_again(server, slept, bad):
    answering(server, bad, bad, (200, {}, {"ok": 1}))
    assert PoliteSession(server.url).get(server.url).json() == {"ok": 1}
    assert slept == [1, 2]
    answering(server, bad)
    with pytest.raises(ServerTrouble, match="4 times"):
        PoliteSession(server.url).get(server.url)


def test_what_a_server_refuses_goes_to_the_caller(server, slept):
    answering(server, (404, {}, {"error": "none"}))
    assert PoliteSession(server.url).get(server.url).status_code == 404
    assert not slept


def test_half_a_body(server, slept):
    answering(server, (200, {"Content-Length": "5000"}, b"half"))
    session = PoliteSession(server.url)
    module_stall, module.STALL_SECONDS = module.STALL_SECONDS, 0.3
    try:
        with pytest.raises(ServerTrouble, match="no answer in time|broke off"):
            session.get(server.url)
    finally:
        module.STALL_SECONDS = module_stall


@contextmanager
def raw_server(reply):
    """Serves what `reply(connection)` writes, whatever was asked; yields the address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                try:
                    reply(connection)
                except OSError:
                    pass  # the client had enough

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    listening.close()


def trouble(address, match):
    with pytest.raises(ServerTrouble, match=match):
        PoliteSession(address).get(address)


def test_a_body_cut_short(slept):
    with raw_server(lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf")) as address:
        trouble(address, "broke off")


def test_an_endless_body(slept, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)

    def reply(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with raw_server(reply) as address:
        trouble(address, "more than 1 MB")


def test_a_body_that_drips(slept, monkeypatch):
    monkeypatch.setattr(module, "BODY_SECONDS", 0.5)
    pause = threading.Event()

    def reply(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            pause.wait(0.05)

    with raw_server(reply) as address:
        began = time.monotonic()
        trouble(address, "no answer in time")
        assert time.monotonic() - began < 10


def test_a_packed_bomb(server, slept, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    bomb = gzip.compress(b"0" * 200_000_000)
    answering(server, (200, {"Content-Encoding": "gzip"}, bomb))
    with pytest.raises(ServerTrouble, match="more than 1 MB"):
        PoliteSession(server.url).get(server.url)


def test_silence(slept, monkeypatch):
    monkeypatch.setattr(module, "STALL_SECONDS", 0.2)
    with raw_server(lambda connection: threading.Event().wait(1)) as address:
        trouble(address, "no answer in time")


def test_nobody_there(slept):
    with raw_server(lambda connection: None) as address:
        pass
    trouble(address, "cannot be reached")


def test_endless_redirects(server, slept):
    answering(server, (302, {"Location": "/again"}, {}))
    with pytest.raises(ServerTrouble, match="more than 5 redirects"):
        PoliteSession(server.url).get(server.url)
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "to", ("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::ffff:127.0.0.1]:{port}/")
)
def test_private_addresses_are_refused(server, slept, to):
    """But for the host that --server names: asked by another name, the same server is a private address."""
    port = server.url.rpartition(":")[2]
    session = PoliteSession("https://collect.example")
    with pytest.raises(ServerTrouble, match="not public|cannot be reached"):
        session.get(to.format(port=port))
    assert not server.requests


def test_a_redirect_to_a_private_address_is_refused(server, slept):
    port = server.url.rpartition(":")[2]
    answering(server, (302, {"Location": f"http://localhost:{port}/secret"}, {}))
    with pytest.raises(ServerTrouble, match="not public"):
        PoliteSession(server.url).get(server.url)
    assert len(server.requests) == 1
    answering(server, (302, {"Location": "file:///etc/passwd"}, {}))
    with pytest.raises(ServerTrouble, match="InvalidSchema"):
        PoliteSession(server.url).get(server.url)


def test_public_and_private_addresses():
    private = "127.0.0.1 10.1.2.3 192.168.0.1 169.254.169.254 ::1 fe80::1%eth0 ::ffff:10.0.0.1 0.0.0.0 100.64.0.1"
    assert [address for address in private.split() if module._is_public(address)] == []
    assert module._is_public("8.8.8.8") and module._is_public("2001:4860:4860::8888")


def test_a_key_does_not_follow_a_redirect(server, slept, tmp_path):
    seen = []

    def reply(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with raw_server(reply) as address:
        answering(server, (302, {"Location": address}, {}), (200, {}, {}))
        session = PoliteSession(server.url)
        session.hooks["response"].append(lambda answer, **_: seen.append(answer.request.headers.get("Authorization")))
        session.get(server.url, headers={"Authorization": "Bearer secret"})
    assert seen == ["Bearer secret", None]
