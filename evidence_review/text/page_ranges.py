"""Page ranges in full, and article numbers, which stand where pages should."""

from __future__ import annotations

import re

_DASHES = re.compile(r"\s*(?:[\u2010-\u2015\u2212]|--+)\s*")
_PAGE_WORD = re.compile(r"^(?:pages?|pp?|s\.|seite[n]?)[.:\s]+(?=[a-z]{0,2}\d)", re.IGNORECASE)
_RANGE = re.compile(r"([A-Za-z]{0,3})(?<!\d)(\d{1,12})\s*-\s*([A-Za-z]{0,3})(\d{1,12})(?!\d)")
# Nothing in it to mend, as most ranges come.
_PLAIN = re.compile(r"\d{1,12}-\d{1,12}", re.ASCII)
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
    if not end and _PLAIN.fullmatch(start):
        return _in_full(start)
    start, end = _page(start), _page(end)
    if "-" not in start and "-" in end:
        start, end = (end, "") if not start or end.startswith(f"{start}-") else (start, end)
    if start and end and "-" not in start and end != start:
        start = f"{start}-{end}"
    elif not start:
        start = end
    return _in_full(start) if "-" in start else start


def _in_full(written: str) -> str:
    full = _RANGE.sub(_full_range, written)
    first, dash, last = full.partition("-")
    return first if dash and first == last else full.strip("-")


def _page(text: str) -> str:
    text = text.strip()
    if text.isdecimal() or not text:
        return text
    if text.lower() in _NO_PAGE:
        return ""
    text = _PAGE_WORD.sub("", " ".join(_DASHES.sub("-", text).split())).strip(" .,;")
    if "-" not in text:
        return text
    # `NA-NA` is what programs write of two unknown pages.
    ends = [end for end in re.split(r"\s*-\s*", text) if end.lower() not in _NO_PAGE]
    return "-".join(ends) if any(ends) else ""


def pages_run_backwards(text: str) -> bool:
    """Whether a page range ends before it begins, which no paper does."""
    first, _, last = text.partition("-")
    if first.isdecimal() and last.isdecimal():
        # Compared without making numbers of them, which has a limit to the figures.
        one, two = first.lstrip("0"), last.lstrip("0")
        return (len(two), two) < (len(one), one)
    match = _RANGE.fullmatch(text)
    return match is not None and match.group(1) == match.group(3) and int(match.group(4)) < int(match.group(2))


_ARTICLE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z]{1,4}[-.]?\d[\w.-]*", re.ASCII)
_SUPPLEMENT_PAGE = re.compile(r"[A-Z]\d{1,4}")


def is_article_number(text: str) -> bool:
    """Whether what stands for pages is an article number, such as `e1003583` (but not the supplement page `S12`)."""
    if "-" in text or not _ARTICLE.fullmatch(text):
        return False
    return text[0] in "eE" or not _SUPPLEMENT_PAGE.fullmatch(text)
