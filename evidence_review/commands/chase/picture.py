"""The picture of the citation network: an SVG to print, and one HTML file to look around in, without any network."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any

from jinja2 import DictLoader
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from evidence_review.drawing.citation_network import Curve, Row, draw
from evidence_review.drawing.single_file import policy, script_data
from evidence_review.sources.citing import get
from evidence_review.state import citations
from evidence_review.state.citations import Network
from evidence_review.state.standing import stand
from evidence_review.summary import counted
from evidence_review.workspace.workspace import Workspace

NAME = "citations"


def drawn(workspace: Workspace, verb: str) -> list[str]:
    """Write the network to `reports/<review>/citations.svg` and `.html`; return their names, none without links."""
    snapshot = workspace.snapshot()
    if not snapshot.citations:
        return []
    network = citations.network(snapshot, stand(snapshot))
    rows = _rows(network)
    curves = _curves(network, rows)
    title = f"Citation network of {snapshot.protocol.title}"
    picture = draw(title, rows, curves, _notes(network, rows))
    files = {f"{NAME}.svg": picture, f"{NAME}.html": _page(title, picture, network, rows)}
    with workspace.transaction(f"{verb}-picture") as tx:
        for name, text in files.items():
            tx.write(workspace.layout.reports / name, text.encode("utf-8"))
    return [workspace.layout.inside(workspace.layout.reports / name) for name in files]


def _rows(network: Network) -> list[Row]:
    """Return what is included, group by group and oldest first, then what was followed without being included."""
    group_of = {key: place for place, group in enumerate(network.groups()) for key in group}
    others = len(network.groups())
    shown = [key for key, document in network.documents.items() if document.included or document.seed]
    cites: dict[str, int] = {}
    cited_by: dict[str, int] = {}
    for citing, cited in network.cites:
        cites[citing] = cites.get(citing, 0) + 1
        cited_by[cited] = cited_by.get(cited, 0) + 1
    rows = [
        Row(
            key, document.label, document.title, document.year, group_of.get(key, others), document.included,
            cites.get(key, 0), cited_by.get(key, 0),
        )
        for key in shown
        for document in (network.documents[key],)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.group, row.year or 0, row.label, row.key))


def _curves(network: Network, rows: Sequence[Row]) -> list[Curve]:
    shown = {row.key for row in rows}
    direct = {pair for pair in network.cites if shown.issuperset(pair)}
    sides: dict[str, tuple[set[str], set[str]]] = {key: (set(), set()) for key in shown}
    for citing, cited in network.cites:
        if citing in shown:
            sides[citing][0].add(cited)
        if cited in shown:
            sides[cited][1].add(citing)
    curves = [Curve(*pair) for pair in sorted(direct)]
    for place, first in enumerate(rows):
        for second in rows[place + 1 :]:
            pair = (first.key, second.key)
            shared = sum(len(one & other) for one, other in zip(sides[pair[0]], sides[pair[1]], strict=True))
            if shared and pair not in direct and pair[::-1] not in direct:
                curves.append(Curve(*pair, shared=shared))
    return curves


def _notes(network: Network, rows: Sequence[Row]) -> list[str]:
    groups = network.groups()
    alone = sum(len(group) == 1 for group in groups)
    notes = []
    if groups:
        notes.append(
            f"{counted(sum(map(len, groups)), 'included document')} in {counted(len(groups), 'group')} that hang "
            f"together, directly or through one other document; {alone} stand alone."
        )
    services = sorted({get(service).name for named in network.cites.values() for service in named})
    said = f"{' and '.join(services)} {'says' if len(services) == 1 else 'say'}" if services else "nobody says"
    notes.append(
        f"{counted(len(network.documents), 'document')} and {counted(len(network.cites), 'citation')} in all, as "
        f"{said}; what no service lists is not here."
    )
    return notes


def _page(title: str, picture: str, network: Network, rows: Sequence[Row]) -> str:
    style, script = _part("network.css"), _part("network.js.j2")
    environment = SandboxedEnvironment(
        loader=DictLoader({"page": _part("network.html.j2")}), autoescape=True, trim_blocks=True
    )
    return environment.get_template("page").render(
        title=title, picture=Markup(picture),  # noqa: S704 - drawn by us, every text in it escaped
        style=Markup(style), script=Markup(script),  # noqa: S704 - both are files of this package
        policy=policy(style, script), data=script_data(_data(network)),
        states=sorted({document.state for document in network.documents.values() if document.state}),
    )  # fmt: skip


def _data(network: Network) -> dict[str, Any]:
    return {
        "documents": {
            key: {
                "label": document.label, "title": document.title, "year": document.year or "", "doi": document.doi,
                "state": document.state or "not a record of this review", "record": next(iter(document.records), ""),
            }
            for key, document in network.documents.items()
        },
        "cites": [[citing, cited, sorted(services)] for (citing, cited), services in network.cites.items()],
    }  # fmt: skip


def _part(name: str) -> str:
    folder = resources.files("evidence_review.commands.chase") / "templates"
    return (folder / name).read_text(encoding="utf-8")
