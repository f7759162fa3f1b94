"""Which column of a table means what: the headings that databases, reference managers and people use.

A heading is compared in lower case without punctuation and accents. One heading may fill several roles in turn
(`Source` is a journal with some vendors); the first column with a heading for a role fills it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

# Role → headings, most telling first.
_ALIASES: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "article title", "document title", "study title", "display name", "primary title", "title primary",
        "publication title of article", "paper title", "scientific title", "public title", "titre", "titel", "titulo",
        "brief title", "name", "item title", "reference title", "titulo del articulo", "titre de l article",
        "titolo", "titulo do artigo", "title 题名", "题名", "标题", "篇名", "論文名", "タイトル",
    ),
    "title_original": (
        "original title", "title original", "original foreign title", "translated title", "official title",
    ),
    "authors": (
        "authors", "author", "author names", "author s", "authors primary", "author full names", "author full name",
        "authorships author display name", "creators", "creator", "auteurs", "autoren", "author list", "authors list",
        "author names 1", "autores", "autor", "auteur", "autor in", "autorinnen",
        "autor es", "autores primarios", "autori", "autore", "auteur s", "autor innen", "verfasser",
        "author 作者", "作者", "著者名", "著者", "auteur es",
    ),
    "subtitle": ("subtitle", "sub title", "untertitel", "sous titre", "subtitulo", "sottotitolo"),
    "editors": ("editors", "editor", "authors secondary", "conference editors", "book editors"),
    "container": (
        "journal", "source title", "publication title", "journal title", "publication", "periodical full",
        "publication name", "journal book", "journal name", "secondary title", "title secondary", "zeitschrift",
        "primary location source display name", "container title", "journal or source", "periodical", "revue",
        "journal series", "venue", "revista", "book title", "proceedings title", "host publication",
        "periodico", "rivista", "titre de la revue", "titulo de la revista", "titulo da revista",
        "文献来源", "source 文献来源", "刊名", "期刊", "雑誌名", "掲載誌名", "tijdschrift",
    ),
    "container_abbrev": (
        "abbreviated source title", "journal abbreviation", "periodical abbrev", "journal iso abbreviation",
        "iso abbreviation", "abbreviated journal", "journal abbreviated",
    ),
    "year": (
        "year", "publication year", "pub year", "published year", "year of publication", "annee", "jahr", "pubyear",
        "ano", "erscheinungsjahr", "annee de publication", "year published",
        "anno", "jaar", "year 年", "年", "发表年", "出版年",
    ),
    "date": (
        "date", "publication date", "date published", "date of publication", "published", "published date", "issued",
        "start date", "pub month day", "cover date", "first posted", "date registration", "issue date",
        "datum", "fecha", "data de publicacao", "fecha de publicacion", "date de publication",
        "pubtime 发表时间", "发表时间", "出版日期", "出版日付", "发布日期",
    ),
    "month": ("month", "published month", "publication month"),
    "volume": (
        "volume", "vol", "biblio volume", "band", "jahrgang", "volumen",
        "volume number", "volume issue", "tome", "volume 卷", "卷", "巻", "tomo",
    ),
    "issue": (
        "issue", "number", "issue number", "biblio issue", "no", "issue no", "heft", "numero", "nummer",
        "ausgabe", "numero del fasciculo", "fasciculo", "fascicolo", "fascicule", "期", "号", "period 期",
    ),
    "page_first": (
        "page start", "start page", "first page", "beginning page", "biblio first page", "startpage",
        "pagina inicial", "page debut", "premiere page", "erste seite", "startseite", "开始页", "開始ページ",
        "pagina iniziale", "page de debut",
    ),
    "page_last": (
        "page end", "end page", "last page", "ending page", "biblio last page", "endpage", "other pages",
        "pagina final", "page fin", "derniere page", "letzte seite", "endseite", "结束页",
        "終了ページ", "pagina finale", "page de fin",
    ),
    "pages": (
        "pages", "page range", "pagination", "page", "page s", "pages or article number", "seiten", "paginas",
        "pagine", "pagecount 页码", "页码", "ページ", "pp",
    ),
    "article_number": ("art no", "article number", "article no", "elocation id", "eid number"),
    "doi": ("doi", "doi link", "digital object identifier", "ids doi", "doi url", "electronic resource number"),
    "pmid": ("pmid", "pubmed id", "medline pmid", "pubmedid", "ids pmid", "pubmed", "medline id"),
    "pmcid": ("pmcid", "pmc id", "pmc", "ids pmcid"),
    "issn": (
        "issn", "issns", "issn isbn", "primary location source issn", "primary location source issn l", "eissn",
        "e issn",
        "issn print", "issn electronic",
    ),
    "isbn": ("isbn", "isbns"),
    "abstract": (
        "abstract", "abstract note", "abstracts", "summary", "brief summary", "resume", "zusammenfassung", "resumen",
        "resumo", "riassunto", "kurzfassung", "sommaire", "summary 摘要", "摘要",
        "抄録", "resume analytique", "samenvatting",
    ),
    "keywords": (
        "author keywords", "keywords", "keyword", "manual tags", "tags", "key words", "conditions",
        "schlagworter", "schlagworte", "stichworter", "mots cles", "mots clefs", "palabras clave", "palavras chave",
        "parole chiave", "trefwoorden",
        "keyword 关键词", "关键词", "关键字", "キーワード", "descripteurs auteur",
    ),
    "terms": (
        "index keywords", "mesh terms", "emtree medical index terms", "emtree drug index terms", "automatic tags",
        "mesh",
        "emtree medical index terms major focus", "emtree drug index terms major focus", "ieee terms", "descriptors",
        "mesh term", "terms", "subject headings", "index terms", "mesh headings", "controlled terms",
        "fields of study", "keywords plus",
        "subjects", "subject", "subject terms", "descriptor s", "descripteurs", "descriptores", "descritores",
        "major subjects", "minor subjects", "deskriptoren", "主题词", "mesh subject headings",
    ),
    "language": (
        "language", "article language", "language of article", "language of original document", "languages",
        "output language", "sprache", "langue", "idioma", "lingua", "taal", "语言", "言語", "language s",
    ),
    "publisher": (
        "publisher", "book publisher", "publisher name", "editeur",
        "verlag", "editora", "editore", "出版社", "出版者", "出版者名", "maison d edition",
    ),
    "place": (
        "place", "place of publication", "location", "publisher location", "publisher address", "publisher city",
        "ort", "verlagsort", "erscheinungsort", "lieu", "lieu de publication", "lugar de publicacion",
    ),
    "urls": (
        "url", "urls", "link", "source urls", "external url", "web address", "full text link", "embase link", "links",
        "article url", "pdf link", "web link", "doi link url", "fulltext url", "article link",
        "primary location landing page url", "website", "study url", "articleurl", "fulltexturl",
        "plink", "permalink", "persistent link", "lien", "enlace",
    ),
    "database": (
        "database", "database name", "source", "library catalog", "sub file database", "data source", "source register",
        "database provider",
    ),
    "kind": (
        "publication type", "document type", "item type", "type", "reference type", "articletype", "article type",
        "type of publication", "type crossref", "study type", "publication types", "genre", "entrytype",
        "doctype", "dokumenttyp", "document identifier", "publikationstyp", "type de document", "tipo de documento",
        "tipo de publicacion",
    ),
    "status": ("status",),
    "notes": ("notes", "note", "extra", "personal notes", "comments", "comment", "remarks", "user notes"),
    "trial": ("nct number", "clinical trial numbers", "ctgov id", "trialid", "trial id", "other ids", "study id nct"),
    "id embase": ("embase accession id", "embase id", "pui"),
    "id scopus": ("eid", "scopus id"),
    "id lens": ("lens id",),
    "id dimensions": ("publication id",),
    "id openalex": ("ids openalex", "openalex id", "openalex"),
    "id wos": ("ut unique wos id", "ut unique id", "wos id", "accession number wos", "unique wos id"),
    "id central": ("central id",),
    "id ictrp": ("ictrp id", "trialid"),
    "id rayyan": ("key rayyan",),
    "id covidence": ("covidence",),
    "id eric": ("eric number",),
    "id arxiv": ("arxiv id",),
    "accession": ("accession number", "accession no"),
}  # fmt: skip

_PUNCTUATION = re.compile(r"[^\w]+")


def key(heading: str) -> str:
    """Return a heading for comparing: lower case, no accents, words by single spaces."""
    lower = heading.replace("_", " ").lower()
    if not lower.isascii():
        # "Année" is the heading "annee".
        lower = "".join(sign for sign in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(sign))
    return _PUNCTUATION.sub(" ", lower).strip()


ROLES = frozenset(_ALIASES)
_BY_HEADING: dict[str, tuple[str, int]] = {}
for _role, _headings in _ALIASES.items():
    for _rank, _heading in enumerate(_headings):
        _BY_HEADING.setdefault(key(_heading), (_role, _rank))

# Web of Science's tab-delimited export is headed by its tags.
WOS_TAGS = frozenset({"PT", "AU", "TI", "SO", "PY", "UT"})

# What our users and the field's own names for a field map to.
_OWN_NAMES = {
    "journal": "container",
    "url": "urls",
    "type": "kind",
    "note": "notes",
    "author": "authors",
    "tags": "keywords",
}

# The names that people may write for a field in a mapping of columns.
FIELDS = (
    "title", "authors", "editors", "year", "date", "journal", "volume", "issue", "pages", "article_number",
    "doi", "pmid",
    "pmcid", "issn", "isbn", "abstract", "keywords", "language", "publisher", "place", "url", "database",
    "type", "note",
)  # fmt: skip


def role_of(name: str) -> str:
    """Return the role that a field name of the protocol's `columns` stands for; "" where there is none."""
    lower = key(name).replace(" ", "_")
    lower = _OWN_NAMES.get(lower, lower)
    if lower in ROLES:
        return lower
    found = _BY_HEADING.get(key(name))
    return found[0] if found else ""


