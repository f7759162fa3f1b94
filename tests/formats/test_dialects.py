"""What vendors do with a format: each case is one quirk, with what must be understood of it."""

from __future__ import annotations

import pytest

from evidence_review.formats import Reading, open_bytes
from evidence_review.model.record import Citation, Name, Parsed


def one(document: str, name: str = "x.txt") -> tuple[Citation, Reading]:
    reading = open_bytes(document.encode(), name)
    items = list(reading)
    assert len(items) == 1, items
    assert isinstance(items[0], Parsed), items[0]
    return items[0].citation, reading


def ris(*lines: str) -> str:
    return "\n".join(["TY  - JOUR", "TI  - A title", *lines, "ER  - ", ""])


def table(*lines: str) -> str:
    return "\n".join([*lines, ""])


RAYYAN = "key,title,year,month,day,journal,authors,pubmed_id,pmc_id"

# (quirk, document, field, value)
CASES = [
    ("initials that look like a suffix", ris("AU  - Platt, SR", "AU  - Ivanov, II", "AU  - King, Jr."), "authors",
     (Name("Platt", "SR"), Name("Ivanov", "II"), Name("King", suffix="Jr."))),
    ("EBSCO: the issue's date in words after the third slash", ris("Y1  - 2020/02//Feb2020"), "date", "2020-02"),
    ("BibTeX of Zotero: two unknown pages", "@article{k, title = {A title}, pages = {NA -- NA}}", "pages", ""),
    ("BibTeX: a command at the end of mathematics", "@article{k, title = {Of $\\alpha$ H$_2$O}}", "title", "Of α H2O"),
    ("EndNote: a blank line inside an abstract", "%0 Journal Article\n%T A title\n%X One\n\ntwo\n%D 2015\n",
     "abstract", "One two"),
    ("Scopus: no journal, and a column that names the database",
     table("Title,Source title,Source,EID", "A title,,Scopus,2-s2.0-1"), "container", ""),
    ("Dimensions: a chapter's book", table("Publication ID,PubYear,Title,Source title,Anthology title,Publication Type",
     "pub.1,2018,A title,,A book,Chapter"), "container", "A book"),
    ("CENTRAL: the address of a registry's record as journal",
     table("CENTRAL ID,Title,Author(s),Source,Year", "CN-1,A title,NCT03456789,https://x.org/NCT03456789,2018"),
     "urls", ("https://x.org/NCT03456789",)),
    ("CENTRAL: the number of a registry's record as author",
     table("CENTRAL ID,Title,Author(s),Source,Year", "CN-1,A title,NCT03456789,BMJ,2018"),
     "other_ids", (("central", "CN-1"), ("nct", "NCT03456789"))),
    ("Publish or Perish: 0 for unknown pages", table("Cites,Authors,Title,Year,ArticleURL,StartPage,EndPage",
     "35,E Kelly,A title,2015,https://x.org,0,0"), "pages", ""),
    ("German headings", table("Titel;Autor;Jahr;Heft;Seiten", "A title;Kelly, E.;2015;3;1-2"), "issue", "3"),
    ("French headings with accents", table("Titre;Auteurs;Année", "A title;Kelly, E.;2015"), "year", 2015),
    ("Web of Science: a chapter without a document type",
     "PT B\nTI A title\nSO A book\nBP 1\nEP 9\nER\n", "type", "chapter"),
    ("CSL: PubMed id in the note",
     '[{"id": "a", "title": "A title", "note": "PMID: 123\\nPMCID: PMC9"}]', "pmid", "123"),
    ("CSL: commas inside keywords that semicolons part",
     '[{"id": "a", "title": "A title", "keyword": "Adaptation, Psychological; Humans"}]', "keywords",
     ("Adaptation, Psychological", "Humans")),
    ("Cochrane: two blanks after the dash", ris("AN  -  CN-00778158").replace("TI  - ", "TI  -  "), "title", "A title"),
    ("Cochrane: PubMed id in C3", ris("C3  - PUBMED 21314913"), "pmid", "21314913"),
    ("Rayyan: its own id", ris("AN  - rayyan-123456"), "other_ids", (("rayyan", "rayyan-123456"),)),
    ("Cochrane: its own id", ris("AN  - CN-00778158"), "other_ids", (("central", "CN-00778158"),)),
    ("Embase: PubMed id in C5", ris("C5  - 38773066", "U2  - L2029880245"), "pmid", "38773066"),
    ("Embase: its own id in U2", ris("U2  - L2029880245"), "other_ids", (("embase", "L2029880245"),)),
    ("Dimensions: PubMed id in U1", ris("U1  - 123456 [PMID]"), "pmid", "123456"),
    ("Web of Science id in AN", ris("AN  - WOS:000409042300011"), "other_ids", (("wos", "WOS:000409042300011"),)),
    ("EBSCO: EP is the number of pages",
     ris("SP  - 206", "EP  - 12", "UR  - https://search.ebscohost.com/x"), "pages", "206"),
    ("Ovid: no pages in two fields", ris("SP  - No", "EP  - Specified"), "pages", ""),
    ("a range in SP beside EP", ris("SP  - 470-487", "EP  - 487"), "pages", "470-487"),
    ("an article number in SP", ris("SP  - e1003583"), "article_number", "e1003583"),
    ("the year apart from the day", ris("PY  - 2011", "DA  - Sep 22"), "date", "2011-09-22"),
    ("slashes for what is unknown", ris("Y1  - 2016/09//"), "date", "2016-09"),
    ("DA goes before Y1", ris("Y1  - 1900/01/01", "DA  - 1950/01/01"), "date", "1950-01-01"),
    ("a volume with its word", ris("VL  - v. 12"), "volume", "12"),
    ("a DOI only in the address", ris("UR  - https://doi.org/10.1000/XYZ"), "doi", "10.1000/xyz"),
    ("an abstract that says there is none", ris("AB  - [No abstract available]"), "abstract", ""),
    ("keywords on lines without a tag", ris("KW  - one", "two", "three"), "keywords", ("one", "two", "three")),
    ("a title over two lines", ris().replace("A title", "A title\nin two lines"), "title", "A title in two lines"),
    ("several ISSNs in one field", ris("SN  - 1573-3602, 1050-5350"), "issn", ("1573-3602", "1050-5350")),
    ("an ISSN without its hyphen", ris("SN  - 19326203"), "issn", ("1932-6203",)),
    ("a retracted article by its title", ris().replace("A title", "RETRACTED: A title"), "status", ("retracted",)),
    ("an erratum by its title", ris().replace("A title", "Erratum to: A title"), "status", ("erratum",)),
    ("Cochrane: the tags of its own citations",
     ris("SO  -  Lancet", "YR  -  2016", "NO  -  10041", "PG  -  215‐20"), "pages", "215-220"),
    ("Rayyan: a known day", table(RAYYAN, "k1,A title,2021,5,17,,\"Doe, J\",,"), "date", "2021-05-17"),
    ("Rayyan: month and day filled with 1", table(RAYYAN, "k1,A title,2021,1,1,,\"Doe, J\",,"), "date", "2021"),
    ("Rayyan: a group among authors", table(RAYYAN, "k1,A title,2021,1,1,,\"Doe, J. and SMART Study Group\",,"),
     "authors", (Name("Doe", "J."), Name(literal="SMART Study Group"))),
    ("names parted by commas with a group", table("Title,Authors,Year", "A title,\"Doe J, Roe R, WHO Group\",2021"),
     "authors", (Name("Doe", "J"), Name("Roe", "R"), Name(literal="WHO Group"))),
    ("names parted by commas with a suffix", table("Title,Authors,Year", "A title,\"Doe J, Jr, Roe R\",2021"),
     "authors", (Name("Doe", "J", "Jr"), Name("Roe", "R"))),
    ("names in turns, family and initials",
     table("Title,Authors,Year", "A title,\"Doe, J.A., Roe, R., & Van Der Poe, L.\",2021"),
     "authors", (Name("Doe", "J.A."), Name("Roe", "R."), Name("Van Der Poe", "L."))),
    ("names that go on", table("Title,Authors,Year", "A title,\"J Doe, R Roe…\",2021"),
     "authors", (Name("Doe", "J"), Name("Roe", "R"))),
    ("names counted by DBLP", table("Title,Authors,Year", "A title,\"Jane Doe 0001, Rob Roe, Lee Poe\",2021"),
     "authors", (Name("Doe", "Jane"), Name("Roe", "Rob"), Name("Poe", "Lee"))),
    ("names as a program prints its list", table("Title,Authors,Year", "A title,\"['Jane Doe', 'Rob Roe']\",2021"),
     "authors", (Name("Doe", "Jane"), Name("Roe", "Rob"))),
    ("a group with commas in its name", table("Title,Authors,Year", "A title,\"Department of Health, Leeds\",2021"),
     "authors", (Name(literal="Department of Health, Leeds"),)),
    ("a language code", ris("LA  - eng"), "language", "en"),
    ("the first of a chapter's books is its container",
     "TY  - CHAP\nTI  - A chapter\nT2  - The book\nT3  - The series\nER  - \n", "container", "The book"),
    ("the pages of a whole book are a count", "TY  - BOOK\nTI  - A book\nSP  - 304\nER  - \n", "pages", ""),
    ("NBIB: an abbreviated range", "PMID- 1\nTI  - A title\nPG  - 215-20\n", "pages", "215-220"),
    ("NBIB: a DOI among other ids", "PMID- 1\nTI  - T\nLID - S0048 [pii]\nLID - 10.1000/x [doi]\n", "doi", "10.1000/x"),
    ("NBIB: a group among the authors", "PMID- 1\nTI  - T\nFAU - Kelly, E\nAU  - Kelly E\nCN  - ESTHER Group\n",
     "status", ()),
    ("NBIB: a retracted publication", "PMID- 1\nTI  - T\nPT  - Retracted Publication\n", "status", ("retracted",)),
    ("Web of Science: names one a line",
     "FN x\nVR 1.0\nPT J\nAU Kelly, E\n   Doyle, V\nTI A\n   title\nER\n\nEF\n", "title", "A title"),
    ("Ovid tagged: the source statement",
     "<1. >\nVN  - Ovid Technologies\nTI  - T.\nSO  - J Trials. 8(6):1048-1064, September 2015.\n",
     "pages", "1048-1064"),
    ("Ovid reprint",
     "<1>\nTitle\n  A title.\nSource\n  Ecohydrology.   8(6):1048-1064, September 2015.\n", "volume", "8"),
    ("Ovid reprint with a dot after the number",
     "<1. >\nTitle\n  A title, long\nSource\n  Ecohydrology.   8(6):1048-1064, September 2015.\n", "volume", "8"),
    ("RefWorks",
     "RT Journal Article\nA1 Allan,Steven\nT1 A title\nJF A journal\nYR 2002\nSP 551\nOP 565\n", "pages", "551-565"),
    ("refer", "%0 Journal Article\n%A Kelly, E\n%T A title\n%J A journal\n%D 2015\n", "container", "A journal"),
    ("Scopus: ids of authors in brackets",
     "Authors,Author full names,Title,Year,Source title,EID\nK.,\"Kelly, Emma (57190394669)\","
     "A title,2015,J,2-s2.0-1\n", "other_ids", (("scopus", "2-s2.0-1"),)),
    ("Rayyan: a tag swallowed into the address",
     "key,title,url,authors,pubmed_id,pmc_id\nr-1,A title,https://x.org/a     U2  - L2029880245,"
     "A and B,,\n", "urls", ("https://x.org/a",)),
    ("Rayyan: month and day filled with 1",
     "key,title,year,month,day,authors,pubmed_id,pmc_id\nr-1,T,2020,1,1,,,\n", "date", "2020"),
    ("Embase: one column for the whole source",
     "Title,Author Names,Source,Emtree Drug Index Terms\n"
     "T,A B.,Endoscopic Ultrasound (2014) 3:3 (152-160). Date of Publication: 2014,x\n",
     "pages", "152-160"),
    ("semicolons and decimal commas", "Title;Year;DOI\nA title;2015;10.1000/a\n", "doi", "10.1000/a"),
    ("our own hand search",
     "title,authors,year,journal,pages\nT,Kelly EM; Doyle V; et al.,2015,J,3-7\n", "authors_truncated", True),
    ("et al. behind a given name of NBIB",
     "PMID- 1\nTI  - T\nDP  - 2020\nFAU - Born, Lena et al.\n", "authors", (Name("Born", "Lena"),)),
    ("et al. behind a given name of NBIB cuts the list short",
     "PMID- 1\nTI  - T\nDP  - 2020\nAU  - Born L et al.\n", "authors_truncated", True),
    ("et al. behind a given name of CSL-JSON",
     '[{"id": 1, "type": "book", "title": "T", "author": [{"family": "Born", "given": "L. et al."}]}]',
     "authors", (Name("Born", "L."),)),
    ("et al. as a name of CSL-JSON cuts the list short",
     '[{"id": 1, "type": "book", "title": "T", "author": [{"family": "Born"}, {"literal": "et al."}]}]',
     "authors_truncated", True),
    ("an addition to a title of BibLaTeX is a note",
     "@article{a, title={T}, titleaddon={Translated from the \\emph{German}}}", "notes",
     ("Translated from the German",)),
    ("et al. behind the only name of BibTeX",
     "@article{a, title={T}, author={Born, L. et al.}}", "authors", (Name("Born", "L."),)),
    ("crossref's parents", "@inproceedings{a, title={T}, crossref={p}}\n@comment{x}\n", "title", "T"),
    ("month macros and strings",
     '@string{j = "A " # "journal"}\n@article{a, title={T}, journal=j, year=2015, month=mar}', "date", "2015-03"),
    ("CSL-JSON", '[{"type":"article-journal","title":"T","issued":{"date-parts":[[2015,3,1]]}}]', "date", "2015-03-01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "field", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_quirk(document: str, field: str, expected: object) -> None:
    citation, _ = one(document)
    assert getattr(citation, field) == expected


def test_preambles_ordinals_and_page_breaks_are_counted_and_are_no_records() -> None:
    document = (
        f"Record #1 of 2\nProvider: Somebody\n\n1. \n{ris()}\n\x0c\nLink to the Ovid Full Text or citation: http://x\n"
    )
    _, reading = one(document)
    assert dict(reading.asides) == {"ordinal": 2, "preamble": 2, "page break": 1}


def test_each_field_can_be_traced_to_its_tag_and_line() -> None:
    item = next(iter(open_bytes(ris("PY  - 2015").encode(), "x.ris")))
    assert isinstance(item, Parsed)
    assert ("title", "TI", 2) in item.trace
    assert ("year", "PY", 3) in item.trace


@pytest.mark.parametrize("name", ["x.ris", "x.txt", "x.csv", "no-extension"])
def test_the_content_decides_and_not_the_extension(name: str) -> None:
    assert one("PMID- 1\nTI  - A title\n", name)[1].format == "nbib"


TABLES = [
    ("CENTRAL: the source is the journal",
     "Cochrane Review Group Code,Title,Author(s),Source,Year,Embase ID,CENTRAL ID\n"
     "HM,T,\"Kelly, E\",J Trials,2015,EMBASE 616,CN-1\n",
     {"container": "J Trials", "database": "CENTRAL", "other_ids": (("embase", "616"), ("central", "CN-1"))}),
    ("Dimensions: a line about the data above the header",
     "About the data\nRank,Publication ID,Title,PubYear,Dimensions URL\n1,pub.1,T,2022,https://x.org\n",
     {"title": "T", "year": 2022, "other_ids": (("dimensions", "pub.1"),)}),
    ("PubMed's CSV: names parted by commas", "PMID,Title,Authors,Journal/Book\n123456,T,\"Kelly E, Doyle V.\",J\n",
     {"pmid": "123456", "container": "J"}),
    ("Web of Science, tab-delimited", 
     "PT\tAU\tAF\tTI\tSO\tPY\tUT\tDI\tAB\nJ\tKelly, E\tKelly, Emma\tT\tJ\t2015\tWOS:1\t\tA\n",
     {"title": "T", "container": "J", "other_ids": (("wos", "WOS:1"),)}),
]  # fmt: skip


@pytest.mark.parametrize(("document", "expected"), [case[1:] for case in TABLES], ids=[case[0] for case in TABLES])
def test_tables_of_vendors(document: str, expected: dict[str, object]) -> None:
    citation, _ = one(document, "table.csv")
    assert {name: getattr(citation, name) for name in expected} == expected


def test_names_parted_by_commas_are_told_from_one_name_with_a_comma() -> None:
    def names(cell: str) -> list[str]:
        return [str(name) for name in one(f'title,authors\nT,"{cell}"\n', "x.csv")[0].authors]

    assert names("E Kelly, V Doyle") == ["Kelly, E", "Doyle, V"]
    assert names("Kelly E, Doyle V.") == ["Kelly, E", "Doyle, V."]
    assert names("Kelly, Emma") == ["Kelly, Emma"]
    assert names("Capacity Development International Ltd") == ["Capacity Development International Ltd"]


@pytest.mark.parametrize(
    "heading",
    [
        "Titel;Autoren;Zeitschrift;Jahr;Band;Heft;Seiten;Zusammenfassung;Schlagwörter;Sprache;Verlag",
        "Titre;Auteurs;Revue;Année;Tome;Numéro;Pages;Résumé;Mots-clés;Langue;Éditeur",
        "Título;Autor(es);Revista;Año;Volumen;Número;Páginas;Resumen;Palabras clave;Idioma;Editorial",
        "Título;Autores;Periódico;Ano;Volume;Número;Páginas;Resumo;Palavras-chave;Idioma;Editora",
        "Titolo;Autori;Rivista;Anno;Volume;Fascicolo;Pagine;Riassunto;Parole chiave;Lingua;Editore",
        "Title-题名;Author-作者;Source-文献来源;Year-年;Volume-卷;Period-期;PageCount-页码;Summary-摘要;Keyword-关键词;语言;出版社",
        "タイトル;著者名;雑誌名;出版年;巻;号;ページ;抄録;キーワード;言語;出版者",
    ],
)  # fmt: skip
def test_headings_in_other_languages_are_known(heading: str) -> None:
    row = 'Ein Titel;"Maran, Ivo; Stoll, Lena";Revue X;2020;82;4;331-340;Ein Text;"eins; zwei";Deutsch;Haus'
    citation, _ = one(f"{heading}\n{row}\n", "x.csv")
    assert citation.title == "Ein Titel"
    assert [name.family for name in citation.authors] == ["Maran", "Stoll"]
    assert (citation.container, citation.year, citation.volume, citation.issue) == ("Revue X", 2020, "82", "4")
    assert (citation.pages, citation.abstract, citation.keywords) == ("331-340", "Ein Text", ("eins", "zwei"))
    assert citation.language == "de"


def test_tables_with_other_columns_put_one_after_the_other_are_read_each_by_its_own() -> None:
    """Joined by hand, the second file's headings stand among the rows, in another order."""
    first = 'Title,Authors,Year,DOI\nOne,"Maran, I; Stoll, L",2001,10.1000/a\n'
    items = list(open_bytes(f"{first}\ufeffDOI,Title,Publication Year\n10.1000/b,Two,2002\n".encode(), "x.csv"))
    assert [(item.citation.title, item.citation.doi, item.citation.year) for item in items] == [  # type: ignore[union-attr]
        ("One", "10.1000/a", 2001),
        ("Two", "10.1000/b", 2002),
    ]


def test_embase_at_ovid_says_the_article_number_behind_the_year() -> None:
    source = "BMC Public Health.  19(1) (no pagination), 2019. Article Number: 345. Date of Publication: 01 Mar 2019."
    citation, _ = one(f"<1. >\nVN  - Ovid Technologies\nDB  - Embase\nTI  - Twinning\nSO  - {source}\n", "x.txt")
    assert (citation.container, citation.volume, citation.issue) == ("BMC Public Health", "19", "1")
    assert (citation.article_number, citation.pages, citation.year) == ("345", "", 2019)


def test_small_habits_of_vendors() -> None:
    """EBSCO's CINAHL writes NLM before the PMID, CNKI all keywords into one, SciELO blanks inside the braces."""
    cinahl, _ = one("TY  - JOUR\nTI  - T\nN1  - Accession Number: 147. PMID: NLM33345678.\nER  - \n", "x.ris")
    assert cinahl.pmid == "33345678"
    cnki, _ = one("%0 Journal Article\n%T 医院\n%K 对口支援;效果评价\n", "x.enw")
    assert cnki.keywords == ("对口支援", "效果评价")
    scielo, _ = one("@article{ x,\n title = { T },\n year = { 2015 },\n month = { 06 },\n}\n", "x.bib")
    assert scielo.date == "2015-06"


def test_pubmeds_table_has_volume_issue_and_pages_inside_the_citation() -> None:
    said = "Health Policy Plan. 2018 May 1;33(4):500-512. doi: 10.1093/heapol/czy001. Epub 2018 Feb 3."
    head = "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,NIHMS ID,DOI"
    row = f'31234567,A title.,"Maran I, Stoll L.","{said}",Maran I,Health Policy Plan,2018,2018/03/01,,,10.1093/x'
    citation, _ = one(f"{head}\n{row}\n", "csv-x-set.csv")
    assert (citation.volume, citation.issue, citation.pages, citation.date) == ("33", "4", "500-512", "2018-05-01")
    row = row.replace("2018 May 1;33(4):500-512.", "2018 Aug 22;14:e95.")
    citation, _ = one(f"{head}\n{row}\n", "csv-x-set.csv")
    assert (citation.volume, citation.issue, citation.article_number) == ("14", "", "e95")


def test_web_of_sciences_sheet_gives_full_names_and_a_letter_for_the_kind() -> None:
    head = (
        "Publication Type\tAuthors\tAuthor Full Names\tArticle Title\tSource Title\tDocument Type\tUT (Unique WOS ID)"
    )
    citation, _ = one(f"{head}\nJ\tMaran, I; Stoll, L\tMaran, Ivo; Stoll, Lena\tT\tBMJ\tArticle\tWOS:1\n", "x.txt")
    assert citation.authors == (Name("Maran", "Ivo"), Name("Stoll", "Lena"))
    assert citation.type == "article-journal"
    citation, _ = one(f"{head}\nB\tMaran, I\tMaran, Ivo\tT\tA book\t\tWOS:1\n", "x.txt")
    assert citation.type == "book"


def test_a_reprint_names_its_database_above_all_records() -> None:
    citation, _ = one(
        "Database: Ovid MEDLINE(R)\n\n<1>\nUnique Identifier\n  31234567\nTitle\n  A title.\nAbstract\n  One.\n"
    )
    assert citation.pmid == "31234567"


def test_what_a_spreadsheet_spoilt_is_nothing_rather_than_something_else() -> None:
    """The error of a formula is no author, and a PubMed id rounded to three figures is none at all."""
    citation, _ = one("Title,Authors,Abstract,PMID,Year\nA title,#N/A,#NAME?,3.12E+07,2019\n", "x.csv")
    assert (citation.authors, citation.abstract, citation.pmid) == ((), "", "")


def test_volume_and_issue_in_one_column_are_taken_apart() -> None:
    citation, _ = one("Title,Journal,Volume(Issue),Pages\nA title,BMJ,12(Suppl 3),1-9\n", "x.csv")
    assert (citation.volume, citation.issue) == ("12", "Suppl 3")


def test_columns_that_are_not_read_are_said() -> None:
    """A table loses no column in silence; one that a vendor's mend reads by name is none of them."""
    citation, reading = one('Title,Author 1,Author 2,Subtitle,Foo,Year\nA title,"Maran, I",Stoll L,A part,x,2019\n')
    assert citation.authors == (Name("Maran", "I"), Name("Stoll", "L"))
    assert citation.title == "A title: A part"
    assert [(aside.line, aside.text) for aside in reading.places if aside.kind == "column not read"] == [(1, "Foo")]
    _, reading = one(table(RAYYAN, "rayyan-1,A title,2019,1,1,BMJ,Doe J,1,PMC1"))
    assert not reading.asides
