"""Normal forms of what bibliographic files say: text, titles, names, identifiers, pages, dates, languages.

Pure functions, safe on any text. What cannot be understood becomes the empty value, never a guess; the raw record
stays beside its normal form, so nothing is lost by being strict here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from evidence_review.model.record import Name

# --- running text ----------------------------------------------------------------------------------------------------

# Only tags that publishers put into titles and abstracts, so that "p<0.05 and n>3" stays whole. One character that is
# not a letter must follow, hence the look-ahead.
_TAG = re.compile(
    r"</?(?:jats:|mml:)?(?:i|b|u|em|strong|sub|sup|inf|sc|scp|it|bold|italic|underline|span|p|br|div|title|sec|"
    r"section|list|list-item|ul|ol|li|h[1-6]|font|a|tt|ovid:br|abstracttext|article-title|inline-formula|tex-math|"
    r"math|mrow|mi|mn|mo|msub|msup|msubsup|mfrac|msqrt|mtext|mstyle|semantics|annotation|mspace|mover|munder)"
    r"(?=[\s/>])[^<>]{0,400}>",
    re.IGNORECASE,
)
_BREAK_TAG = re.compile(r"<(?:br|p|div|li|sec|section|title|list-item|h[1-6]|ovid:br)\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
# Zero-width characters, soft hyphens and controls carry no meaning in a bibliographic field.
_INVISIBLE = re.compile("[\u0000-\u0008\u000e-\u001b\u007f\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# UTF-8 read as Windows-1252: a lead byte's character followed by a continuation byte's.
_MOJIBAKE = re.compile(
    "[ÃÂâÅÄÐÑÎÏ][\u0080-\u009f\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
    "|Ã[\u00a0-\u00bf]|Â[\u00a0-\u00bf]|ï»¿|ï¿½|\ufffd|[\u0080-\u009f]"
)
_NULL = frozenset(
    {
        "", "na", "n/a", "n.a.", "none", "null", "nil", "nan", "unknown", "undefined", "-", "--", "---", ".", "?", "np",
        "n.pag", "n.pag.", "not available", "not_available", "not specified", "no specified",
        "not applicable", "no data available", "no abstract", "no abstract.", "no abstract available",
        "no abstract available.", "no abstract provided", "abstract not available", "abstract not available.",
        "[abstract not available]", "(no abstract available)", "[no abstract available]", "[no abstract]",
        "there is no abstract available", "no author listed", "no authors listed", "[no authors listed]",
        "no author name available", "[no author name available]",
    }
)  # fmt: skip


def clean(text: str) -> str:
    """Return text on one line: entities decoded (at most twice), known markup removed, spaces single, NFC."""
    if text.isascii() and "&" not in text and "<" not in text and "  " not in text and text.isprintable():
        # Most fields of most files: nothing to do, found out without a regular expression.
        return text.strip()
    if "&" in text:
        text = _decode_entities(text)
    if "<" in text:
        text = _TAG.sub(lambda tag: " " if _BREAK_TAG.match(tag.group()) else "", text)
    if not text.isascii():
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
        text = _INVISIBLE.sub("", text)
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def _decode_entities(text: str) -> str:
    for _ in range(2):
        if not _ENTITY.search(text):
            break
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    return text


def is_null(text: str) -> bool:
    """Whether a cell says in words that it has nothing to say: empty, `NA`, `[No abstract available]`."""
    return len(text) < 34 and text.strip().lower() in _NULL


def mojibake(text: str) -> bool:
    """Whether text looks as if UTF-8 had been read as Windows-1252, or has lost characters (U+FFFD)."""
    return not text.isascii() and _MOJIBAKE.search(text) is not None


def title_key(text: str) -> str:
    """Return a title for comparing: no case, accents, markup or punctuation; words by single spaces."""
    text = clean(text)
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text.casefold()).split())


# --- identifiers -----------------------------------------------------------------------------------------------------

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"|{}\\^`]+", re.IGNORECASE)
_DOI_TAIL = re.compile(r"(?:/(?:full|abstract|pdf|epdf|meta|fulltext|html)|\.pdf)$", re.IGNORECASE)
_SECOND_DOI = re.compile(r"[;,](?=(?:https?:|doi:|10\.\d{4}))", re.IGNORECASE)
_OPENERS = {")": "(", "]": "[", ">": "<"}


def doi(text: str) -> str:
    """Return the first DOI in text, bare and in lower case, or "".

    Resolver and proxy are stripped, percent signs decoded, brackets balanced, closing punctuation dropped
    (https://www.crossref.org/blog/dois-and-matching-regular-expressions/).
    """
    if "10." not in text:
        return "" if "%" not in text or "10." not in unquote(text) else doi(unquote(text))
    address = "://" in text or "%2F" in text or "%2f" in text
    if "%" in text:
        text = unquote(text)
    if "&" in text and not address:
        text = _decode_entities(text)
    match = _DOI.search(text)
    if match is None:
        return ""
    found = match.group().lower()
    if address:
        found = re.split(r"[?&#]", found, maxsplit=1)[0]
        found = _DOI_TAIL.sub("", found)
    found = _SECOND_DOI.split(found, maxsplit=1)[0]
    if "<" in found and "::" not in found:
        found = found.split("<", 1)[0]
    while found:
        last = found[-1]
        if last in ".,;:'\u2019\u201d*" or (last in _OPENERS and found.count(last) > found.count(_OPENERS[last])):
            found = found[:-1]
        else:
            break
    return found if re.fullmatch(r"10\.[\d.]+/.+", found) else ""


_PMID = re.compile(r"(?<!\d)[1-9]\d{0,8}(?!\d)")
_PMCID = re.compile(r"PMC\s?0*([1-9]\d{0,8})(?!\d)", re.IGNORECASE)
_NCT = re.compile(r"\bNCT\s?0*(\d{8})\b", re.IGNORECASE)


def pmid(text: str) -> str:
    """Return a PubMed id as digits, or "". `PMID: 123`, `MEDLINE:123`, a pubmed address and `123.0` are understood."""
    text = text.strip()
    if text.isdecimal() and text.isascii():
        stripped = text.lstrip("0")
        return stripped if len(stripped) <= 9 else ""
    if text.endswith(".0"):
        return pmid(text[:-2])
    if "pmc" in text.lower() or "10." in text:
        return ""
    match = _PMID.search(text)
    return match.group() if match else ""


def pmcid(text: str) -> str:
    """Return a PubMed Central id as `PMC` and digits, or ""."""
    match = _PMCID.search(text)
    return f"PMC{match.group(1)}" if match else ""


def nct(text: str) -> str:
    """Return the first ClinicalTrials.gov id in text as `NCT` and eight digits, or ""."""
    match = _NCT.search(text)
    return f"NCT{match.group(1)}" if match else ""


_ISSN = re.compile(r"(?<![\dXx])(?<!\d-)(\d{4})\s?[-\u2010\u2013]?\s?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<![\dXx-])(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx](?![\dXx-])")


def issns(text: str) -> tuple[str, ...]:
    """Return every ISSN in text as `1234-567X`, each once."""
    return tuple(dict.fromkeys(f"{first}-{rest.upper()}" for first, rest in _ISSN.findall(text)))


def isbns(text: str) -> tuple[str, ...]:
    """Return every ISBN of 10 or 13 digits in text, without hyphens, each once."""
    found = (re.sub(r"[- ]", "", match).upper() for match in _ISBN.findall(text))
    return tuple(dict.fromkeys(isbn for isbn in found if len(isbn) in (10, 13)))


# --- pages -----------------------------------------------------------------------------------------------------------

_DASHES = re.compile(r"\s*(?:[\u2010-\u2015\u2212]|--+)\s*")
_PAGE_WORD = re.compile(r"^(?:pages?|pp?|s\.|seite[n]?)[.:\s]+(?=[a-z]{0,2}\d)", re.IGNORECASE)
_RANGE = re.compile(r"([A-Za-z]{0,3})(\d+)\s*-\s*([A-Za-z]{0,3})(\d+)")
_NO_PAGE = frozenset(
    {
        "no", "specified", "no-specified", "no specified", "n/a", "na", "n.pag", "n.pag.", "no pagination", "-", "n.p.",
        "no pagination specified", "unknown", "unpaginated", "not specified", "none", "null", "?",
    }
)  # fmt: skip


def _full_range(match: re.Match[str]) -> str:
    letter, first, letter_again, last = match.groups()
    if len(last) < len(first) and letter_again.lower() in ("", letter.lower()):
        whole = first[: len(first) - len(last)] + last
        # 215-20 means 215-220; 215-10 would run backwards, and stays as it came for a person to see.
        if int(whole) >= int(first):
            return f"{letter}{first}-{letter}{whole}"
    elif letter and not letter_again and len(first) == len(last):
        return f"{letter}{first}-{letter}{last}"
    return f"{letter}{first}-{letter_again}{last}"


def pages(start: str, end: str = "") -> str:
    """Return a page range in full: ("215", "20"), ("215-20", "") and ("215-20", "20") are all `215-220`."""
    if start.isdecimal() and end.isdecimal() and len(end) >= len(start):
        return start if start == end else f"{start}-{end}"
    start, end = _page(start), _page(end)
    if "-" not in start and "-" in end:
        start, end = (end, "") if not start or end.startswith(f"{start}-") else (start, end)
    if start and end and "-" not in start and end != start:
        start = f"{start}-{end}"
    elif not start:
        start = end
    if "-" not in start:
        return start
    full = _RANGE.sub(_full_range, start)
    first, dash, last = full.partition("-")
    return first if dash and first == last else full.strip("-")


def _page(text: str) -> str:
    text = text.strip()
    if text.isdecimal() or not text:
        return text
    if text.lower() in _NO_PAGE:
        return ""
    text = _PAGE_WORD.sub("", " ".join(_DASHES.sub("-", text).split())).strip(" .,;")
    return re.sub(r"\s*-\s*", "-", text) if "-" in text else text


def pages_run_backwards(text: str) -> bool:
    """Whether a page range ends before it begins, which no paper does."""
    match = _RANGE.fullmatch(text)
    return match is not None and match.group(1) == match.group(3) and int(match.group(4)) < int(match.group(2))


_ARTICLE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z]{1,4}[-.]?\d[\w.-]*", re.ASCII)
_SUPPLEMENT_PAGE = re.compile(r"[A-Z]\d{1,4}")


def is_article_number(text: str) -> bool:
    """Whether what stands for pages is an article number, such as `e1003583` (but not the supplement page `S12`)."""
    if "-" in text or not _ARTICLE.fullmatch(text):
        return False
    return text[0] in "eE" or not _SUPPLEMENT_PAGE.fullmatch(text)


# --- years and dates -------------------------------------------------------------------------------------------------

_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv january januar janvier enero ene gennaio gen janeiro januari",
            "feb february februar febr fevrier fév février fev febrero febbraio fevereiro februari",
            "mar march marz märz mars marzo março mrt maart mrz",
            "apr april avr avril abr abril aprile",
            "may mai mayo maggio mag maio mei",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juil juillet julio luglio lug julho",
            "aug august aout août ago agosto augustus",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october okt oktober octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_EIGHT_DIGITS = re.compile(r"(1[4-9]\d\d|20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_ISO = re.compile(r"(1[4-9]\d\d|20\d\d)(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?![\d])")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](1[4-9]\d\d|20\d\d)(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?\.?(?!\d)")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def year(text: str) -> int | None:
    """Return the first year from 1400 to 2099 in text, or None."""
    if len(text) == 4 and text.isdecimal() and text.isascii():
        return int(text) if 1400 <= int(text) < 2100 else None
    match = _YEAR.search(text) or _EIGHT_DIGITS.match(text.strip())
    return int(match.group(1)) if match else None


@lru_cache(maxsize=8192)
def date(text: str) -> str:
    """Return a date in ISO 8601, as precise as the text is: `2015 Dec 14`, `2015/12//`, `Spring 2015`.

    A range of months and an ambiguous `03/04/2015` give the year alone: which month is not known.
    """
    text = text.strip()
    when = year(text)
    if when is None:
        return ""
    if len(text) == 4:
        return text
    if match := _EIGHT_DIGITS.match(text):
        return _iso(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    if match := _DAY_FIRST.search(text):
        one, two = int(match.group(1)), int(match.group(2))
        if one > 12 or one == two:
            return _iso(when, two, one)
        return _iso(when, one, two) if two > 12 else str(when)
    months = [_MONTHS[word] for word in (found.lower() for found in _WORD.findall(text)) if word in _MONTHS]
    if months:
        if len(set(months)) > 1:
            return str(when)
        rest = text.replace(str(when), " ", 1)
        days = {int(found) for found in _DAY.findall(rest)}
        return _iso(when, months[0], days.pop() if len(days) == 1 else 0)
    if (match := _ISO.match(text)) is not None:
        return _iso(when, int(match.group(2) or 0), int(match.group(3) or 0))
    return str(when)


def _iso(year: int, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return f"{year:04d}"
    if not 1 <= day <= _DAYS[month - 1]:
        return f"{year:04d}-{month:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}"


# --- names -----------------------------------------------------------------------------------------------------------

_PARTICLE_WORDS = """
van von vom der den de del della dello delle degli di da das dos do du la le lo los las el al bin ibn ter ten te zu zur
zum af av af' d' 't
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|2nd|3rd|4th)\.?", re.IGNORECASE)
_GROUP = re.compile(
    r"\b(?:group|groups|organi[sz]ation|organisations|society|committee|consortium|university|collaboration|collaborat\w+|"
    r"network|team|ministry|institute|institution|association|foundation|department|agency|council|centre|center|"
    r"study|trial|trialists|investigators|commission|office|programme|program|project|board|federation|alliance|union|"
    r"hospital|college|academy|bureau|bank|company|inc|ltd|llc|gmbh|corporation|initiative|partnership|unicef|unaids|"
    r"nations|government|task\s?force|working\s+party|panel|registry|laborator\w+|division|service|services|trust|"
    r"fund|secretariat|coalition|unit|school|academies|societies|ministries|authority|pharmaceuticals?|pharma|therapeutics)\b",
    re.IGNORECASE,
)
_GROUP_WORD = re.compile(r"\b(?:of|for|and|the|on)\b")
_INITIALS = re.compile(r"(?:[A-Z\u00c0-\u00de]\.?-?){1,4}")
_ET_AL = re.compile(r"[\s,;]*(?:\b(?:et\.?\s+al|and\s+others|u\.\s?a|et\s+coll)\b\.?|\.\.\.|…)\s*$", re.IGNORECASE)


