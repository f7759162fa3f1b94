"""Limits of language in the words of each source. Codes are those of MARC, as PubMed and Europe PMC use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

# BCP 47 → (MARC code, English name)
KNOWN = {
    "ar": ("ara", "Arabic"), "bg": ("bul", "Bulgarian"), "cs": ("cze", "Czech"), "da": ("dan", "Danish"),
    "de": ("ger", "German"), "el": ("gre", "Greek"), "en": ("eng", "English"), "es": ("spa", "Spanish"),
    "et": ("est", "Estonian"), "fa": ("per", "Persian"), "fi": ("fin", "Finnish"), "fr": ("fre", "French"),
    "he": ("heb", "Hebrew"), "hr": ("hrv", "Croatian"), "hu": ("hun", "Hungarian"), "id": ("ind", "Indonesian"),
    "it": ("ita", "Italian"), "ja": ("jpn", "Japanese"), "ko": ("kor", "Korean"), "lt": ("lit", "Lithuanian"),
    "lv": ("lav", "Latvian"), "nl": ("dut", "Dutch"), "no": ("nor", "Norwegian"), "pl": ("pol", "Polish"),
    "pt": ("por", "Portuguese"), "ro": ("rum", "Romanian"), "ru": ("rus", "Russian"), "sk": ("slo", "Slovak"),
    "sl": ("slv", "Slovenian"), "sr": ("srp", "Serbian"), "sv": ("swe", "Swedish"), "th": ("tha", "Thai"),
    "tr": ("tur", "Turkish"), "uk": ("ukr", "Ukrainian"), "vi": ("vie", "Vietnamese"), "zh": ("chi", "Chinese"),
}  # fmt: skip


def marc(code: str) -> str:
    """Return the MARC code of a language."""
    return KNOWN[code][0]


def name(code: str) -> str:
    """Return the English name of a language."""
    return KNOWN[code][1]


def limited(text: str, languages: Iterable[str], each: Callable[[str], str]) -> str:
    """Return a query limited to languages; `each` writes one language in the source's syntax."""
    parts = [each(code) for code in languages]
    return f"({text}) AND ({' OR '.join(parts)})" if parts else text
