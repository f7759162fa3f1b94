"""Which library and which collection is meant: `users/123`, `groups/456`, or an address of zotero.org."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evidence_review.errors import UsageError
from evidence_review.model.protocol import Protocol, Source

_SHORT = re.compile(r"(users?|groups?)[/:](\d+)")
_WEB = re.compile(
    r"zotero\.org/(?:groups/(?P<group>\d+)|users/(?P<user>\d+))(?:/[^?#]*?/?collections/(?P<key>[A-Z0-9]{8}))?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A library: `kind` is user or group; `collection` a key, where the address names one.

    A `local` library is asked of the Zotero program on this computer; there users/0 is whoever is logged in.
    """

    kind: str
    number: str
    collection: str = ""
    local: bool = False

    def __str__(self) -> str:
        return f"{self.kind}s/{self.number}"


def read(text: str) -> Address | None:
    """Return the library that `text` names, or None."""
    short = _SHORT.fullmatch(text.strip())
    if short:
        return Address(short[1].removesuffix("s"), short[2])
    web = _WEB.search(text)
    if web:
        return Address("group" if web["group"] else "user", web["group"] or web["user"], web["key"] or "")
    return None


LOCAL = Address("user", "0", local=True)


def is_zotero(source: Source) -> bool:
    """Whether a source of the protocol is a Zotero library."""
    return source.in_zotero or read(source.url) is not None


def choose(protocol: Protocol, library: str | None, source: Source | None = None) -> Address:
    """Return the library named on the command line, else the one that the protocol names.

    Raises:
        UsageError: neither names one, or what is named is no library.
    """
    if library is not None:
        address = read(library)
        if address is None:
            raise UsageError(
                f"'{library}' is no Zotero library. Write users/NUMBER or groups/NUMBER; zotero.org/settings/keys "
                "shows the number of your own library, and a group's address has the group's."
            )
        return address
    own = [source] if source is not None and read(source.url) is not None else []
    named = own or [each for each in protocol.sources if is_zotero(each)]
    found = {address for each in named if (address := read(each.url)) is not None}
    if len({(address.kind, address.number) for address in found}) == 1:
        return sorted(found, key=lambda address: address.collection)[0]
    raise UsageError(
        "Which Zotero library? Name it with --library users/NUMBER or groups/NUMBER, or give the source in the "
        "protocol 'url: https://www.zotero.org/groups/NUMBER'."
    )
