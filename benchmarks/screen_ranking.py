"""How well records are ranked: this program against ASReview's ELAS u4, on labelled sets, seeds and batches.

    python benchmarks/screen_ranking.py ../shared/corpus/screening --seeds 10
    python benchmarks/screen_ranking.py ../shared/corpus/screening --seeds 10 --warm
    python benchmarks/screen_ranking.py ../shared/corpus/screening --asreview /path/to/asreview --warm

ELAS u4 is written again here from ASReview's published settings: TF-IDF of title and abstract, 1-2-grams, sublinear,
max_df .95; a linear support vector machine (squared hinge, C .11); includes as a class weigh 9.8 times excludes; before
both kinds are known records come in random order. Every run shuffles the records, since label files may be sorted.
With --asreview the program itself is run, in its own environment, on three sets. It learns anew after every record (its
`--n-query` changes nothing in a simulation, tried with 3.0.8), which this program does after every batch.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from evidence_review.commands.screen.features import features
from evidence_review.commands.screen.labelled import Labelled, read_labelled
from evidence_review.commands.screen.simulate import Measured, Plan, measure, screen

FIGURES = ("atd", "wss95", "recall10")
# The 97.5 % quantiles of Student's t for 1 to 20 degrees of freedom.
T975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
        2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086)  # fmt: skip


def elas_u4(matrix, labels: Sequence[int], plan: Plan) -> list[int]:
    """Return the labels in the order in which ELAS u4 reads them."""
    shuffled = list(range(len(labels)))
    random.Random(str(plan.seed)).shuffle(shuffled)
    priors = [next(index for index in shuffled if labels[index] == wanted) for wanted in (1, 0)] if plan.warm else []
    judged, known = list(priors), np.asarray(labels)
    done = np.zeros(len(labels), dtype=bool)
    done[judged] = True
    while len(judged) < len(labels):
        pool = np.asarray([index for index in shuffled if not done[index]])
        seen = known[judged]
        if len(set(seen.tolist())) == 2:
            ones, zeros = int(seen.sum()), int((1 - seen).sum())
            weights = np.where(seen == 1, 1.0, ones / (9.8 * zeros))
            weights *= len(seen) / weights.sum()
            machine = LinearSVC(C=0.11, loss="squared_hinge", random_state=0)
            machine.fit(matrix[judged], seen, sample_weight=weights)
            pool = pool[np.argsort(-machine.decision_function(matrix[pool]), kind="stable")]
        batch = pool[: plan.batch].tolist()
        judged += batch
        done[batch] = True
    return [labels[index] for index in judged[len(priors) :]]


def asreview(program: str, path: Path, seed: int) -> Measured:
    """Run ASReview itself, with one include and one exclude known, and read the order of its labels."""
    with tempfile.TemporaryDirectory() as folder:
        data, project = Path(folder) / "data.csv", Path(folder) / "run.asreview"
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        random.Random(seed).shuffle(rows)
        with data.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["title", "abstract", "label_included"])
            writer.writerows([row["title"], row["abstract"], row["label_included"]] for row in rows)
        begun = time.perf_counter()
        command = [program, "simulate", str(data), "--ai", "elas_u4", "--n-prior-included", "1", "--n-prior-excluded",
                   "1", "--prior-seed", str(seed), "--n-stop", "-1", "-o",
                   str(project)]  # fmt: skip
        # It keeps a cache in the folder it stands in.
        subprocess.run(command, check=True, capture_output=True, cwd=folder)
        seconds = time.perf_counter() - begun
        with zipfile.ZipFile(project) as archive:
            archive.extractall(folder)
        (database,) = Path(folder).rglob("results.db")
        with sqlite3.connect(database) as connection:
            found = connection.execute("select label from results where querier is not null order by time, rowid")
            return measure([int(label) for (label,) in found], seconds)


def sets(folder: Path) -> Iterator[tuple[str, Path, Labelled, str]]:
    """Yield each labelled set with its protocol's text."""
    texts = json.loads((folder / "protocol_texts.json").read_text(encoding="utf-8"))
    for name, text in texts.items():
        path = folder / name / "records.csv"
        yield name, path, read_labelled(path), text


