"""LaTeX in bibliographic fields as plain Unicode. Only for BibTeX: elsewhere a backslash or dollar means itself."""

from __future__ import annotations

import re
import unicodedata

# Accent command → combining character.
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308",
    "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328", "b": "\u0331",
    "t": "\u0361",
}  # fmt: skip
_SIGNS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
    "S": "§",
    "P": "¶", "pounds": "£", "copyright": "©", "textregistered": "®", "texttrademark": "™", "texteuro": "€",
    "euro": "€",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "textquotesingle": "'", "textquotedbl": '"', "textasciitilde": "~", "textbackslash": "\\",
    "textasciicircum": "^", "textunderscore": "_", "textbar": "|", "textless": "<", "textgreater": ">",
    "backslash": "\\",
    "textellipsis": "…", "ldots": "…", "dots": "…", "textdegree": "°", "degree": "°", "textmu": "µ", "times": "×",
    "texttimes": "×", "pm": "±", "textpm": "±", "leq": "≤", "geq": "≥", "le": "≤", "ge": "≥", "neq": "≠", "approx": "≈",
    "sim": "~", "infty": "∞", "rightarrow": "→", "to": "→", "leftarrow": "←", "cdot": "·", "textperiodcentered": "·",
    "bullet": "•", "textbullet": "•", "guillemotleft": "«", "guillemotright": "»", "guilsinglleft": "‹", "circ": "°",
    "guilsinglright": "›", "textexclamdown": "¡", "textquestiondown": "¿", "textordfeminine": "ª", "prime": "′",
    "textordmasculine": "º", "TeX": "TeX", "LaTeX": "LaTeX", "slash": "/", "textsection": "§", "textdagger": "†",
    "quad": " ", "qquad": " ", "space": " ", "newline": " ", "par": " ", "ast": "*", "star": "*", "div": "÷",
    "mid": "|",
    "textasteriskcentered": "*", "textordbold": "", "checkmark": "✓", "varphi": "φ", "varepsilon": "ε", "vartheta": "ϑ",
}  # fmt: skip
# Signs that came from a command or an escape wait in the private use area until the rest is done.
_ESCAPED = "&%$#_{}\\~^"
_ACCENTED = re.compile(
    r"\\([`'^~=.\"])\s*(?:\{\s*(\\[ij](?![A-Za-z])|[^{}\\\s])\s*\}|(\\[ij](?![A-Za-z])\s?|[A-Za-z]))"
)
_ACCENTED_BY_LETTER = re.compile(
    r"\\([uvHcdbkrt])(?:\s*\{\s*(\\[ij](?![A-Za-z])|[^{}\\\s]{1,2})\s*\}|\s+(\\[ij](?![A-Za-z])|[A-Za-z]))"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?(?:\{\}|\s+(?=[A-Za-z])|\s*)")
_MATH = re.compile(r"(?<!\\)\$([^$]{1,200}?)(?<!\\)\$")
_QUOTES = (("``", "“"), ("''", "”"), ("---", "—"), ("--", "–"))


def decode(text: str) -> str:
    """Return text without LaTeX: accents composed, commands as their signs, braces and math dollars gone."""
    if "\\" not in text and "{" not in text and "$" not in text and "}" not in text:
        return _typography(text)
    text = _MATH.sub(_math, text) if "$" in text else text
    if "\\" in text:
        for _ in range(2):
            text = _ACCENTED.sub(_accent, text)
            text = _ACCENTED_BY_LETTER.sub(_accent, text)
        text = _COMMAND.sub(_command, text)
        text = re.sub(r"\\([&%$#_{}])", lambda match: chr(0xE000 + _ESCAPED.index(match.group(1))), text)
        text = text.replace("\\\\", " ").replace("\\ ", " ").replace("\\,", " ").replace("\\-", "").replace("\\/", "")
        text = text.replace("\\@", "").replace("\\;", " ").replace("\\!", "")
    # Quotes and dashes first: `-{}-` is two hyphens, and `--` a dash.
    text = _typography(text).replace("{", "").replace("}", "")
    for place, sign in enumerate(_ESCAPED):
        text = text.replace(chr(0xE000 + place), sign)
    return unicodedata.normalize("NFC", text)


def _typography(text: str) -> str:
    for plain, sign in _QUOTES:
        if plain in text:
            text = text.replace(plain, sign)
    return text.replace("~", " ") if "~" in text else text


def _accent(match: re.Match[str]) -> str:
    letter = (match.group(2) or match.group(3)).strip()
    # A dotless letter takes its dot back under an accent that replaces it.
    letter = {"\\i": "i", "\\j": "j"}.get(letter, letter)
    return unicodedata.normalize("NFC", letter[0] + _ACCENTS[match.group(1)] + letter[1:])


def _command(match: re.Match[str]) -> str:
    name = match.group(1)
    if name in _SIGNS:
        after = match.group()[len(name) + 1 :]
        # A space that only ends the command is not one; `{}` is nothing.
        sign = _SIGNS[name]
        sign = chr(0xE000 + _ESCAPED.index(sign)) if sign and sign in _ESCAPED else sign
        return sign + ("" if after.strip() in {"", "{}", "*"} else after)
    for case in ("SMALL", "CAPITAL"):
        wanted = name.lower() if case == "SMALL" else name
        if (name.islower() if case == "SMALL" else name[:1].isupper()) and len(name) > 1:
            try:
                return unicodedata.lookup(f"GREEK {case} LETTER {wanted.upper()}")
            except KeyError:
                continue
    # Formatting such as \textit or \emph: what it formats stays.
    return ""


def _math(match: re.Match[str]) -> str:
    """Return the content of inline math where it is simple; money ("$5 and $6") stays as it is."""
    inside = match.group(1)
    if re.match(r"\d[\d.,]*\s+\w", inside) or inside != inside.strip():
        return match.group()
    # A command at the end must not swallow the space after the dollar.
    closed = f"{inside}{{}}" if re.search(r"\\[A-Za-z]+$", inside) else inside
    return re.sub(r"[_^](?=[{\\\w])", "", closed)
