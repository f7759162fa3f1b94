"""Languages as BCP 47."""

from __future__ import annotations

import re
from functools import lru_cache

# BCP 47 code, ISO 639-2 codes (bibliographic and terminological), names that databases print.
_LANGUAGE_LINES = """
af afr afrikaans|sq alb sqi albanian|am amh amharic|ar ara arabic|hy arm hye armenian|az aze azerbaijani
eu baq eus basque|be bel belarusian byelorussian|bn ben bengali|bs bos bosnian|bg bul bulgarian|ca cat catalan
zh chi zho chinese mandarin 中文 汉语 chinois chinesisch chino chinês|hr hrv scr croatian|cs cze ces czech
da dan danish dansk|nl dut nld dutch nederlands flemish
en eng english anglais englisch inglés inglês ingles inglese engels 英文 英语 英語|et est estonian|fi fin finnish
fr fre fra french français francais französisch francés frances francês francese frans|gl glg galician
ka geo kat georgian|de ger deu german deutsch allemand alemán aleman alemão tedesco duits|el gre ell greek
gu guj gujarati|he heb hebrew|hi hin hindi|hu hun hungarian|is ice isl icelandic|id ind indonesian|ga gle irish
it ita italian italiano italien italienisch|ja jpn japanese 日本語 japonais japanisch japonés|kn kan kannada
kk kaz kazakh|km khm khmer|rw kin kinyarwanda|ko kor korean 한국어|ku kur kurdish|ky kir kyrgyz|lo lao|la lat latin
lv lav latvian|lt lit lithuanian|mk mac mkd macedonian|ms may msa malay|ml mal malayalam|mt mlt maltese|mr mar marathi
mn mon mongolian|my bur mya burmese|ne nep nepali|no nor norwegian norsk|nb nob bokmål|nn nno nynorsk|ps pus pashto
fa per fas persian farsi|pl pol polish polski
pt por portuguese português portugues portugais portugiesisch portugués portoghese|pa pan punjabi
ro rum ron romanian moldavian moldovan|ru rus russian русский russe russisch ruso|sr srp scc serbian
si sin sinhala sinhalese|sk slo slk slovak|sl slv slovenian slovene|so som somali
es spa spanish español castilian espanol espagnol spanisch espanhol spagnolo castellano spaans|sw swa swahili
sv swe swedish svenska|tl tgl tagalog|ta tam tamil|te tel telugu|th tha thai|ti tir tigrinya|tr tur turkish türkçe
uk ukr ukrainian|ur urd urdu|uz uzb uzbek|vi vie vietnamese|cy wel cym welsh|xh xho xhosa|yo yor yoruba|zu zul zulu
mul multiple multilingual
"""
_LANGUAGES = {
    word: line.split()[0]
    for line in _LANGUAGE_LINES.replace("\n", "|").split("|")
    if line.strip()
    for word in line.split()
}
# The first name of a line is English; only Lao is as short as a code.
_NAMES = {
    words[0]: next((word for word in words[1:] if len(word) > 3), words[-1]).capitalize()
    for words in (line.split() for line in _LANGUAGE_LINES.replace("\n", "|").split("|") if line.strip())
}
_WORD = re.compile(r"[^\W\d_]+")
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


def language_name(code: str) -> str:
    """Return the English name of a BCP 47 code (`pt-BR` is Portuguese), the code itself where it has none here."""
    return _NAMES.get(code.replace("_", "-").partition("-")[0].casefold(), code)
