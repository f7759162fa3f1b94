"""Reading stored replies of a source without a review: what its parser makes of them, or the name of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence_review.commands.search.stored import reply_in
from evidence_review.errors import EXIT_SOURCE
from evidence_review.model.record import Parsed, citation_to_dict
from evidence_review.net.failures import Failure
from evidence_review.sources import reader
from evidence_review.sources.base import Reads
from evidence_review.spooled import Spooled
from evidence_review.summary import Summary, counted

# What a reader of the JSON may rely on being there, empty or not.
_ALWAYS: dict[str, Any] = {"title": "", "doi": "", "pmid": "", "year": None, "authors": [], "abstract": ""}


def run(source: str, files: Sequence[Path]) -> Summary:
    """Read `files` as replies of `source`; the first that is a failure is named and ends it with exit code 3."""
    service = reader(source)
    records = Spooled()
    rejected: list[dict[str, Any]] = []
    hits: int | None = None
    following: str | None = None
    ids: list[str] = []
    for path in files:
        try:
            page = service.read(reply_in(path))
            for item in page.records:
                if isinstance(item, Parsed):
                    records.append(_shown(item))
                else:
                    rejected.append({"file": path.name, "reason": item.reason})
        except Failure as failure:
            return _failed(service, path, failure)
        hits = page.hits if hits is None else hits
        following = page.next or None
        ids.extend(page.ids)
    data = {"records": records, "reported_hits": hits, "next": following, "rejected": rejected, "ids": ids}
    words = f"{service.name}: {counted(len(records), 'record')}"
    words += f" of {hits:,} reported" if hits is not None else ""
    words += f", {len(rejected)} not readable" if rejected else ""
    return Summary(lines=(words,), data=data)


def _failed(service: Reads, path: Path, failure: Failure) -> Summary:
    return Summary(
        lines=(f"{path.name}: {failure.kind}: {failure.message}",),
        data={"failure": {"kind": failure.kind, "message": failure.message, "file": path.name}},
        exit_code=EXIT_SOURCE,
    )


def _shown(item: Parsed) -> dict[str, Any]:
    return {**_ALWAYS, **citation_to_dict(item.citation), "native_id": item.native_id}
