"""The metadata of a bundle: an RO-Crate 1.1 (https://www.researchobject.org/ro-crate/specification/1.1/)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from evidence_review import __version__
from evidence_review.model.protocol import Member
from evidence_review.state.snapshot import Snapshot

METADATA = "ro-crate-metadata.json"
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"
_CONFORMS = "https://w3id.org/ro/crate/1.1"

_LEFT_OUT = "Left out: "

_MEDIA = {
    "csv": "text/csv", "json": "application/json", "jsonl": "application/x-ndjson", "gz": "application/gzip",
    "yml": "application/yaml", "md": "text/markdown", "html": "text/html", "svg": "image/svg+xml",
    "xml": "application/xml", "ris": "application/x-research-info-systems", "txt": "text/plain",
    "nbib": "text/plain", "bib": "application/x-bibtex", "zip": "application/zip", "j2": "text/plain",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Packed:
    """A file of the bundle: its size in bytes and the sha256 of its content."""

    size: int
    sha256: str


def metadata(snapshot: Snapshot, files: Mapping[str, Packed], left_out: Mapping[str, str]) -> bytes:
    """Return `ro-crate-metadata.json`: what the bundle is, each file with its hash, and what was left out and why."""
    protocol = snapshot.protocol
    last = snapshot.ledger[-1].when if snapshot.ledger else ""
    root = {
        "@id": "./",
        "@type": "Dataset",
        "identifier": protocol.review,
        "name": protocol.title,
        "description": " ".join(
            [
                f"A {protocol.kind}: protocol, searches, records, decisions, values, report and ledger.",
                *(f"{_LEFT_OUT}{name} ({why})." for name, why in left_out.items()),
            ]
        ),
        "author": [{"@id": one} for one in dict.fromkeys(map(_person, protocol.team))],
        "license": {"@id": "#licence"},
        "datePublished": last[:10],
        "version": protocol.version,
        "hasPart": [{"@id": name} for name in files],
        "softwareRequirements": {"@id": "#evidence-review"},
    }
    about = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _CONFORMS},
        "about": {"@id": "./"},
    }
    program = {
        "@id": "#evidence-review",
        "@type": "SoftwareApplication",
        "name": "evidence-review",
        "softwareVersion": __version__,
    }
    licence = {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": "No licence stated",
        "description": "The authors of the review state no licence here: ask them before you reuse what is theirs. "
        "Records and replies belong to the sources that they came from.",
    }
    # Two ids of one person, who screens under both, are one entity.
    people = {
        _person(member): {
            "@id": _person(member),
            "@type": "Person",
            "name": member.name or member.id,
            **({"affiliation": member.affiliation} if member.affiliation else {}),
        }
        for member in protocol.team
    }
    graph: list[dict[str, Any]] = [about, root, program, licence, *people.values()]
    for name, packed in files.items():
        graph.append(
            {
                "@id": name,
                "@type": "File",
                "contentSize": str(packed.size),
                "encodingFormat": _MEDIA.get(name.rpartition(".")[2].lower(), "application/octet-stream"),
                "sha256": packed.sha256,
            }
        )
    return (json.dumps({"@context": _CONTEXT, "@graph": graph}, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _person(member: Member) -> str:
    """Return the id of a person: the ORCID iD where it is known, as RO-Crate recommends."""
    orcid = member.orcid.rstrip("/").rpartition("/")[2]
    return f"https://orcid.org/{orcid}" if orcid else f"#{quote(member.id)}"


def packed_files(data: bytes) -> dict[str, Packed]:
    """Return the files that a bundle's metadata lists (the inverse of `metadata` as far as files go).

    Raises:
        ValueError, KeyError, TypeError: it is no such metadata.
    """
    graph = json.loads(data)["@graph"]
    return {
        str(item["@id"]): Packed(int(item["contentSize"]), str(item["sha256"]))
        for item in graph
        if item.get("@type") == "File"
    }


def without(path: Path, names: Iterable[str]) -> frozenset[str]:
    """Return those of the names that the metadata of an unpacked bundle say were left out; none where there are none.

    Metadata that somebody damaged say nothing.
    """
    try:
        graph = json.loads(path.read_bytes())["@graph"]
        told = " ".join(str(item.get("description", "")) for item in graph if item["@id"] == "./")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return frozenset()
    return frozenset(name for name in names if f"{_LEFT_OUT}{name} (" in told)
