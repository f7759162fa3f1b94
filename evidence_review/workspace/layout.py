"""Where everything lies in a review folder. No other module spells a path of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROTOCOLS, LIBRARY, SCREENING, REPORTS = "protocols", "library", "screening", "reports"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one review in one folder."""

    folder: Path
    review: str

    @property
    def protocol(self) -> Path:
        """The protocol that people write."""
        return self.folder / PROTOCOLS / f"{self.review}.yml"

    @property
    def beside_protocol(self) -> Path:
        """What belongs to the protocol: amendments, known items, exports to load, the authors' prose."""
        return self.folder / PROTOCOLS / self.review

    @property
    def amendments(self) -> Path:
        """The log of protocol amendments."""
        return self.beside_protocol / "amendments.csv"

    @property
    def checklist_answers(self) -> Path:
        """What the authors answer to reporting checklists."""
        return self.beside_protocol / "checklists.csv"

    @property
    def library(self) -> Path:
        """What the program makes and nobody edits by hand."""
        return self.folder / LIBRARY / self.review

    @property
    def searches(self) -> Path:
        """One folder a source, one folder a run: raw replies and manifests."""
        return self.library / "searches"

    @property
    def imports(self) -> Path:
        """Byte copies of loaded files, named by their sha256."""
        return self.library / "imports"

    @property
    def zotero(self) -> Path:
        """What the last pull and push of each Zotero library saw and did."""
        return self.library / "zotero"

    @property
    def collected(self) -> Path:
        """Byte copies of the sheets that were collected, named by their sha256: people go on editing their own."""
        return self.library / "collected"

    @property
    def protocol_versions(self) -> Path:
        """Every version of the protocol under which something was done, named by its sha256."""
        return self.library / "protocols"

    @property
    def records(self) -> Path:
        """Every record identified, one JSON object a line."""
        return self.library / "records.jsonl"

    @property
    def corrections(self) -> Path:
        """What sources say of records now that was different when they were identified."""
        return self.library / "corrections.csv"

    @property
    def duplicates(self) -> Path:
        """Statements about pairs of records."""
        return self.library / "duplicates.csv"

    @property
    def compared(self) -> Path:
        """What the last search for duplicates looked at, by which rules, and what it counted."""
        return self.library / "dedup.json"

    @property
    def pairs(self) -> Path:
        """Every pair of records that a rule did not hold for distinct, so that only new records need comparing."""
        return self.library / "dedup-pairs.csv"

    @property
    def doubtful(self) -> Path:
        """The sheet of doubtful pairs, for people."""
        return self.sheets / "duplicates.csv"

    @property
    def decisions(self) -> Path:
        """Screening decisions."""
        return self.library / "decisions.csv"

    @property
    def retrievals(self) -> Path:
        """Attempts to get full texts."""
        return self.library / "retrievals.csv"

    @property
    def copies(self) -> Path:
        """Copies of full texts: where they are said to lie, and which were kept."""
        return self.library / "copies.csv"

    @property
    def fulltext(self) -> Path:
        """The copies of full texts themselves. They are licensed to whoever got them, and never leave this folder."""
        return self.library / "fulltext"

    @property
    def located(self) -> Path:
        """What services replied when they were asked for open copies, one folder a service."""
        return self.library / "located"

    @property
    def studies(self) -> Path:
        """Which report belongs to which study."""
        return self.library / "studies.csv"

    @property
    def citations(self) -> Path:
        """Which document cites which, as services say."""
        return self.library / "citations.csv"

    @property
    def notices(self) -> Path:
        """What services say has happened to papers since they appeared: retractions, corrections."""
        return self.library / "notices.csv"

    @property
    def asked_for_notices(self) -> Path:
        """One folder a service that was asked for such notices: its replies."""
        return self.library / "notices"

    @property
    def editions(self) -> Path:
        """The versions of a living review, and what each had included."""
        return self.library / "editions.csv"

    @property
    def taken_back(self) -> Path:
        """Which files were loaded by mistake and taken back, and why."""
        return self.library / "taken-back.csv"

    @property
    def values(self) -> Path:
        """Extracted and appraised values."""
        return self.library / "values.csv"

    @property
    def issued(self) -> Path:
        """Which sheet was given to whom with which records."""
        return self.library / "sheets.json"

    @property
    def ledger(self) -> Path:
        """One line per run of a command that changed something."""
        return self.library / "ledger.jsonl"

    @property
    def pending(self) -> Path:
        """Changes on their way: staged first, then applied as one."""
        return self.library / ".pending"

    @property
    def lock(self) -> Path:
        """Held by the one process that may write."""
        return self.library / ".lock"

    @property
    def sheets(self) -> Path:
        """The sheets that people fill in."""
        return self.folder / SCREENING / self.review

    @property
    def reports(self) -> Path:
        """What readers get."""
        return self.folder / REPORTS / self.review

    @property
    def own_templates(self) -> Path:
        """A team's own templates; they override the packaged ones."""
        return self.folder / REPORTS / "templates"

    def inside(self, path: Path) -> str:
        """Return `path` relative to the folder, with forward slashes on every system."""
        return path.relative_to(self.folder).as_posix()

    def named(self, path: Path) -> str:
        """Return what a file that somebody named is called in what is kept: its place in the folder, or its name alone.

        No path of a machine is kept.
        """
        full = path.resolve()
        return self.inside(full) if full.is_relative_to(self.folder) else full.name


def reviews_in(folder: Path) -> list[str]:
    """Return the short names of the reviews whose protocols lie in `folder`."""
    return sorted(path.stem for path in (folder / PROTOCOLS).glob("*.yml"))
