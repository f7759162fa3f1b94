"""The wheel holds what the program reads at run time, and the pins agree with what setup.cfg asks for."""

from __future__ import annotations

import ast
import configparser
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "evidence_review"
CODE = {".py", ".pyc"}


def setup() -> configparser.ConfigParser:
    """Return setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return parser


def normal(name: str) -> str:
    """Return a distribution's name in its normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_data_file_of_the_package_is_named_as_package_data() -> None:
    """A template or tool that is read at run time and not packed works in the checkout and nowhere else."""
    patterns = setup()["options.package_data"]["evidence_review"].split()
    packed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    data = {
        path
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and path.suffix not in CODE
        and not path.name.startswith(".")
        and path.parent.name != "__pycache__"
    }
    assert sorted(str(path.relative_to(PACKAGE)) for path in data - packed) == []


def test_every_folder_with_code_or_data_is_a_package() -> None:
    """setuptools packs packages only: data in a folder without `__init__.py` reaches nobody."""
    folders = {path.parent for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    with_code = {path.parent for path in PACKAGE.rglob("*.py")}
    assert (
        sorted(str(folder.relative_to(PACKAGE)) for folder in with_code if not (folder / "__init__.py").exists()) == []
    )
    orphans = [folder for folder in folders - with_code if not any(parent in with_code for parent in folder.parents)]
    assert orphans == []


def test_each_dependency_is_pinned_at_or_above_its_floor() -> None:
    pins = dict(
        line.split("==")
        for line in (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    pinned = {normal(name): version for name, version in pins.items()}
    config = setup()
    extras = config["options.extras_require"]
    # What CI installs: everything but Spark. An extra may name others of this project.
    lists = [config["options"]["install_requires"], *(extras[name] for name in extras if name != "spark")]
    wanted = {line for text in lists for line in text.split() if not line.startswith("evidence-review[")}
    missing = []
    for requirement in sorted(wanted):
        name, _, floor = requirement.partition(",")[0].partition(">=")
        version = pinned.get(normal(name))
        numbers = [[int(part) for part in re.findall(r"\d+", text)] for text in (version or "0", floor)]
        if version is None or numbers[0] < numbers[1]:
            missing.append(f"{requirement} (pinned: {version})")
    assert missing == []


def test_every_package_that_is_imported_is_asked_for() -> None:
    """What happens to be installed beside a developer's checkout is not there on a user's machine."""
    config = setup()
    lists = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    asked = {normal(re.split(r"[<>=!~;\[ ]", line)[0]) for text in lists for line in text.split("\n") if line.strip()}
    distributions = packages_distributions()
    missing = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for top in {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - {PACKAGE.name}:
                if not {normal(name) for name in distributions.get(top, [top])} & asked:
                    missing.add(f"{path.relative_to(PACKAGE)} imports {top}")
    assert sorted(missing) == []


def test_pins_name_packages_and_versions_only() -> None:
    """No path, address or option of the machine that made them."""
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if line and not re.fullmatch(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)]
    assert odd == []


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    """What the checkout has, the installed program has."""
    source = tmp_path / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.decode("utf-8").split("\0") if name and (CHECKOUT / name).is_file()]
    wanted = {name for name in names if name.startswith("evidence_review/")}
    for name in wanted | {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"}:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((CHECKOUT / name).read_bytes())
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No matching distribution found for setuptools" in built.stderr and not os.environ.get("CI"):
        pytest.skip("no package index within reach to get the build backend from")
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert sorted(wanted - packed) == []
