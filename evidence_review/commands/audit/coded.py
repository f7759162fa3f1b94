"""A bundle in which nobody is named: the review done again under codes for its people, then packed as any other."""

from __future__ import annotations

import tempfile
from pathlib import Path

from evidence_review.commands.audit.bundle import bundle, licensed, parts
from evidence_review.commands.audit.codes import Codes, codes
from evidence_review.commands.audit.replay import replay
from evidence_review.commands.audit.verify import verify
from evidence_review.summary import Summary, counted
from evidence_review.workspace.layout import Layout
from evidence_review.workspace.workspace import Workspace


def bundle_coded(workspace: Workspace, out: Path) -> Summary:
    """Write a bundle in which people stand under codes: the review is done again under the codes, and that is packed.

    Raises:
        InputError: nobody is named, or a name cannot be told apart from words of the records.
        IdentityError: a run does not run again.
    """
    made = codes(workspace.protocol, workspace.records())
    with tempfile.TemporaryDirectory() as scratch:
        replay(workspace, Path(scratch), made)
        layout = Layout(Path(scratch), workspace.layout.review)
        _add_the_rest(workspace.layout, layout, made)
        coded = Workspace.open(layout.folder, layout.review)
        verify(coded, bundled=True)
        summary = bundle(coded, out)
        left = {
            layout.inside(path): names
            for path in parts(layout)
            if not licensed(layout, path) and (names := made.found_in(path.read_bytes()))
        }
    people = len(set(made.code_of.values()))
    lines = [f"{counted(people, 'person stands', 'people stand')} under a code, such as person-1."]
    lines += [f"Look at {name}: it still has {', '.join(names)}." for name, names in left.items()]
    data = {**summary.data, "people": people, "names_left": left}
    return Summary((*summary.lines, *lines), data, summary.next, summary.exit_code)


def _add_the_rest(original: Layout, layout: Layout, made: Codes) -> None:
    """Add today's protocol and the sheets that no run has read yet, with codes."""
    layout.protocol.parent.mkdir(parents=True, exist_ok=True)
    layout.protocol.write_bytes(made.data(original.protocol.read_bytes()))
    for path in original.sheets.rglob("*"):
        target = layout.folder / made.text(original.inside(path))
        if path.is_file() and not target.exists() and not path.name.startswith((".", "~$")):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(made.data(path.read_bytes()))
