"""Appraisal tools: data with id, version, source, items and answers; each makes a form, and some a logic for the whole.

The packaged ones lie in `data/tools/`; a team's own in `protocols/<review>/tools/` go before them. Prompts are short
words of this project, not the tools' copyrighted ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from evidence_review.errors import InputError, Problem, UsageError, suggest
from evidence_review.model.form import Form, FormField
from evidence_review.model.part import Key, Text

# What an answer means for a reader, from good to bad; `unclear` nobody can tell, `none` it does not apply.
Level = Literal["good", "some", "poor", "worst", "unclear", "none"]
SECTION, OVERALL, COMMENTS = "section", "overall", "comments"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Item(_Part):
    """One thing to judge. A `critical` item weighs more where the tool's logic says so."""

    id: Key
    prompt: Text
    required: bool = False
    critical: bool = False


class Section(_Part):
    """Items that belong together. `when` names the kinds of study it is for; empty for all."""

    id: Text
    title: Text = ""
    when: tuple[Text, ...] = ()
    items: tuple[Item, ...]


class Overall(_Part):
    """How the whole is judged. `logic` is a key of `LOGICS`; `order` has a scale's answers from best to worst."""

    logic: Literal["none", "worst", "amstar-2"] = "none"
    answers: dict[Text, Level] = {}
    order: tuple[Text, ...] = ()
    note: Text = ""


class Tool(_Part):
    """An appraisal tool. `answers` maps each answer to its meaning; `support` asks for page and words behind each."""

    id: Key
    version: Text
    title: Text
    source: Text
    answers: dict[Text, Level]
    overall: Overall = Overall()
    support: bool = False
    sections: tuple[Section, ...]
    for_: Text = ""

    @property
    def items(self) -> tuple[Item, ...]:
        """All items in order."""
        return tuple(item for section in self.sections for item in section.items)

    def items_for(self, section: str) -> tuple[Item, ...]:
        """Return the items of a study whose `section` cell says so; those of every study where it is empty."""
        return tuple(item for part in self.sections if not part.when or section in part.when for item in part.items)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of study between which the tool tells apart; empty where it does not."""
        return tuple(kind for part in self.sections for kind in part.when)

    def level(self, item: str, answer: str) -> Level:
        """Return what an answer means."""
        scale = self.overall.answers if item == OVERALL else self.answers
        return scale.get(answer, "unclear")

    def form(self) -> Form:
        """Return the tool as a form, from which sheets are made."""
        fields = [
            FormField(
                id=item.id, label=item.prompt, type="choice", options=tuple(self.answers), quoted=self.support,
                required=item.required,
            )
            for item in self.items
        ]  # fmt: skip
        if self.kinds:
            label = "Which part of the tool the study belongs to"
            fields.insert(0, FormField(id=SECTION, label=label, type="choice", options=self.kinds, required=True))
        if self.overall.answers:
            label, answers = self.overall.note, tuple(self.overall.answers)
            fields.append(FormField(id=OVERALL, label=label, type="choice", options=answers))
        fields.append(FormField(id=COMMENTS, label="Comments"))
        return Form(id=self.id, version=self.version, title=self.title, fields=tuple(fields))


def _worst(tool: Tool, answers: Mapping[str, str]) -> str:
    """Return the worst answer; one answer that gives no information leaves it open unless the worst is reached."""
    order = tool.overall.order
    ranked = [order.index(answer) for item in tool.items if (answer := answers.get(item.id, "")) in order]
    if ranked and max(ranked) == len(order) - 1:
        return order[-1]
    return order[max(ranked)] if len(ranked) == len(tool.items) else ""


def _amstar(tool: Tool, answers: Mapping[str, str]) -> str:
    """Return the confidence by Shea et al. 2017, box 2: critical flaws first, then other weaknesses.

    A partial yes is no weakness, nor is an item on meta-analysis where none was made.
    """
    if any(item.id not in answers for item in tool.items):
        return ""
    weak = [item for item in tool.items if tool.level(item.id, answers[item.id]) in ("poor", "unclear")]
    critical = sum(item.critical for item in weak)
    if critical:
        return "Low" if critical == 1 else "Critically low"
    return "High" if len(weak) <= 1 else "Moderate"


LOGICS: Mapping[str, Callable[[Tool, Mapping[str, str]], str]] = MappingProxyType(
    {"none": lambda tool, answers: "", "worst": _worst, "amstar-2": _amstar}
)


def proposed(tool: Tool, answers: Mapping[str, str]) -> str:
    """Return the overall judgement that the tool's logic gives for answers by item; "" where it gives none."""
    return LOGICS[tool.overall.logic](tool, answers)


def packaged() -> list[str]:
    """Return the ids of the tools that come with the program."""
    folder = resources.files("evidence_review.forms") / "data" / "tools"
    return sorted(entry.name.removesuffix(".yml") for entry in folder.iterdir() if entry.name.endswith(".yml"))


def load(identifier: str, own: Path | None = None) -> Tool:
    """Return a tool: the team's own in the folder `own`, else the packaged one.

    Raises:
        UsageError: there is no such tool.
        InputError: the team's own is broken; the message says where.
    """
    if own is not None and (path := own / f"{identifier}.yml").is_file():
        return _read(path.read_text(encoding="utf-8-sig"), f"{own.name}/{path.name}")
    names = packaged()
    if identifier not in names:
        remedy = suggest(identifier, names) or f"There are: {', '.join(names)}."
        raise UsageError(f"There is no appraisal tool '{identifier}'. {remedy}")
    file = resources.files("evidence_review.forms") / "data" / "tools" / f"{identifier}.yml"
    return _read(file.read_text(encoding="utf-8"), f"{identifier}.yml")


def _read(text: str, name: str) -> Tool:
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as fault:
        raise InputError(f"{name} is not valid YAML: {str(fault).splitlines()[0]}") from None
    if not isinstance(data, dict):
        raise InputError(f"{name} holds no tool: it has no keys with values.")
    if "for" in data:
        data["for_"] = data.pop("for")
    try:
        return Tool.model_validate(data)
    except ValidationError as fault:
        problems = [Problem(f"{name} ({'.'.join(map(str, e['loc']))})", str(e["msg"])) for e in fault.errors()]
        raise InputError(f"{name} is no appraisal tool.", problems) from None
