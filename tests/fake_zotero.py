"""A Zotero library on a real socket that speaks as much of the Web API v3 as the program uses, and fails on command.

https://www.zotero.org/support/dev/web_api/v3/write_requests: objects have a key and a version; a write with another
version is refused with 412 for that object; one counter gives the library's version.
"""

from __future__ import annotations

import json
import os
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "a-key-that-nobody-has"

# What a fault may be; each is decided before the request is handled.
FAULTS = (
    "429-retry", "429-bare", "503", "500", "backoff", "412-before", "412-after", "some-412", "some-500", "drop-before",
    "drop-after", "truncated", "html",
)  # fmt: skip


@dataclass
class Library:
    """What the server holds: items and collections by key, and what it was asked.

    `withheld` items of every listing are not sent, though they are counted.
    """

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    searches: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = field(default_factory=dict)
    version: int = 0
    asked: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)
    withheld: int = 0
    fault: Callable[[str], str | None] = lambda _: None
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, kind: str, data: dict[str, Any]) -> None:
        """Write an object, as a person does in Zotero."""
        self.version += 1
        held: dict[str, dict[str, Any]] = getattr(self, kind)
        before = held.get(data["key"], {})
        empty: dict[str, Any] = {"tags": [], "collections": []} if kind == "items" else {"parentCollection": False}
        held[data["key"]] = {**empty, **before, **data, "version": self.version}

    def remove(self, key: str) -> None:
        """Delete an item, as a person does in Zotero."""
        self.version += 1
        del self.items[key]

    def names(self) -> dict[str, int]:
        """Return the path of each collection, and how many items are in it."""
        found = {}
        for key in self.collections:
            names, at = [], key
            while at:
                names.append(self.collections[at]["name"])
                at = self.collections[at].get("parentCollection") or ""
            count = sum(key in item["collections"] for item in self.items.values())
            found["/".join(reversed(names))] = count
        return found


def at_random(chance: random.Random, share: float) -> Callable[[str], str | None]:
    """Return faults for that share of the requests; writes alone have faults of single objects."""

    def fault(method: str) -> str | None:
        if chance.random() >= share:
            return None
        writes = ("412-before", "412-after", "some-412", "some-500")
        return chance.choice([name for name in FAULTS if method == "POST" or name not in writes])

    return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    library: Library

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        library = self.library
        with library.lock:
            library.asked.append(f"{method} {self.path}")
            fault = library.fault(method)
            library.seen[fault or "none"] += 1
            if fault in ("429-retry", "429-bare", "503", "500", "412-before"):
                self._send(int(fault[:3]), b"wait", {"Retry-After": "1"} if fault == "429-retry" else {})
                return
            if fault == "drop-before":
                self._drop()
                return
            if fault == "html":
                self._send(200, b"<html>busy</html>", {"Content-Type": "application/json"})
                return
            status, data, headers = self._handle(method, body, fault)
            payload = json.dumps(data).encode()
            if fault == "412-after":
                status, payload = 412, b"Write token already used"
            if fault == "drop-after":
                self._drop()
                return
            if fault == "truncated":
                payload = payload[: len(payload) // 2]
            if fault == "backoff":
                headers["Backoff"] = "2"
            self._send(status, payload, {"Content-Type": "application/json", **headers})

    def _handle(self, method: str, body: bytes, fault: str | None) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(self.path)
        given = dict(parse_qsl(parts.query))
        steps = parts.path.strip("/").split("/")[2:]
        if method == "POST":
            if self.headers.get("Authorization") != f"Bearer {KEY}":
                return 403, "no", {}
            return 200, self._write(steps[0], json.loads(body), fault), self._headers(0)
        return self._read(steps, given)

    def _read(self, steps: list[str], given: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if steps == ["searches"]:
            page = [
                {"key": key, "data": {"key": key, "name": name}} for key, (name, _) in self.library.searches.items()
            ]
            return 200, page, self._headers(len(page))
        held = self.library.items if steps[-1] == "items" else self.library.collections
        found = list(held.values())
        if steps[0] == "collections" and steps[-1] == "items":
            if steps[1] not in self.library.collections:
                return 404, "no such collection", {}
            inside = {key for key, item in held.items() if steps[1] in item["collections"]}
            found = [item for item in found if item["key"] in inside or item.get("parentItem") in inside]
        wanted = given.get("itemKey") or given.get("collectionKey")
        if wanted is not None:
            found = [item for item in found if item["key"] in wanted.split(",")]
        if given.get("includeTrashed") != "1":
            found = [item for item in found if not item.get("deleted")]
        if steps[0] == "searches":
            found = [item for item in found if self.library.searches[steps[1]][1](item)]
        if steps[-1] == "children":
            found = [item for item in self.library.items.values() if item.get("parentItem") == steps[1]]
        if given.get("format") == "versions":
            shown = found[: max(0, len(found) - self.library.withheld)]
            return 200, {item["key"]: item["version"] for item in shown}, self._headers(len(found))
        found = [item for item in found if item["version"] > int(given.get("since", 0))]
        start, limit = int(given.get("start", 0)), min(int(given.get("limit", 25)), 100)
        withheld = self.library.withheld if held is self.library.items else 0
        found_here = found[: max(0, len(found) - withheld)]
        page = [self._shown(item) for item in found_here[start : start + limit]]
        return 200, page, self._headers(len(found))

    def _shown(self, item: dict[str, Any]) -> dict[str, Any]:
        below = sum(child.get("parentItem") == item["key"] for child in self.library.items.values())
        return {"key": item["key"], "version": item["version"], "meta": {"numChildren": below}, "data": item}

    def _write(self, kind: str, objects: list[dict[str, Any]], fault: str | None) -> dict[str, Any]:
        reply: dict[str, dict[str, Any]] = {"successful": {}, "success": {}, "unchanged": {}, "failed": {}}
        assert len(objects) <= 50
        held = getattr(self.library, kind)
        for place, data in enumerate(objects):
            before = held.get(data["key"])
            index = str(place)
            if fault in ("some-412", "some-500") and place % 3 == 0:
                reply["failed"][index] = {"key": data["key"], "code": int(fault[5:]), "message": "not now"}
            elif data["version"] != (before["version"] if before else 0):
                reply["failed"][index] = {"key": data["key"], "code": 412, "message": "modified since"}
            elif data["key"] in self.library.refused or (kind == "items" and not before and not data.get("itemType")):
                reply["failed"][index] = {"key": data["key"], "code": 400, "message": "not a valid item"}
            else:
                self.library.put(kind, data)
                reply["success"][index] = data["key"]
                reply["successful"][index] = {"key": data["key"]}
        return reply

    def _headers(self, total: int) -> dict[str, str]:
        return {"Total-Results": str(total), "Last-Modified-Version": str(self.library.version)}

    def _send(self, status: int, payload: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _drop(self) -> None:
        """Close with a reset, without an answer."""
        at_once = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that were dropped on purpose."""


@contextmanager
def serving(library: Library | None = None) -> Iterator[Library]:
    """Run a server on a free port of the loopback."""
    held = library or Library()
    handler = type("Handler", (_Handler,), {"library": held})
    server = _Server(("127.0.0.1", 0), handler)
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