def person(text: str, order: str = "suffix-last") -> Name:
    """Return a name. A group keeps its words as they are; an empty text gives an empty name.

    `order` is how three parts between commas are meant: "suffix-last" is `family, given, suffix` (RIS),
    "suffix-middle" is `family, suffix, given` (BibTeX).
    """
    text = text.strip()
    if "," in text:
        return _with_commas(text, order) if text.isprintable() else _with_commas(" ".join(text.split()), order)
    return _without_comma(" ".join(text.split()))


def _with_commas(text: str, order: str) -> Name:
    parts = [" ".join(part.split()) if "  " in part else part.strip() for part in text.split(",")]
    while parts and not parts[-1]:
        parts.pop()
    if not parts:
        return Name()
    if len(parts) == 1:
        # A group is marked by a comma after it: "Cochrane Bone,".
        return Name(literal=parts[0])
    if len(parts) == 2:
        if not parts[0]:
            return _without_comma(parts[1])
        if len(parts[1]) < 5 and parts[1][:1] in "jJsSiI234" and _SUFFIX.fullmatch(parts[1]):
            named = _without_comma(parts[0])
            return named if named.literal else Name(named.family, named.given, parts[1])
        if (len(parts[1]) > 6 or " " in parts[0]) and (
            _GROUP.search(parts[1]) or (parts[0].count(" ") > 1 and _GROUP.search(parts[0]))
        ):
            return Name(literal=", ".join(parts))
        return Name(parts[0], parts[1])
    if len(parts) == 3 and order == "suffix-middle":
        return Name(parts[0], parts[2], parts[1])
    if len(parts) == 3 and _SUFFIX.fullmatch(parts[1]):
        return Name(parts[0], parts[2], parts[1])
    if len(parts) == 3 and len(parts[2]) <= 5 and not _GROUP_WORD.search(text):
        return Name(parts[0], parts[1], parts[2])
    if _GROUP.search(text) or _GROUP_WORD.search(text):
        return Name(literal=", ".join(parts))
    return Name(parts[0], ", ".join(parts[1:]))


