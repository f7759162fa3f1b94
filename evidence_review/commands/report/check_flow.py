"""Does a flow diagram made elsewhere add up?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence_review.commands.report import flow_diagram, flow_file
from evidence_review.commands.report.labels import labels
from evidence_review.errors import EXIT_DONE, EXIT_IDENTITY, InputError, UsageError
from evidence_review.state.identities import Failure, check, hard
from evidence_review.summary import Summary
from evidence_review.workspace.disk import storage_errors

_MOST_BYTES = 5_000_000


def check_flow(path: Path, adjustments: Sequence[str] = (), svg: Path | None = None) -> Summary:
    """Check the numbers in a file of the R package PRISMA2020's form, and draw them to `svg` where they add up.

    `adjustments` such as "I3=2" are differences that the authors declare. The summary's exit code is 4 where numbers
    do not add up.

    Raises:
        InputError: the file cannot be read as such.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror or fault}.") from fault
    if len(data) > _MOST_BYTES:
        raise InputError(f"{path} has {len(data):,} bytes: that is no file of flow numbers.")
    file = flow_file.read(data, path.name)
    try:
        declared = [flow_file.adjustment(text, "on the command line") for text in adjustments]
    except ValueError as fault:
        raise UsageError(f"{fault}.") from fault
    declared = [*file.adjustments, *declared]
    failures = check(file.flow, declared)
    broken = hard(failures)
    warnings = [failure for failure in failures if failure.soft]
    if broken:
        head = f"{path.name} does not add up: {len(broken)} identit{'ies fail' if len(broken) > 1 else 'y fails'}."
    else:
        head = f"{path.name} adds up: {len(file.flow.counts)} numbers."
    lines = [head, *(f"  {failure}{_if_meant(failure)}" for failure in broken)]
    lines += [f"  Warning: {failure}" for failure in warnings]
    if svg is not None and not broken:
        with storage_errors("The diagram could not be written"):
            drawing = flow_diagram.draw(file.flow, labels(), path.stem, adjustments=declared)
            svg.write_text(drawing, encoding="utf-8", newline="\n", errors="replace")
        lines.append(f"  Drawn: {svg}")
    return Summary(
        lines=(*lines, *(f"  {remark}" for remark in file.remarks)),
        data={
            "ok": not broken,
            "failures": [_plain(failure) for failure in broken],
            "warnings": [_plain(failure) for failure in warnings],
            "remarks": list(file.remarks),
            "numbers": {key: number.n for key, number in file.flow.counts.items()},
        },
        exit_code=EXIT_IDENTITY if broken else EXIT_DONE,
    )


# The differences that a right diagram may have, for PRISMA 2020 has no box for what makes them: their sign and cause.
_MEANT = {
    "I3": (1, "If single records led to several reports"),
    "I5": (-1, "If duplicates were left out, or records screened out, among those of other methods"),
    "I9": (-1, "If studies were counted in both versions"),
}


def _if_meant(failure: Failure) -> str:
    """Return how to declare a difference that can have a good cause, "" for any other."""
    if failure.identity == "I7" and failure.box == "new_studies":
        return ". If they stand in another number of reports, fill in new_reports"
    sign, cause = _MEANT.get(failure.identity, (0, ""))
    if not isinstance(failure.expected, int) or (failure.found - failure.expected) * sign <= 0:
        return ""
    subject = " reports" if failure.box == "total_reports" else ""
    return f". {cause}, declare it: --adjust '{failure.identity}{subject}={failure.found - failure.expected:+d}'"


def _plain(failure: Failure) -> dict[str, Any]:
    return {
        "identity": failure.identity,
        "box": failure.box,
        "statement": failure.statement,
        "expected": failure.expected,
        "found": failure.found,
    }
