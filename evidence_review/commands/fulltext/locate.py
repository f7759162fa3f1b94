"""`fulltext locate`: ask open services where a copy of each awaited report lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evidence_review.commands.fulltext.reports import Sought
from evidence_review.errors import EXIT_DONE, EXIT_SOURCE, SourceError, UsageError, suggest
from evidence_review.model.events import ASKED, LOCATED, Copy
from evidence_review.model.record import Citation
from evidence_review.net.client import Client, Timing
from evidence_review.net.talk import Quiet, Talk
from evidence_review.sources import connect
from evidence_review.sources.base import Access
from evidence_review.sources.locate import LOCATORS, Locator, Place, Places
from evidence_review.summary import Summary, counted
from evidence_review.workspace.archive import Archive, opened
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

_EMAIL = (
    "Unpaywall was not asked: it wants an e-mail address with each question. Put yours into the environment as "
    "EVIDENCE_REVIEW_EMAIL, or into your settings file; it is written nowhere in the review."
)


@dataclass
class Asked:
    """What a service said: places by report, how many reports it could be asked for, which it was, and what failed."""

    service: str
    places: dict[str, tuple[Place, ...]] = field(default_factory=dict)
    reports: int = 0
    answered: list[str] = field(default_factory=list)
    failure: str = ""
    skipped: str = ""


def run(
    workspace: Workspace,
    *,
    only: Sequence[str] = (),
    again: bool = False,
    settings: Settings | None = None,
    talk: Talk | None = None,
    timing: Timing | None = None,
) -> Summary:
    """Ask for open copies of the reports that are awaited; what a service answered once is not asked `again`.

    Raises:
        UsageError: `only` names a service that there is not.
    """
    for name in only:
        if name not in LOCATORS:
            raise UsageError(f"There is no service '{name}' for open copies. {suggest(name, LOCATORS)}")
    chosen = Settings.load() if settings is None else settings
    sought = Sought.read(workspace)
    reports = {report: named(sought.citations(report)) for report in sought.waiting()}
    if not reports:
        return Summary((sought.nothing_awaited(),), {"reports": 0, "located": 0})
    asked = [
        _ask(workspace, LOCATORS[name], reports, chosen, talk or Quiet(), timing, again=again)
        for name in (only or LOCATORS)
    ]
    new = _record(workspace, asked)
    return _told(reports, asked, new)


def named(citations: Sequence[Citation]) -> dict[str, str]:
    """Return the identifiers by which services know a report (scheme to value), from any of its records."""
    found: dict[str, str] = {}
    for citation in citations:
        for scheme, value in (("doi", citation.doi), ("pmid", citation.pmid)):
            if value:
                found.setdefault(scheme, value)
    return found


def _ask(
    workspace: Workspace, locator: Locator, reports: dict[str, dict[str, str]], settings: Settings, talk: Talk,
    timing: Timing | None, *, again: bool,
) -> Asked:  # fmt: skip
    out = Asked(locator.id)
    if locator.needs_email and not settings.email:
        out.skipped = _EMAIL
        return out
    wanted: dict[str, dict[str, list[str]]] = {scheme: {} for scheme in locator.schemes}
    for report, names in reports.items():
        scheme = next((one for one in locator.schemes if one in names), "")
        if scheme:
            out.reports += 1
            wanted[scheme].setdefault(f"{scheme}:{names[scheme].lower()}", []).append(report)
    client = connect.client(locator, settings, talk, timing)
    try:
        access = connect.access(locator, settings)
        with opened(workspace.layout.located / locator.id, "fulltext locate") as archive:
            if again:
                archive.start_over()
            for names_ in wanted.values():
                for batch, found in _answers(locator, access, client, archive, list(names_), talk):
                    out.answered += [report for name in batch for report in names_[name]]
                    for name, places in found.items():
                        for report in names_.get(name.lower(), ()):
                            out.places[report] = places
    except SourceError as fault:
        out.failure = fault.message
    finally:
        client.close()
    return out


def _answers(
    locator: Locator, access: Access, client: Client, archive: Archive, names: list[str], talk: Talk
) -> Iterator[tuple[Sequence[str], Places]]:
    """Yield the names that were asked for together, and what was said of them."""
    for start in range(0, len(names), locator.batch):
        batch = names[start : start + locator.batch]
        request = locator.ask(access, batch)
        kept = archive.find(request)
        yield (
            batch,
            locator.read(kept, access)
            if kept is not None
            else client.ask(request, archive, lambda reply: locator.read(reply, access)),
        )
        talk.progress(locator.name, min(start + locator.batch, len(names)), len(names))


def _record(workspace: Workspace, asked: list[Asked]) -> int:
    with workspace.transaction(
        "fulltext-locate", {"services": [one.service for one in asked if not one.skipped]}
    ) as tx:
        before = workspace.events(Copy)
        known = {(event.record, event.address) for event in before if event.event == LOCATED}
        # Who was asked is noted also where nothing was found: a report says so.
        told = {(event.record, event.by) for event in before if event.event == ASKED}
        events: list[Copy] = []
        for one in asked:
            events += [
                Copy(ASKED, report, "", "", "", "", "", "", "", one.service, tx.when)
                for report in one.answered if (report, one.service) not in told
            ]  # fmt: skip
            for report, places in one.places.items():
                for place in places:
                    if (report, place.address) not in known:
                        known.add((report, place.address))
                        events.append(_event(report, place, one.service, tx.when))
        tx.add_events(events)
        new = sum(event.event == LOCATED for event in events)
        tx.counts.update({"addresses": new, "failed": [one.service for one in asked if one.failure]})
    return new


def _event(report: str, place: Place, service: str, when: str) -> Copy:
    return Copy(
        LOCATED, report, place.address, place.kind, place.licence, place.version, "", "", "", service, when
    )  # fmt: skip


def _told(reports: dict[str, dict[str, str]], asked: list[Asked], new: int) -> Summary:
    lines, failed = [], False
    for one in asked:
        name = LOCATORS[one.service].name
        if one.skipped:
            lines.append(one.skipped)
            continue
        found = sum(bool(places) for places in one.places.values())
        if one.failure:
            failed = True
            lines.append(f"{name}: FAILED; open copies of {found:,} reports were named before that. {one.failure}")
        else:
            lines.append(f"{name}: asked for {counted(one.reports, 'report')}, names open copies of {found:,}.")
    located = {report for one in asked for report, places in one.places.items() if places}
    nameless = [report for report, names in reports.items() if not names]
    lines.append(
        f"{len(located):,} of {counted(len(reports), 'awaited report')} have an open copy"
        + (" as far as is known." if failed else ".")
    )
    if nameless:
        lines.append(f"{counted(len(nameless), 'report')} could not be asked for: no DOI and no PMID.")
    data = {
        "reports": len(reports), "located": len(located), "new_addresses": new, "without_identifier": nameless,
        "services": {
            one.service: {"asked": one.reports, "located": sum(map(bool, one.places.values())), "failure": one.failure,
                          "skipped": bool(one.skipped)}
            for one in asked
        },
    }  # fmt: skip
    then = "evidence-review fulltext locate" if failed else "evidence-review fulltext fetch" if located else ""
    return Summary(tuple(lines), data, then, EXIT_SOURCE if failed else EXIT_DONE)
