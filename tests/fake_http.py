"""A real HTTP server on a real socket, answering by a function and failing on command."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. `values` are the parameters of the address and of the form."""

    method: str
    path: str
    values: Mapping[str, str]
    headers: Mapping[str, str]
    when: float


@dataclass(frozen=True)
class Answer:
    """A reply; `fault` breaks it: reset, truncated, trickling, unclosed (chunked without an end)."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    delay: float = 0.0


def as_json(data: Any, status: int = 200, **headers: str) -> Answer:
    """Return data as a JSON answer."""
    named = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Answer(json.dumps(data).encode(), status, named)


@dataclass
class Server:
    """A running server: what it was `asked`, and `faults` by the number of the request (from 1) they replace."""

    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)
    faults: dict[int, Answer] = field(default_factory=dict)
    url: str = ""

    def take(self, asked: Asked) -> Answer:
        """Return the answer to a request, or the fault that was ordered in its place."""
        with _LOCK:
            self.asked.append(asked)
            number = len(self.asked)
        return self.faults.get(number) or self.answer(asked)


_LOCK = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "test"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        when = time.time()
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        values = dict(parse_qsl(parts.query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True))
        state: Server = self.server.state  # type: ignore[attr-defined]
        answer = state.take(Asked(self.command, parts.path, values, dict(self.headers), when))
        if answer.delay:
            time.sleep(answer.delay)
        if answer.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.fault == "unclosed":
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.close_connection = True
            return
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.fault == "truncated":
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if answer.fault == "trickling":
            for start in range(0, len(answer.body), 1 << 13):
                self.wfile.write(answer.body[start : start + (1 << 13)])
                self.wfile.flush()
                time.sleep(0.1)
            return
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that were killed while they were answered."""


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    """Run a server while the body runs."""
    state = Server(answer)
    with _Http(("127.0.0.1", 0), _Handler) as http:
        http.state = state  # type: ignore[attr-defined]
        state.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            http.shutdown()
            thread.join()