def assign(headings: Sequence[str], own: Mapping[str, str]) -> dict[int, str]:
    """Return column → role. `own` maps our field names to headings and goes before what is known."""
    keys = [key(heading) for heading in headings]
    wanted = {key(heading): role for name, heading in own.items() if (role := role_of(name))}
    halves = _halves(keys)
    roles: dict[int, str] = {}
    best: dict[str, tuple[int, int]] = {}
    for place, heading in enumerate(keys):
        if heading in wanted:
            roles[place] = wanted[heading]
            best[wanted[heading]] = (-1, place)
            continue
        if _NUMBERED_AUTHOR.fullmatch(heading):
            roles[place] = "author of several"
            continue
        if halves.get(place):
            roles[place] = halves[place]
            continue
        if heading not in _BY_HEADING:
            continue
        role, rank = _BY_HEADING[heading]
        if role in _MANY:
            roles[place] = role
        elif role not in best or rank < best[role][0]:
            if role in best and best[role][0] >= 0:
                del roles[best[role][1]]
            if best.get(role, (0, 0))[0] >= 0:
                roles[place] = role
                best[role] = (rank, place)
    return roles


# One column for each author: `Author 1`, `Author 2`, ...
_NUMBERED_AUTHOR = re.compile(r"(?:author|auteur|autor) ?\d{1,2}(?: name)?")

