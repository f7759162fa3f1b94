"""Write docs/dedup-rules.md from the tables that decide: `python docs/make_dedup_rules.py`."""

from __future__ import annotations

from pathlib import Path

from evidence_review.commands.dedup import grades, keys, rules

TARGET = Path(__file__).with_name("dedup-rules.md")


def render() -> str:
    """Return the tables of keys, fields and rules as Markdown."""
    finer = ", then ".join(name for name, _ in keys.FINER)
    lines = [
        "# What decides about duplicates",
        "",
        "Made by `docs/make_dedup_rules.py` from the program itself; a test holds the two together. "
        "`evidence-review dedup explain A B` prints all of it for two records. How to use it: [find duplicates]"
        "(howto/dedup.md).",
        "",
        "## Keys: which records are compared",
        "",
        "Two records are compared where any of these is the same for both.",
        "",
        "| key | fields | why |",
        "|---|---|---|",
        *(f"| {key.name} | {key.fields} | {key.why} |" for key in keys.KEYS),
        "",
        f"Where more than {keys.CAP} records share a key they are split by {finer}; what still is too many is compared "
        "with its neighbours in the order of all fields, and the pairs left out are counted and said.",
        "",
        "## Fields: what agreement is worth",
        "",
        "A field that one record lacks is neutral. Points are added.",
        "",
        "| field | grade | points | meaning |",
        "|---|---|---:|---|",
        *(
            f"| {field.name if not place else ''} | {name} | {points:+g} | {meaning} |"
            for field in grades.FIELDS
            for place, (name, points, meaning) in enumerate(field.grades)
        ),
        "",
        "## Rules: what follows",
        "",
        f"Read from the top; the first that applies decides. Where a rule asks for points, {grades.MERGE:g} merge and "
        f"{grades.LOOK:g} are worth a look.",
        "",
        "| | rule | outcome | looks at | why |",
        "|---:|---|---|---|---|",
        *(
            f"| {number} | {rule.name} | {rule.outcome} | {rule.fields} | {rule.why} |"
            for number, rule in enumerate(rules.RULES, 1)
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8", newline="\n")
