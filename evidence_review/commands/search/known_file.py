"""The file of known items that the protocol names."""

from __future__ import annotations

from evidence_review.errors import InputError
from evidence_review.sheets import read
from evidence_review.state.known_items import KnownItem, items_of
from evidence_review.workspace.workspace import Workspace

_COLUMNS = ("title", "doi", "pmid", "year", "why", "note")


def known_items_of(workspace: Workspace) -> tuple[KnownItem, ...]:
    """Return the known items that the protocol names, none where it names no file.

    Raises:
        InputError: the file has none of the columns doi, pmid and title.
    """
    name = workspace.protocol.known_items
    if not name:
        return ()
    path = workspace.layout.beside_protocol / name
    table = read(path, path.name, optional=_COLUMNS)
    if not {"doi", "pmid", "title"} & {column.lower() for column in table.columns}:
        raise InputError(f"{path.name}: none of the columns doi, pmid, title. Known items are told apart by these.")
    return items_of((row.number, row.cells) for row in table.rows)