# A name in two columns: `First name` and `Last name`, `Author1_first` and `Author1_last`, `Vorname` and `Nachname`.
_FAMILY = "(?:last|family|sur) ?names?|nachname|familienname|nom(?: de famille)?|apellidos?|cognome|sobrenome"
_GIVEN = "(?:first|given|fore) ?names?|vornamen?|prenoms?|nombres?|nome"
_HALF_A_NAME = re.compile(
    r"(?P<author>author ?|auteur ?|autor ?)?(?P<number>\d{0,2}) ?"
    rf"(?:(?P<family>{_FAMILY})|(?P<given>{_GIVEN})|(?P<half>last|family|first|given)) ?(?P<after>\d{{0,2}})"
)


def _halves(keys: Sequence[str]) -> dict[int, str]:
    """Return column → `family N` or `given N` for names in two columns, where each has both of them once.

    Nothing where a column has the names of all authors, or where somebody else's name may be meant.
    """
    if any(_BY_HEADING.get(key, ("",))[0] == "authors" for key in keys):
        return {}
    found: dict[tuple[str, str], list[int]] = {}
    for place, heading in enumerate(keys):
        match = _HALF_A_NAME.fullmatch(heading)
        if match is None or (match["half"] and not match["author"]):
            continue
        family = match["family"] or match["half"] in {"last", "family"}
        number = match["number"] or match["after"]
        found.setdefault(("family" if family else "given", f"{match['author'] or ''}{number}"), []).append(place)
    paired = [
        who for half, who in found
        if half == "family" and len(found[half, who]) == 1 and len(found.get(("given", who), [])) == 1
    ]  # fmt: skip
    return {
        found[half, who][0]: f"{half} {number}"
        for number, who in enumerate(sorted(paired, key=lambda who: (len(who), who)), start=1)
        for half in ("family", "given")
    }


# Roles that several columns may fill together.
_MANY = frozenset({"id embase", "issn", "isbn", "keywords", "terms", "urls", "notes", "trial", "date"})


_FEWEST_HEADINGS = 3


def are_headings(row: Sequence[str]) -> bool:
    """Whether a row below a table's headings can only be the headings of another table: nothing but known words."""
    filled = [cell for cell in row if cell]
    return (
        len(filled) >= _FEWEST_HEADINGS
        and all(len(cell) < 40 and key(cell.strip('\ufeff "')) in _BY_HEADING for cell in filled)
        and known(filled) >= _FEWEST_HEADINGS
    )


def known(headings: Sequence[str]) -> int:
    """Return how many of the headings are known: how much a row looks like a table's header."""
    return len({_BY_HEADING[found][0] for heading in headings if (found := key(heading)) in _BY_HEADING})
