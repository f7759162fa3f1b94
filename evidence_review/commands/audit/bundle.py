"""`audit bundle`: one archive with everything that another person needs to check a review.

The bytes depend on the review alone: names are sorted, times fixed, and the archive's comment holds the sha256 of all
its other bytes, so that a changed byte is found wherever it is.
"""

from __future__ import annotations

import hashlib
import shlex
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from evidence_review.commands.audit.crate import METADATA, Packed, metadata
from evidence_review.errors import InputError
from evidence_review.summary import Summary, counted
from evidence_review.workspace.disk import storage_errors
from evidence_review.workspace.intact import absent_copies
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.settings import Settings
from evidence_review.workspace.workspace import Workspace

MARK = b"evidence-review sha256 "
_UNKNOWN = b"0" * 64
_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
_CHUNK = 1 << 20


def bundle(workspace: Workspace, out: Path) -> Summary:
    """Write the bundle of a review to `out`.

    Raises:
        InputError: a key or address of the user stands in a file of the review; nothing is written.
    """
    layout = workspace.layout
    snapshot = workspace.snapshot()
    paths = {layout.inside(path): path for path in parts(layout) if path.resolve() != out.resolve()}
    copies = {name for name in paths if licensed(layout, paths[name])} | absent_copies(layout, snapshot.ledger)
    left_out = dict.fromkeys(sorted(copies), "full texts are licensed to you")
    files = {name: paths[name] for name in sorted(paths) if name not in left_out}
    _no_secrets(files)
    draft = out.with_name(out.name + ".part")
    with storage_errors("The bundle was not written"):
        packed = {name: _describe(path) for name, path in files.items()}
        pack(draft, metadata(snapshot, packed, left_out), files)
        digest = _seal(draft)
        draft.replace(out)
    lines = [
        f"{out.name}: {counted(len(files), 'file')}, {out.stat().st_size:,} bytes, sha256 {digest}.",
        *(f"Left out: {name} ({why})." for name, why in left_out.items()),
    ]
    return Summary(
        lines=tuple(lines),
        data={"bundle": str(out), "files": len(files), "sha256": digest, "left_out": left_out},
        next=f"evidence-review audit verify {shlex.quote(out.name)}",
    )


def pack(out: Path, about: bytes, files: Mapping[str, Path]) -> None:
    """Write an archive of the metadata and the files, in order, that does not know its own sha256 yet."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(METADATA), about)
        for name, path in files.items():
            with archive.open(_entry(name), "w") as target, path.open("rb") as source:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
        archive.comment = MARK + _UNKNOWN


def parts(layout: Layout) -> Iterator[Path]:
    """Yield every file of the review: protocol and what lies beside it, library, sheets, reports, own templates."""
    yield layout.protocol
    for folder in (layout.beside_protocol, layout.library, layout.sheets, layout.reports, layout.own_templates):
        for path in folder.rglob("*"):
            passing = path.name.startswith((".lock", ".~lock", "~$")) or layout.pending in path.parents
            if path.is_file() and not path.is_symlink() and not passing:
                yield path


def licensed(layout: Layout, path: Path) -> bool:
    return layout.fulltext in path.parents


def _no_secrets(files: dict[str, Path]) -> None:
    settings = Settings.load()
    secrets = [value.encode("utf-8") for value in (settings.email, *settings.keys.values()) if len(value) >= 6]
    for name, path in files.items():
        data = path.read_bytes() if secrets else b""
        if any(secret in data for secret in secrets):
            raise InputError(
                f"{name} holds your e-mail address or a key of yours; nothing was written. Take it out first "
                "(in a protocol or a sheet: edit it; in the library: report it as a fault of this program)."
            )


def _describe(path: Path) -> Packed:
    with path.open("rb") as stream:
        return Packed(path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def own_digest(path: Path) -> tuple[str, str]:
    """Return the sha256 that a bundle says of itself and the one that it has ("" where it says none)."""
    size = path.stat().st_size
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        stream.seek(max(size - len(MARK) - 64, 0))
        mark, said = stream.read(len(MARK)), stream.read(64)
        stream.seek(0)
        left = max(size - 64, 0)
        while left and (chunk := stream.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    digest.update(_UNKNOWN)
    return (said.decode("ascii", "replace") if mark == MARK else ""), digest.hexdigest()


def _seal(path: Path) -> str:
    """Write the sha256 of everything else into the archive's comment; return it."""
    digest = own_digest(path)[1]
    with path.open("rb+") as stream:
        stream.seek(-64, 2)
        stream.write(digest.encode("ascii"))
    return digest
