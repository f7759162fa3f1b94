"""`fulltext fetch`: download the open copies that were located, and keep those that are the paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from evidence_review.commands.fulltext.download import fetch
from evidence_review.commands.fulltext.keep import Kept, keep
from evidence_review.commands.fulltext.reports import Sought
from evidence_review.commands.fulltext.right_paper import check
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE
from evidence_review.model.events import LOCATED, PAGE, REFUSED, Copy
from evidence_review.net.client import Timing
from evidence_review.net.failures import Failure
from evidence_review.net.store import temporary
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources import connect
from evidence_review.sources.locate import KINDS, LOCATORS, VERSIONS
from evidence_review.summary import Summary, counted
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace


@dataclass
class Fetched:
    """What came of fetching: files kept, addresses refused for good (with why), and those to try another time."""

    kept: dict[str, str] = field(default_factory=dict)
    refused: list[Copy] = field(default_factory=list)
    failed: list[tuple[str, str, str]] = field(default_factory=list)
    pages: list[tuple[str, str]] = field(default_factory=list)


def run(
    workspace: Workspace,
    *,
    again: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Fetch a copy of each awaited report; what was refused before is tried only `again`."""
    chosen = Settings.load() if settings is None else settings
    listener = talk or Quiet()
    sought = Sought.read(workspace)
    events = workspace.events(Copy)
    waiting = sought.waiting()
    if not waiting:
        return Summary((sought.nothing_awaited(),), {"awaited": 0, "kept": {}})
    closed = set() if again else {(one.record, one.address) for one in events if one.event == REFUSED}
    out = Fetched()
    for number, report in enumerate(waiting, start=1):
        places = _ranked([one for one in events if one.event == LOCATED and one.record == report])
        _fetch_one(workspace, sought, [one for one in places if (report, one.address) not in closed], chosen, listener,
                   timing, out)  # fmt: skip
        if report not in out.kept:
            out.pages += [(report, one.address) for one in places if one.kind == PAGE][:1]
        listener.progress("Full texts", number, len(waiting))
    return _told(len(waiting), out)


def _ranked(places: list[Copy]) -> list[Copy]:
    """Return places, the published version before the authors' own, what a program can read best first."""

    def order(place: Copy) -> tuple[int, int]:
        version = VERSIONS.index(place.version) if place.version in VERSIONS else 0
        return version, KINDS.index(place.kind) if place.kind in KINDS else len(KINDS)

    return sorted({place.address: place for place in places}.values(), key=order)


def _fetch_one(
    workspace: Workspace, sought: Sought, places: list[Copy], settings: Settings, talk: Talk, timing: Timing | None,
    out: Fetched,
) -> None:  # fmt: skip
    own = frozenset(urlsplit(settings.url(one.id, one.home)).netloc for one in LOCATORS.values())
    client = partial(connect.visitor, settings=settings, talk=talk, timing=timing)
    for place in places:
        if place.kind == PAGE:
            continue
        try:
            with temporary() as store:
                data = fetch(place.address, client, store, own)
        except Failure as failure:
            if failure.transient or failure.kind == "rate-limit":
                out.failed.append((place.record, place.address, failure.message))
            else:
                _refuse(workspace, place, failure.message, out)
            continue
        checked = check(data, sought.citations(place.record))
        if not checked.right:
            _refuse(workspace, place, checked.why, out)
            continue
        where = f"open copy, {urlsplit(place.address).hostname} (named by {LOCATORS[place.by].name})"
        name, _ = keep(workspace, "fulltext-fetch", Kept(
            place.record, data, checked.kind, checked.why, where, place.by, place.address, place.licence, place.version
        ))  # fmt: skip
        out.kept[place.record] = name
        return


def _refuse(workspace: Workspace, place: Copy, why: str, out: Fetched) -> None:
    with workspace.transaction("fulltext-fetch", {"report": place.record, "address": place.address}) as tx:
        event = Copy(
            REFUSED, place.record, place.address, place.kind, "", "", "", "", why, place.by, tx.when
        )  # fmt: skip
        known = {(one.record, one.address, one.check) for one in workspace.events(Copy) if one.event == REFUSED}
        if (event.record, event.address, event.check) not in known:
            tx.add_events([event])
    out.refused.append(event)


def _told(waiting: int, out: Fetched) -> Summary:
    lines = [f"{len(out.kept):,} of {counted(waiting, 'awaited report')} fetched."]
    lines += [f"  {report}: {name}" for report, name in out.kept.items()]
    lines += [f"Not taken for {one.record}: {one.check} ({one.address})" for one in out.refused]
    lines += [f"FAILED for {report}: {why} ({address})" for report, address, why in out.failed]
    lines += [f"For you to open, {report}: {address}" for report, address in out.pages]
    data = {
        "awaited": waiting, "kept": out.kept,
        "refused": [{"report": one.record, "address": one.address, "why": one.check} for one in out.refused],
        "failed": [{"report": report, "address": address, "why": why} for report, address, why in out.failed],
        "pages": [{"report": report, "address": address} for report, address in out.pages],
    }  # fmt: skip
    if out.failed:
        return Summary(tuple(lines), data, "evidence-review fulltext fetch", EXIT_SOURCE)
    then = "evidence-review fulltext sheet" if waiting > len(out.kept) else ""
    return Summary(tuple(lines), data, then, EXIT_DONE)
