"""pyproject.toml, environment.yml and the lock files name the same packages; the lock has hashes and no addresses."""

import re
import tomllib

import pytest
import yaml

from tests.conftest import ROOT

CONDA_NAMES = {
    "quarto-cli": "quarto",
    "duckdb": "python-duckdb",
    "playwright": "playwright-python",
    "universal-pathlib": "universal_pathlib",
    "types-PyYAML": "types-pyyaml",
    "matplotlib": "matplotlib-base",
}
"""Packages that conda-forge has under another name."""


def requirements() -> dict[str, str]:
    """Package to version bound, of the dependencies and all extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    return dict(re.fullmatch(r"([\w.-]+)(.*)", line).groups() for line in lines)


def conda_requirements() -> dict[str, str]:
    content = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [line for line in content["dependencies"] if isinstance(line, str)]
    pip = next(line["pip"] for line in content["dependencies"] if isinstance(line, dict))
    lines = [*plain, *(line for line in pip if not line.startswith("-e"))]
    return {name: bound.strip() for name, bound in (re.fullmatch(r"([\w.-]+)\s*(.*)", line).groups() for line in lines)}


def test_conda_and_pip_get_the_same_packages():
    wanted = {CONDA_NAMES.get(name, name): bound for name, bound in requirements().items()}
    found = conda_requirements()
    extra = {name: found.pop(name) for name in ("python", "pip")}
    assert found == wanted
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra["python"] == project["requires-python"]


@pytest.mark.parametrize("name", [f"requirements{kind}.lock" for kind in ("", "-cluster", "-test", "-lab", "-uv")])
def test_a_lock_has_hashes_and_no_addresses(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^[\w.\[\]-]+==\S+", text, flags=re.MULTILINE)
    assert pins and "://" not in text
    blocks = re.split(r"^(?=[\w.\[\]-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", [f"requirements{kind}.lock" for kind in ("", "-cluster", "-test", "-lab")])
def test_a_lock_has_one_version_of_each_package_whatever_the_python(name):
    names = re.findall(r"^([\w.-]+)==", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_ci_runs_the_oldest_and_the_newest_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    asked = next(step["with"]["python-version"] for step in job["steps"] if "setup-python" in step.get("uses", ""))
    assert asked == "${{ matrix.python }}"


def test_the_locks_pin_what_is_asked_for():
    text = (ROOT / "requirements-test.lock").read_text(encoding="utf-8").lower().replace("_", "-")
    pinned = set(re.findall(r"^([\w.-]+)==", text, flags=re.MULTILINE))
    asked = {name.lower().replace("_", "-") for name in requirements()} - {"jupyter", "quarto-cli"}
    assert asked <= pinned


def test_what_only_tests_or_a_cluster_need_is_not_installed_for_a_report():
    plain, cluster, test = [
        set(re.findall(r"^[\w.-]+==\S+", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE))
        for name in ("requirements.lock", "requirements-cluster.lock", "requirements-test.lock")
    ]
    assert plain < cluster < test, "each lock adds to the other and changes no version of it"
    assert not any(pin.startswith(("pytest==", "hypothesis==", "distributed==")) for pin in plain)


def test_every_dependency_has_its_reason_in_contributing():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("## Why each dependency") :]
    assert [name for name in requirements() if name not in table] == []