def _without_comma(text: str) -> Name:
    """Read `Kelly EM`, `E. M. Kelly`, `Emma van der Berg` or a group."""
    words = text.split(" ")
    if len(words) == 1 or not text[0].isalpha() or _GROUP.search(text) or _GROUP_WORD.search(text):
        return Name(literal=text)
    suffix = ""
    if _SUFFIX.fullmatch(words[-1]) and len(words) > 2:
        suffix = words.pop()
    if _INITIALS.fullmatch(words[-1]) and not _INITIALS.fullmatch(words[0]):
        cut = len(words) - 1
        while cut > 1 and _INITIALS.fullmatch(words[cut - 1]) and len(words[cut - 1]) <= 2:
            cut -= 1
        return Name(" ".join(words[:cut]), " ".join(words[cut:]), suffix)
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in _PARTICLES and words[cut - 1][0].islower():
        cut -= 1
    if words[0].lower() in _PARTICLES and words[0][0].islower():
        return Name(literal=text)
    return Name(" ".join(words[cut:]), " ".join(words[:cut]), suffix)


def is_et_al(name: str) -> bool:
    """Whether what stands for a name only says that there are more."""
    return bool(name.strip()) and not _ET_AL.sub("", name).strip(" .,;")


def is_particle(word: str) -> bool:
    """Whether a word is a particle that belongs to the family name, such as `van` or `de`."""
    return word.lower() in _PARTICLES


