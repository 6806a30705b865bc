"""The set-up of a service account: a cache that can be written, and the index of the organisation."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def variables(**others: str) -> dict[str, str]:
    hidden = ("UV_", "PIP_", "XDG_")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)} | others


@pytest.mark.parametrize(("home", "inside"), [("/proc", True), (None, False)])
def test_the_cache_of_uv_is_in_the_project_where_the_home_cannot_be_written(home, inside, tmp_path):
    done = subprocess.run(["make", "-pn", "help"], cwd=ROOT, env=variables(HOME=home or str(tmp_path)),
                          capture_output=True, text=True, check=False)  # fmt: skip
    line = next(line for line in done.stdout.splitlines() if line.startswith("UV_CACHE_DIR"))
    place = ROOT / "build" / "uv-cache" if inside else tmp_path / ".cache" / "uv"
    assert line.split("= ")[1] == str(place)


@pytest.mark.parametrize("section", ["global", "install"])
def test_uv_installs_from_the_index_of_pip_conf(section, tmp_path):
    (tmp_path / "pip.conf").write_text(f"[{section}]\nindex-url = https://index.example/simple\n", encoding="utf-8")
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    python, uv = f'exec {sys.executable} "$@"', 'echo "$UV_DEFAULT_INDEX" > "$(dirname "$0")/asked"'
    for name, line in (("python", python), ("uv", uv)):
        (venv / "bin" / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (venv / "bin" / name).chmod(0o755)
    made = tmp_path / "Makefile"
    made.write_text((ROOT / "Makefile").read_text(encoding="utf-8") + f"\ntry:\n\t$(call uv_install,{venv},x)\n")
    subprocess.run(["make", "-f", str(made), "try"], cwd=ROOT, check=True,
                   env=variables(PIP_CONFIG_FILE=str(tmp_path / "pip.conf")))  # fmt: skip
    assert (venv / "bin" / "asked").read_text().strip() == "https://index.example/simple"


def test_an_environment_starts_in_the_language_c_where_the_path_has_accents(tmp_path):
    root = tmp_path / "R\u00e9gi\u00f3"
    root.mkdir()
    (root / "thing.py").write_text("print('found')\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root / "venv")], check=True)
    (packages,) = (root / "venv").glob("lib/python*/site-packages")
    (packages / "_regiodeal_evaluation.pth").write_text(str(root), encoding="utf-8")
    made = root / "Makefile"
    made.write_text((ROOT / "Makefile").read_text(encoding="utf-8") + "\ntry:\n\t$(call relative_place,venv)\n")
    subprocess.run(["make", "try"], cwd=root, check=True)
    done = subprocess.run([root / "venv" / "bin" / "python", "-c", "import thing"], cwd=tmp_path, text=True, check=True,
                          capture_output=True, env=variables(LC_ALL="C"))  # fmt: skip
    assert done.stdout == "found\n"


def test_the_second_of_two_set_ups_at_once_waits_and_finds_it_ready(tmp_path):
    for name in ("requirements.lock", "requirements-uv.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    (tmp_path / "evaluation" / "base").mkdir(parents=True)
    shutil.copy(ROOT / "evaluation" / "base" / "one_at_a_time.py", tmp_path / "evaluation" / "base")
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    slow = "define make_environment\n\t@mkdir -p $(1); echo made >> made; sleep 1; touch $(1)/.ready\nendef\n"
    real = re.search(r"(?ms)^define make_environment$.*?^endef\n", text)[0]
    (tmp_path / "Makefile").write_text(text.replace(real, slow), encoding="utf-8")
    both = [subprocess.Popen(["make", "setup"], cwd=tmp_path, env=variables(), stderr=-1, text=True) for _ in range(2)]
    told = [process.communicate(timeout=30)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0] and (tmp_path / ".venv" / ".ready").is_file()
    assert sorted(told) == ["", "Another make sets this up; this one waits until that is done.\n"]
    assert (tmp_path / "made").read_text() == "made\n"
