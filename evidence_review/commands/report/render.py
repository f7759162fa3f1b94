"""Templates: the packaged ones, overridden by a team's own, run in a sandbox; their errors name file and line."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from evidence_review.commands.report import conduct, prose
from evidence_review.commands.report.compiled import Compiled
from evidence_review.commands.report.lists import Reference
from evidence_review.errors import InputError, Problem

_PACKAGED = "packaged"
_MOST = 1_000_000
_MOST_BITS = 1_000
_OPTIONS: Mapping[str, Any] = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, which besides forbids to make text or numbers that fill the memory."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply, unless that makes more than anybody could read."""
        sizes = [len(one) if isinstance(one, (str, list, tuple)) else one for one in (left, right)]
        whole = all(isinstance(one, int) for one in sizes)
        if whole and operator == "*" and sizes != [left, right] and sizes[0] * sizes[1] > _MOST:
            raise SecurityError(f"this repeats something to a length of more than {_MOST:,}")
        if whole and operator == "**" and abs(sizes[0]) > 1 and sizes[1] > _MOST_BITS:
            raise SecurityError(f"this power is too high: at most {_MOST_BITS:,}")
        return super().call_binop(context, operator, left, right)


def environment(own: Path) -> Sandbox:
    """Return the templates' world. A file in `own` goes before the packaged one of its name.

    A team that changes one block writes `{% extends "packaged/body.html.j2" %}` and that block.
    """
    packaged = PackageLoader("evidence_review.commands.report", "templates")
    return Sandbox(
        loader=ChoiceLoader([FileSystemLoader(own), packaged, PrefixLoader({_PACKAGED: packaged})]),
        bytecode_cache=Compiled(
            Path(__file__).parent / "templates", repr((_OPTIONS, sorted(Sandbox.intercepted_binops)))
        ),
        **_OPTIONS,
    )


def render(world: Sandbox, name: str, given: Mapping[str, Any]) -> str:
    """Return a template filled in.

    Raises:
        InputError: the template is wrong; the message names file, line and what is wrong.
    """
    try:
        return world.get_template(name).render(given)
    except TemplateSyntaxError as fault:
        raise _refused(f"{fault.filename or fault.name or name} line {fault.lineno}", fault) from fault
    except TemplateNotFound as fault:
        raise _refused(_place(fault, name), fault, f"there is no template '{fault.name}'") from fault
    except UnicodeDecodeError as fault:
        where = next(_not_utf8(world), "")
        if not where:
            raise
        raise _refused(where, fault, f"not UTF-8: {fault.reason}. Save it as UTF-8 in your editor") from fault
    except RecursionError as fault:
        raise _refused(_place(fault, name), fault, "it includes itself without end") from fault
    except (TemplateError, SecurityError, TypeError, AttributeError, LookupError, ValueError, ArithmeticError) as fault:
        if not _in_template(fault):
            raise
        raise _refused(_place(fault, name), fault) from fault


def _not_utf8(world: Sandbox) -> Iterator[str]:
    """Yield the team's own templates that are no text."""
    for name in world.list_templates(extensions=("j2",)):
        try:
            world.get_template(name)
        except UnicodeDecodeError:
            yield f"your own template {name}"
        except TemplateError:
            continue  # another fault than the one looked for


def _refused(where: str, fault: Exception, what: str = "") -> InputError:
    words = what or str(fault) or type(fault).__name__
    remedy = "Mend it, or delete your own template: the packaged one is then used."
    return InputError("A template cannot be rendered.", [Problem(where, words, remedy)])


def _in_template(fault: BaseException) -> bool:
    """Whether the innermost frame with a template in it is what failed (else the fault is ours)."""
    return any(frame.filename.endswith(".j2") for frame in traceback.extract_tb(fault.__traceback__))


def _place(fault: BaseException, name: str) -> str:
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if frame.filename.endswith(".j2")]
    return f"{frames[-1].filename} line {frames[-1].lineno}" if frames else name


def helpers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the functions that templates may call."""
    cited = {reference.key: reference.cite for reference in given["references"]}
    brackets = "[]" if given["numbered"] else "()"
    figures: dict[str, int] = {}
    team = given["team"]

    def written(piece: str) -> Markup:
        return prose.to_html(given["prose"][piece], cited, brackets)

    def cite(reference: Reference) -> Markup:
        inner = Markup('<a class="cite" href="#ref-{}">{}</a>').format(reference.key, reference.cite)
        return Markup('<span class="cites">{}{}{}</span>').format(brackets[0], inner, brackets[1])

    def caption(kind: str) -> int:
        figures[kind] = figures.get(kind, 0) + 1
        return figures[kind]

    def names(people: list[str]) -> str:
        return conduct.listed([team.get(person, person) for person in people])

    def words(piece: str) -> int:
        return len(given["prose"].get(piece, "").split())

    def sentence(text: str) -> str:
        text = text.strip()
        return text if text.endswith((".", "!", "?", "…")) else f"{text}."

    def begun(text: str) -> str:
        """Return words with a capital at their beginning, for sentences and cells that begin with them."""
        return text[:1].upper() + text[1:]

    notes: dict[str, int] = {}

    def noted(note: str) -> str:
        """Return a note below a table; one that stood below an earlier table already is pointed to."""
        place = notes.setdefault(note, figures.get("table", 0))
        return note if place == figures.get("table", 0) else f"The note below Table {place} holds here too."

    return {
        "written": written, "cite": cite, "caption": caption, "names": names, "words": words, "noted": noted,
        "sentence": sentence, "begun": begun, "day": conduct.day,
    }  # fmt: skip
