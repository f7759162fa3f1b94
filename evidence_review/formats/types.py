"""Document types: from each format's words to CSL types (https://docs.citationstyles.org, appendix III), and back."""

from __future__ import annotations

_RIS_LINES = """
JOUR article-journal|JFULL periodical|MGZN article-magazine|NEWS article-newspaper|ABST article-journal
INPR article-journal|EJOUR article-journal|BOOK book|EDBOOK book|EBOOK book|WHOLE book|CLSWK book|SER book|CHAP chapter
ECHAP chapter|ENCYC entry-encyclopedia|DICT entry-dictionary|CONF paper-conference|CPAPER paper-conference
THES thesis|RPRT report|GOVDOC report|STAND standard|DATA dataset|AGGR dataset|PAT patent|CASE legal_case|BILL bill
STAT legislation|UNBILL bill|HEAR hearing|LEGAL regulation|COMP software|ELEC webpage|BLOG post-weblog|WEB webpage
ICOMM personal_communication|PCOMM personal_communication|UNPB manuscript|UNPD manuscript|MANSCPT manuscript
VIDEO motion_picture|MPCT motion_picture|MULTI motion_picture|ADVS broadcast|SOUND song|MUSIC musical_score|ART graphic
FIGURE figure|SLIDE speech|MAP map|PAMP pamphlet|CTLG book|CHART figure|EQUA document|GRANT document|ANCIENT classic
GEN document|OTHER document|DBASE dataset|VIDEO motion_picture|INTV interview|PREPRINT article|WPAPER report|SPCH speech
RPRINT article-journal|SCTN chapter|PRESS article-newspaper
"""
RIS = dict(item.split(" ") for item in _RIS_LINES.replace("\n", "|").split("|") if item.strip())
# GEN is what several exporters write for anything at all; nothing is known then but that it is a document.
TO_RIS = {
    "article-journal": "JOUR", "article": "UNPB", "article-magazine": "MGZN", "article-newspaper": "NEWS",
    "periodical": "JFULL", "book": "BOOK", "chapter": "CHAP", "entry-encyclopedia": "ENCYC", "entry-dictionary": "DICT",
    "paper-conference": "CPAPER", "thesis": "THES", "report": "RPRT", "standard": "STAND", "dataset": "DATA",
    "patent": "PAT", "legal_case": "CASE", "bill": "BILL", "legislation": "STAT", "hearing": "HEAR",
    "regulation": "LEGAL", "software": "COMP", "webpage": "ELEC", "post-weblog": "BLOG",
    "personal_communication": "PCOMM", "manuscript": "MANSCPT", "motion_picture": "VIDEO", "broadcast": "ADVS",
    "song": "SOUND", "musical_score": "MUSIC", "graphic": "ART", "figure": "FIGURE", "speech": "SLIDE", "map": "MAP",
    "pamphlet": "PAMP", "classic": "ANCIENT", "document": "GEN", "interview": "INTV",
}  # fmt: skip

BIBTEX = {
    "article": "article-journal", "book": "book", "mvbook": "book", "booklet": "pamphlet", "inbook": "chapter",
    "incollection": "chapter", "bookinbook": "chapter", "suppbook": "chapter", "collection": "book",
    "mvcollection": "book",
    "inproceedings": "paper-conference", "conference": "paper-conference", "proceedings": "book",
    "mvproceedings": "book",
    "manual": "book", "mastersthesis": "thesis", "phdthesis": "thesis", "thesis": "thesis", "bachelorsthesis": "thesis",
    "misc": "document", "techreport": "report", "report": "report", "unpublished": "manuscript", "online": "webpage",
    "electronic": "webpage", "www": "webpage", "webpage": "webpage", "inreference": "entry-encyclopedia",
    "reference": "book", "mvreference": "book", "dataset": "dataset", "data": "dataset", "software": "software",
    "patent": "patent", "periodical": "periodical", "suppperiodical": "article-journal", "video": "motion_picture",
    "movie": "motion_picture", "audio": "song", "music": "song", "artwork": "graphic", "image": "graphic",
    "letter": "personal_communication", "legislation": "legislation", "standard": "standard",
    "review": "article-journal",
    "newspaper": "article-newspaper", "newsarticle": "article-newspaper", "magazine": "article-magazine",
    "preprint": "article",
}  # fmt: skip

