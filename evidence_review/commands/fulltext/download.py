"""Fetching a file from an address that a service named: politely, through redirects, and from the public web only."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from evidence_review.net.client import Client
from evidence_review.net.exchange import Reply, Request
from evidence_review.net.failures import Failure
from evidence_review.net.store import Store
from evidence_review.sources.bodies import check_status

_HOPS = 8
_MOST = 200 << 20


def fetch(address: str, client: Callable[[str], Client], store: Store, own: frozenset[str]) -> bytes:
    """Return what lies at `address`; `own` are hosts that the settings name, wherever they are.

    Raises:
        Failure: it could not be had: refused, gone, no web address, too large, or the server failed.
    """
    # One client a host for the whole way: publishers set a cookie with one redirect and ask for it with the next.
    clients: dict[str, Client] = {}
    try:
        for _ in range(_HOPS):
            host = _host(address, own)
            if host not in clients:
                clients[host] = client(host)
            found = clients[host].ask(Request(address, ""), store, _look)
            if isinstance(found, bytes):
                return found
            address = urljoin(address, found)
    finally:
        for one in clients.values():
            one.close()
    raise Failure("redirect", "the address leads from page to page without an end")


def _look(reply: Reply) -> bytes | str:
    """Return the body, or the address to which a redirect leads."""
    if reply.status in (301, 302, 303, 307, 308) and reply.headers.get("location"):
        return reply.headers["location"]
    if reply.status in (401, 402, 403):
        raise Failure("refused", f"the server answers {reply.status}: it gives the file only to those it knows")
    check_status(reply, "the server")
    with reply.open() as stream:
        data = stream.read(_MOST + 1)
    if len(data) > _MOST:
        raise Failure("too-large", f"the file has more than {_MOST:,} bytes")
    return data


def _host(address: str, own: frozenset[str]) -> str:
    """Return the host of an address of the public web: what a reply names must not reach into this network."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise Failure("refused", "this is no web address")
    if parts.netloc in own:
        return parts.netloc
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError):
        # Behind a proxy names may not resolve here; the proxy answers for what it reaches.
        found = {host}
    for one in found:
        try:
            inside = not ipaddress.ip_address(str(one).partition("%")[0]).is_global
        except ValueError:
            inside = host.casefold() == "localhost"
        if inside:
            raise Failure("refused", "this address lies in a private network, not on the web")
    return parts.netloc