def interval(differences: Sequence[float]) -> str:
    """Return the mean of paired differences with its 95 % interval."""
    if len(differences) < 2:
        return f"{mean(differences):+.3f}"
    half = half_width(differences)
    return f"{mean(differences):+.3f} ({mean(differences) - half:+.3f} to {mean(differences) + half:+.3f})"


def half_width(differences: Sequence[float]) -> float:
    """Return half the 95 % interval of a mean."""
    return T975[min(len(differences), 21) - 2] * stdev(differences) / len(differences) ** 0.5


def shown(figures: Sequence[float]) -> str:
    """Return figures in columns."""
    return "".join(f"{value:8.3f}" for value in figures)


def main() -> int:
    """Run every set and seed with both, print means and paired differences; 1 where a target was missed.

    Cold, for batches of 50: ATD at most .130, WSS@95 at least .52, recall@10% at least .62, ahead in all sets but one.
    Warm: behind ELAS u4 in no set by more than its seeds differ.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--asreview", metavar="PROGRAM")
    given = parser.parse_args()
    ours_by_set: list[list[float]] = []
    theirs_by_set: list[list[float]] = []
    wins, behind = 0, list[str]()
    print(f"{'warm' if given.warm else 'cold'} start, batches of {given.batch}, {given.seeds} seeds")
    print(f"{'set':22}   ours: ATD, WSS@95, recall@10%     ELAS u4: the same     ATD ours - ELAS (95 % CI)")
    for number, (name, path, labelled, text) in enumerate(sets(given.folder)):
        known = features(labelled.titles, labelled.abstracts, text)
        texts = [f"{title} {abstract}" for title, abstract in zip(labelled.titles, labelled.abstracts, strict=True)]
        matrix = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_df=0.95).fit_transform(texts).tocsr()
        ours, theirs = [], []
        for seed in range(given.seeds):
            plan = Plan(given.batch, seed, given.warm)
            ours.append(measure(screen(known, labelled.labels, plan)[0]))
            theirs.append(measure(elas_u4(matrix, labelled.labels, plan)))
        one, two = ([mean(getattr(run, figure) for run in runs) for figure in FIGURES] for runs in (ours, theirs))
        ours_by_set.append(one)
        theirs_by_set.append(two)
        wins += one[0] < two[0]
        differences = [mine.atd - other.atd for mine, other in zip(ours, theirs, strict=True)]
        apart = interval(differences)
        if len(differences) > 1 and mean(differences) > half_width(differences):
            behind.append(name)
        print(f"{name:22}{shown(one)}      {shown(two)}   {apart}", flush=True)
        if given.asreview and number in (1, 2, 5):
            real = [asreview(given.asreview, path, seed) for seed in range(given.seeds)]
            figures = shown([mean(getattr(run, figure) for run in real) for figure in FIGURES])
            apart = interval([mine.atd - other.atd for mine, other in zip(ours, real, strict=True)])
            seconds = mean(run.seconds for run in real)
            print(f"{'  ASReview itself':46}      {figures}   {apart}   {seconds:.0f} s a run", flush=True)
    both = [[mean(values) for values in zip(*by_set, strict=True)] for by_set in (ours_by_set, theirs_by_set)]
    apart = interval([one[0] - two[0] for one, two in zip(ours_by_set, theirs_by_set, strict=True)])
    print(f"{'mean':22}{shown(both[0])}      {shown(both[1])}   {apart}")
    print(f"ahead on ATD in {wins} of {len(ours_by_set)} sets")
    if given.warm:
        print(f"behind by more than the noise of seeds in {len(behind)} sets {', '.join(behind)}")
        return int(bool(behind))
    atd, wss95, recall10 = both[0]
    return int(atd > 0.130 or wss95 < 0.52 or recall10 < 0.62 or wins < len(ours_by_set) - 1)


if __name__ == "__main__":
    sys.exit(main())
