"""A process that does one job on whatever comes through its standard input, for `evidence_review.formats.processes`."""

from __future__ import annotations

import gc
import pickle
import signal
import sys

# Objects that are left over.
_MANY = 100_000


def main() -> None:
    """Read the job, then item after item until the input ends; write each result to standard output."""
    # Whoever started this process decides when it ends, by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    job = pickle.load(source)  # noqa: S301  # from the process that started this one
    # What a slice makes has no cycles and is gone with the slice: looking for garbage takes a tenth of the time. Only a
    # workbook that is read back leaves cycles, which are looked for once they are many.
    gc.disable()
    while True:
        try:
            item = pickle.load(source)  # noqa: S301
        except EOFError:
            return
        pickle.dump(job(item), target, pickle.HIGHEST_PROTOCOL)
        target.flush()
        if gc.get_count()[0] > _MANY:
            gc.collect()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)
