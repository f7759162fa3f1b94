"""A tree as PubMed syntax: every group that mixes operators in brackets, so that any reader reads it alike."""

from __future__ import annotations

from evidence_review.commands.search.strategy.tree import And, Dates, Node, Not, Or, Term, Unread


def to_pubmed(node: Node) -> str:
    """Return the strategy of a tree on one line; reading it gives an equal tree."""
    match node:
        case And(parts=parts):
            return " AND ".join(operand(part) for part in parts)
        case Or(parts=parts):
            return " OR ".join(operand(part) for part in parts)
        case Not(keep=keep, drop=drop):
            return f"{operand(keep)} NOT {operand(drop)}"
        case Term():
            return _term(node)
        case Dates(field=field, start=start, end=end):
            return f"{start}[{field}]" if start == end else f"{start}:{end}[{field}]"
        case Unread(text=text):
            return text


def operand(node: Node) -> str:
    """Return a node as part of a larger expression: in brackets unless it is a single thing."""
    return f"({to_pubmed(node)})" if isinstance(node, (And, Or, Not)) else to_pubmed(node)


def _term(term: Term) -> str:
    text = "/".join((term.text, *term.subheadings))
    if term.quoted:
        text = f'"{text}"'
    if not term.field:
        return text
    modifier = "" if term.explode else ":noexp"
    if term.near is not None:
        modifier = f":~{term.near}"
    return f"{text}[{term.field}{modifier}]"