# Words for types as databases, reference managers and people write them, in lower case.
_WORD_LINES = """
journal article=article-journal|journal articles=article-journal|article=article-journal|journal=article-journal
journalarticle=article-journal|journal-article=article-journal|article-journal=article-journal|paper=article-journal
review=article-journal|reviews=article-journal|editorial=article-journal|letter=article-journal|note=article-journal
article in press=article-journal|short survey=article-journal|case report=article-journal|case reports=article-journal
research article=article-journal|review article=article-journal|meta-analysis=article-journal|erratum=article-journal
systematic review=article-journal|clinical trial=article-journal|randomized controlled trial=article-journal
observational study=article-journal|comparative study=article-journal|comment=article-journal|data paper=article-journal
electronic article=article-journal|article; early access=article-journal|peer reviewed journal=article-journal
magazine article=article-magazine|magazinearticle=article-magazine|magazine=article-magazine
newspaper article=article-newspaper|newspaperarticle=article-newspaper|newspaper=article-newspaper
news=article-newspaper|trade journal=article-magazine|abstract=paper-conference|meeting abstract=paper-conference
conference abstract=paper-conference|conference paper=paper-conference|conferencepaper=paper-conference
conference proceedings=paper-conference|proceedings paper=paper-conference|proceedings-article=paper-conference
conference=paper-conference|conference review=paper-conference|conference poster=paper-conference
proceedings article=paper-conference|paper-conference=paper-conference|inproceedings=paper-conference
conference proceeding=paper-conference|presentation=speech|speech=speech|poster=speech
book=book|books=book|edited book=book|edited-book=book|monograph=book|reference-book=book|electronic book=book
whole book=book|book, whole=book|book, edited=book|proceedings=book|authored book=book
book section=chapter|booksection=chapter|book chapter=chapter|book-chapter=chapter|chapter=chapter|book part=chapter
book, section=chapter|incollection=chapter|inbook=chapter|electronic book section=chapter|book-section=chapter
encyclopedia=entry-encyclopedia|encyclopediaarticle=entry-encyclopedia|entry-encyclopedia=entry-encyclopedia
dictionary=entry-dictionary|dictionaryentry=entry-dictionary|dictionary entry=entry-dictionary
thesis=thesis|dissertation=thesis|dissertations=thesis|thesis/dissertation=thesis|dissertation/thesis=thesis
phdthesis=thesis|mastersthesis=thesis|dissertation, thesis=thesis|academic thesis=thesis|theses=thesis
report=report|reports=report|technical report=report|techreport=report|government document=report|guideline=report
working paper=report|grey literature=report|policy brief=report|brief=report|evaluation=report|guidance=report
government report or document=report|policy document=report|discussion paper=report|standard=standard
dataset=dataset|data set=dataset|data file=dataset|online database=dataset|component=document
preprint=article|posted-content=article|posted content=article|unpublished work=manuscript|unpublished=manuscript
manuscript=manuscript|unpublished material=manuscript|patent=patent|web page=webpage|webpage=webpage|website=webpage
web site=webpage|web resource=webpage|blog=post-weblog|blogpost=post-weblog|blog post=post-weblog
internet communication=webpage|forumpost=post|computer program=software|computer software=software|software=software
computerprogram=software|audiovisual material=motion_picture|videorecording=motion_picture|film=motion_picture
video=motion_picture|film or broadcast=motion_picture|podcast=song|audiorecording=song|sound recording=song
map=map|artwork=graphic|figure=figure|generic=document|miscellaneous=document|misc=document|document=document
other=document|case=legal_case|legal rule or regulation=regulation|bill=bill|statute=legislation|statutes=legislation
hearing=hearing|personal communication=personal_communication|interview=interview|letter to the editor=article-journal
pamphlet=pamphlet|manual=book|booklet=pamphlet|trial registry record=document|clinical trial registry=document
journal: article=article-journal|journal: review=article-journal|journal: editorial=article-journal
journal: letter=article-journal|journal: note=article-journal|journal: article in press=article-journal
journal: erratum=article-journal|journal: short survey=article-journal|journal: conference abstract=paper-conference
journal: conference paper=paper-conference|journal: conference review=paper-conference|book: chapter=chapter
books: chapter=chapter|book series: chapter=chapter|conference proceeding: conference paper=paper-conference
ieee conferences=paper-conference|ieee journals=article-journal|ieee magazines=article-magazine|ieee standards=standard
fake research article=article-journal|research support=article-journal|book review=article-journal
"""
_WORDS = dict(item.split("=") for item in _WORD_LINES.replace("\n", "|").split("|") if item.strip())
CSL = frozenset({*RIS.values(), "article", "post", "review", "review-book", "interview", "event", "collection"})


def from_word(*words: str) -> str:
    """Return the CSL type for the first of several words that names one; "" where none does."""
    for word in words:
        lower = " ".join(word.lower().split())
        if found := _WORDS.get(lower) or (lower if lower in CSL else ""):
            return found
        for part in lower.replace(",", ";").split(";"):
            if part.strip() in _WORDS:
                return _WORDS[part.strip()]
    return ""
