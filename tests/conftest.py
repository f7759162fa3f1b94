"""What all tests share: the corpus of public samples, which lies beside the checkout, and no deadlines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A property either holds or not: how long an example takes says how busy the machine is. All else stays as it is, in CI
# Hypothesis's own profile for that.
settings.register_profile(
    "unhurried",
    settings(),
    deadline=None,
    suppress_health_check=(*settings().suppress_health_check, HealthCheck.too_slow),
)
settings.load_profile("unhurried")

CHECKOUT = Path(__file__).resolve().parent.parent
CORPUS_VARIABLE = "EVIDENCE_REVIEW_CORPUS"


def corpus_folder() -> Path:
    """Return where the corpus is looked for: the variable's folder, else `../shared/corpus` beside the checkout."""
    return Path(os.environ.get(CORPUS_VARIABLE) or CHECKOUT.parent / "shared" / "corpus").resolve()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus folder; skips where it is absent, except in CI, where a missing corpus is a failure."""
    folder = corpus_folder()
    if folder.is_dir():
        return folder
    missing = f"the corpus is not at {folder}; set {CORPUS_VARIABLE} to its folder"
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(missing)
    pytest.skip(missing)
