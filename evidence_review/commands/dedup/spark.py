"""The same judgement on Apache Spark, for what one machine cannot hold.

Keys, grades and rules are those of the embedded engine; Spark only brings together what is compared. Small blocks are
joined by SQL, crowded ones are split by the same function as here, one block a task; pairs are scored in batches by
`mapInArrow`; only pairs that are not distinct come back. What the whole review says - which titles are common, which
journals are one - is learnt by aggregation first and sent to every worker.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from evidence_review.commands.dedup import blocks, grades, keys, venues
from evidence_review.commands.dedup.columns import COMMON, columns, common_titles, factorise
from evidence_review.commands.dedup.form import Form
from evidence_review.commands.dedup.judging import Judged, judge
from evidence_review.errors import InputError

PLACE = "place"
_NUMBERS = ("year", "author_count")
_GRADES = tuple(f"grade{number}" for number in range(len(grades.FIELDS)))
FORM_SCHEMA = f"{PLACE} long, " + ", ".join(
    f"{name} {'long' if name in _NUMBERS else 'string'}" for name in Form._fields
)
_KEY_SCHEMA = f"key int, hash long, {PLACE} long"
_PAIR_SCHEMA = "one long, two long"
_JUDGED_SCHEMA = "one long, two long, rule int, points float, compared long, " + ", ".join(
    f"{name} int" for name in _GRADES
)


# Blocks that the cap leaves whole are joined by SQL; the first of a pair has the smaller place.
_SQL = """
    SELECT a.place AS one, b.place AS two FROM dedup_blocks s
    JOIN dedup_hashes a ON a.key = s.key AND a.hash = s.hash
    JOIN dedup_hashes b ON b.key = s.key AND b.hash = s.hash AND a.place < b.place