def people(names: Iterable[str], order: str = "suffix-last") -> tuple[tuple[Name, ...], bool]:
    """Return the names, and whether the list is cut short by an "et al."."""
    found: list[Name] = []
    truncated = False
    for text in names:
        if "al" in text or "AL" in text or "others" in text or "coll" in text or "..." in text or "…" in text:
            shorter = _ET_AL.sub("", text)
            truncated = truncated or shorter != text
            text = shorter
        if is_null(text):
            continue
        found.append(person(text, order))
    return tuple(found), truncated


# --- languages -------------------------------------------------------------------------------------------------------

# BCP 47 code, ISO 639-2 codes (bibliographic and terminological), names that databases print.
_LANGUAGE_LINES = """
af afr afrikaans|sq alb sqi albanian|am amh amharic|ar ara arabic|hy arm hye armenian|az aze azerbaijani
eu baq eus basque|be bel belarusian byelorussian|bn ben bengali|bs bos bosnian|bg bul bulgarian|ca cat catalan
zh chi zho chinese mandarin 中文|hr hrv scr croatian|cs cze ces czech|da dan danish dansk
nl dut nld dutch nederlands flemish|en eng english anglais englisch inglés inglese|et est estonian
fi fin finnish|fr fre fra french français francais|gl glg galician|ka geo kat georgian
de ger deu german deutsch|el gre ell greek|gu guj gujarati|he heb hebrew|hi hin hindi|hu hun hungarian
is ice isl icelandic|id ind indonesian|ga gle irish|it ita italian italiano|ja jpn japanese 日本語
kn kan kannada|kk kaz kazakh|km khm khmer|rw kin kinyarwanda|ko kor korean 한국어|ku kur kurdish
ky kir kyrgyz|lo lao|la lat latin|lv lav latvian|lt lit lithuanian|mk mac mkd macedonian|ms may msa malay
ml mal malayalam|mt mlt maltese|mr mar marathi|mn mon mongolian|my bur mya burmese|ne nep nepali
no nor norwegian norsk|nb nob bokmål|nn nno nynorsk|ps pus pashto|fa per fas persian farsi|pl pol polish polski
pt por portuguese português|pa pan punjabi|ro rum ron romanian moldavian moldovan|ru rus russian русский
sr srp scc serbian|si sin sinhala sinhalese|sk slo slk slovak|sl slv slovenian slovene|so som somali
es spa spanish español castilian espanol|sw swa swahili|sv swe swedish svenska|tl tgl tagalog|ta tam tamil
te tel telugu|th tha thai|ti tir tigrinya|tr tur turkish türkçe|uk ukr ukrainian|ur urd urdu|uz uzb uzbek
vi vie vietnamese|cy wel cym welsh|xh xho xhosa|yo yor yoruba|zu zul zulu|mul multiple multilingual
"""
_LANGUAGES = {
    word: line.split()[0]
    for line in _LANGUAGE_LINES.replace("\n", "|").split("|")
    if line.strip()
    for word in line.split()
}
_TAGGED_LANGUAGE = re.compile(r"([a-z]{2,3})[-_]([a-z]{2})(?:[-_.].*)?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def language(text: str) -> str:
    """Return the first language that text names, as BCP 47 (`en`, `pt-BR`), or ""."""
    text = text.strip()
    if match := _TAGGED_LANGUAGE.fullmatch(text):
        base = _LANGUAGES.get(match.group(1).lower())
        return f"{base}-{match.group(2).upper()}" if base else ""
    for word in _WORD.findall(text):
        if found := _LANGUAGES.get(word.lower()):
            return found
    return ""
