"""What belongs to a person and a machine, not to a review: keys, e-mail address, base addresses of services.

Values come from the environment first, then from the user's settings file (TOML); never from the protocol, and nothing
here is ever written into a review folder. The file lies where `path_of_file` says; `EVIDENCE_REVIEW_SETTINGS` names
another one.

    email = "..."
    [keys]
    pubmed = "..."
    [urls]
    pubmed = "http://127.0.0.1:8000"
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from evidence_review.errors import InputError

# source → names of environment variables that people already use for its key; EVIDENCE_REVIEW_<SOURCE>_KEY always works
COMMON_KEYS: Mapping[str, tuple[str, ...]] = {
    "pubmed": ("NCBI_API_KEY", "ENTREZ_KEY"),
    "openalex": ("OPENALEX_API_KEY",),
    "semanticscholar": ("SEMANTIC_SCHOLAR_API_KEY", "S2_API_KEY"),
    "core": ("CORE_API_KEY",),
    "scopus": ("SCOPUS_API_KEY", "ELSEVIER_API_KEY"),
    "scopus-token": ("SCOPUS_INSTTOKEN", "ELSEVIER_INSTTOKEN"),
    "ieee": ("IEEE_API_KEY", "IEEE_XPLORE_API_KEY"),
    "zotero": ("ZOTERO_API_KEY",),
}
_EMAIL = ("EVIDENCE_REVIEW_EMAIL", "ENTREZ_EMAIL", "NCBI_EMAIL")
_PREFIX = "EVIDENCE_REVIEW_"
_TABLES = ("keys", "urls")


@dataclass(frozen=True)
class Settings:
    """Keys and base addresses by source id. The values of `keys` and `email` are secrets."""

    email: str = field(default="", repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    urls: Mapping[str, str] = field(default_factory=dict)
    cache: Path = field(default_factory=lambda: path_of_cache(os.environ))

    @staticmethod
    def blank(cache: Path | None = None) -> Settings:
        """Return settings without anything, for tests and for reading what is stored."""
        return Settings() if cache is None else Settings(cache=cache)

    @staticmethod
    def load(environment: Mapping[str, str] | None = None) -> Settings:
        """Return the settings of the environment and the user's file.

        Raises:
            InputError: the file cannot be read; the message holds none of its values.
        """
        variables = os.environ if environment is None else environment
        filed = _read(path_of_file(variables))
        keys = {name: str(value) for name, value in _table(filed, "keys").items()}
        urls = {name: str(value) for name, value in _table(filed, "urls").items()}
        for source, names in COMMON_KEYS.items():
            for name in reversed(names):
                if variables.get(name):
                    keys[source] = variables[name]
        for name, value in variables.items():
            if name.startswith(_PREFIX) and value:
                rest = name.removeprefix(_PREFIX).lower().replace("_", "-")
                if rest.endswith("-key"):
                    keys[rest.removesuffix("-key")] = value
                elif rest.endswith("-url"):
                    urls[rest.removesuffix("-url")] = value
        email = next((variables[name] for name in _EMAIL if variables.get(name)), str(filed.get("email", "")))
        return Settings(
            email.strip(), {name: key.strip() for name, key in keys.items()}, urls, path_of_cache(variables)
        )

    def key(self, source: str) -> str:
        """Return the key of a source, "" where there is none."""
        return self.keys.get(source, "")

    def url(self, source: str, default: str) -> str:
        """Return the base address of a source without a slash at its end."""
        return self.urls.get(source, default).rstrip("/")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be found in any file or message."""
        return tuple(value for value in (self.email, *self.keys.values()) if value)


def path_of_file(environment: Mapping[str, str]) -> Path:
    """Return where the user's settings file lies on this system."""
    named = environment.get(f"{_PREFIX}SETTINGS")
    return Path(named) if named else _user_folder(environment, "config") / "settings.toml"


def path_of_cache(environment: Mapping[str, str]) -> Path:
    """Return the folder of what processes on this machine share: nothing in it is needed for long."""
    named = environment.get(f"{_PREFIX}CACHE")
    return Path(named) if named else _user_folder(environment, "cache")


def _user_folder(environment: Mapping[str, str], kind: str) -> Path:
    """Return where the system wants a program's settings (`config`) or what it may throw away (`cache`)."""
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or Path.home())
    local = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elsewhere = {
        "win32": local / "evidence-review" / kind,
        "darwin": home / "Library" / ("Caches" if kind == "cache" else "Application Support") / "evidence-review",
    }
    default = Path(environment.get(f"XDG_{kind.upper()}_HOME") or home / (".cache" if kind == "cache" else ".config"))
    return elsewhere.get(sys.platform, default / "evidence-review")


def _read(path: Path) -> Mapping[str, object]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror}. Check its permissions.") from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's words quote the file, and the file holds keys.
        raise InputError(
            f'{path} is not valid TOML. Write one value a line, such as email = "…", and keys under [keys].'
        ) from None


def _table(filed: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = filed.get(name, {})
    if not isinstance(value, dict):
        raise InputError(
            f"The settings file's '{name}' must be a table: a line [{name}], then source = \"value\" lines."
        )
    return value