"""


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as fault:
        raise InputError(
            f"The engine 'spark' needs {fault.name}: install it with \"pip install 'evidence-review[spark]'\" "
            "(and Java 17), or leave out '--engine spark'."
        ) from fault


def _session() -> Any:
    """Return the running Spark session, or one on this machine whose workers run this very Python."""
    sql = _module("pyspark.sql")
    # Spark reads which Python its workers run from the environment alone, and takes any "python3" otherwise.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = sql.SparkSession.builder.appName("evidence-review dedup").config("spark.ui.showConsoleProgress", "false")
    session = builder.getOrCreate()
    if session.sparkContext.master.startswith("local"):
        # Spark's 200 parts are for a cluster; on one machine their start takes longer than their work.
        session.conf.set("spark.sql.shuffle.partitions", 2 * session.sparkContext.defaultParallelism)
    return session


def judge_on_spark(forms: Sequence[Form]) -> Judged:
    """Judge forms that this process holds."""
    session = _session()
    pandas = _module("pandas")
    table = pandas.DataFrame(list(forms), columns=list(Form._fields))
    table.insert(0, PLACE, range(len(forms)))
    return judge_frame(session, session.createDataFrame(table, FORM_SCHEMA))


def judge_frame(session: Any, frame: Any) -> Judged:
    """Judge a Spark frame of matching forms: the columns of `Form` and `place`, a number for each record.

    The frame may come from Parquet or JSON lines in object storage; it is read several times, so it is kept.
    """
    frame = frame.repartition(PLACE).cache()
    titles = session.sparkContext.broadcast(_common(frame))
    journals = session.sparkContext.broadcast(_journals(frame))
    pairs, left_out = _candidates(session, frame)

    def judged(batches: Iterable[Any]) -> Iterator[Any]:
        return _judged(batches, titles.value, journals.value)

    both = pairs
    for side in ("one", "two"):
        named = frame.select(*[frame[name].alias(f"{side}_{name}") for name in (PLACE, *Form._fields)])
        both = both.join(named, both[side] == named[f"{side}_{PLACE}"]).drop(f"{side}_{PLACE}")
    # Sorted here, so that the answer does not depend on which worker was first.
    rows = both.mapInArrow(judged, _JUDGED_SCHEMA).toPandas().sort_values(["one", "two"])
    told = rows[rows["rule"] >= 0]
    frame.unpersist()
    return Judged(
        told["one"].to_numpy(np.int64),
        told["two"].to_numpy(np.int64),
        told["rule"].to_numpy(np.int8),
        told["points"].to_numpy(np.float32),
        told[list(_GRADES)].to_numpy(np.int8),
        int(rows["compared"].sum()),
        blocks.Capped({}, left_out),
    )


def _forms(columns_of: dict[str, list[Any]], prefix: str = "") -> list[Form]:
    return [Form(*row) for row in zip(*(columns_of[prefix + name] for name in Form._fields), strict=True)]


def _common(frame: Any) -> frozenset[str]:
    """Return the titles that several works bear: only those that stand often enough are looked at."""
    often = frame.groupBy("title").count().where(f"count >= {COMMON} and title != ''").select("title")

    def in_group(group: Any) -> Any:
        forms = _forms(group.to_dict("list"))
        return (
            group[["title"]][:1]
            if common_titles(forms, factorise([one.title for one in forms])).any()
            else group[["title"]][:0]
        )

    found = frame.join(often, "title").groupBy("title").applyInPandas(in_group, "title string")
    return frozenset(row[0] for row in found.collect())


def _journals(frame: Any) -> venues.Facts:
    """Return what the frame says of journals; the numbers are those of `venues.facts`."""
    count = {row[0]: row[1] for row in frame.where("venue != ''").groupBy("venue").count().collect()}
    functions = _module("pyspark.sql.functions")
    stated = frame.where("title != '' and first_author != '' and year > 0 and venue != ''")
    work = stated.groupBy("title", "first_author", "year")
    names = functions.sort_array(functions.collect_set("venue")).alias("names")
    twice = work.agg(names, functions.count("venue").alias("records")).where("records > 1").groupBy("names").count()
    found = [(tuple(row[0]), row[1]) for row in twice.collect()]
    return venues.learnt(count, sum(times for _, times in found), [one for one in found if len(one[0]) > 1])


def _candidates(session: Any, frame: Any) -> tuple[Any, dict[str, int]]:
    """Return the pairs to compare, each once, and what the cap left out by key."""

    def hashed(batches: Iterable[Any]) -> Iterator[Any]:
        arrow = importlib.import_module("pyarrow")
        for batch in batches:
            values = batch.to_pydict()
            found: dict[str, list[int]] = {"key": [], "hash": [], PLACE: []}
            for place, form in zip(values[PLACE], _forms(values), strict=True):
                for number, value in enumerate(keys.hashes(form)):
                    if value:
                        found["key"].append(number)
                        found["hash"].append(value)
                        found[PLACE].append(place)
            kinds = (arrow.int32(), arrow.int64(), arrow.int64())
            made = [arrow.array(values, kind) for values, kind in zip(found.values(), kinds, strict=True)]
            yield arrow.RecordBatch.from_arrays(made, list(found))

    def crowded(block: Any) -> Any:
        block = block.sort_values(PLACE)
        values = block.to_dict("list")
        capped = blocks.Capped()
        count = len(block)
        found = blocks.key_pairs(_forms(values), np.ones(count, np.uint32), "", capped)
        codes = np.unique(np.concatenate(found))
        places = np.array(values[PLACE], np.int64)
        frame_of = importlib.import_module("pandas").DataFrame
        pairs = frame_of({"one": places[codes // count], "two": places[codes % count]})
        # One row more says how many pairs were left out: it has no first record, but the number of the key.
        rest = frame_of({"one": [-1 - values["key"][0]], "two": [capped.left_out.get("", 0)]})
        return importlib.import_module("pandas").concat([pairs, rest])

    hashes = frame.mapInArrow(hashed, _KEY_SCHEMA).cache()
    sizes = hashes.groupBy("key", "hash").count().where("count > 1")
    hashes.createOrReplaceTempView("dedup_hashes")
    sizes.where(f"count <= {keys.CAP}").createOrReplaceTempView("dedup_blocks")
    few = session.sql(_SQL)
    members = hashes.join(sizes.where(f"count > {keys.CAP}").select("key", "hash"), ["key", "hash"])
    many = members.join(frame, PLACE).groupBy("key", "hash").applyInPandas(crowded, _PAIR_SCHEMA).cache()
    left_out: dict[str, int] = {}
    for one, two in many.where("one < 0 and two > 0").collect():
        name = keys.KEYS[-1 - one].name
        left_out[name] = left_out.get(name, 0) + two
    return few.union(many.where("one >= 0")).distinct(), left_out


def _judged(batches: Iterable[Any], titles: frozenset[str], journals: venues.Facts) -> Iterator[Any]:
    """Judge the pairs of each batch; a first row counts how many were compared."""
    arrow = importlib.import_module("pyarrow")
    for batch in batches:
        values = batch.to_pydict()
        forms = _forms(values, "one_") + _forms(values, "two_")
        count = len(forms) // 2
        common = np.fromiter((form.title in titles for form in forms), np.bool_, len(forms))
        table = columns(forms, common, journals)
        found = judge(table, np.arange(count), np.arange(count) + count)
        one, two = np.array(values["one"], np.int64), np.array(values["two"], np.int64)
        first = [-1, *one[found.first].tolist()], [-1, *two[found.first].tolist()]
        told = [*first, [-1, *found.rule.tolist()], [0.0, *found.points.tolist()], [count, *[0] * len(found)]]
        told += [[0, *found.grades[:, number].tolist()] for number in range(len(_GRADES))]
        kinds = [
            arrow.int64(),
            arrow.int64(),
            arrow.int32(),
            arrow.float32(),
            arrow.int64(),
            *[arrow.int32()] * len(_GRADES),
        ]
        names = ["one", "two", "rule", "points", "compared", *_GRADES]
        yield arrow.RecordBatch.from_arrays([arrow.array(v, k) for v, k in zip(told, kinds, strict=True)], names)
