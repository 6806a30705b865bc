"""The commands of which the code stands beside the package say so where it does not."""

import sys
from pathlib import Path

import pytest

import evaluation.cli.main as cli


@pytest.mark.parametrize(
    ("command", "place"), [(["example"], "tools/example.py"), (["study", "--draws", "500"], "studies/method_study.py")]
)
def test_a_command_whose_code_is_not_there_says_so_in_one_sentence(command, place, project, monkeypatch):
    folder = place.partition("/")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == folder]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path and not (Path(path) / folder).is_dir()])
    done = project.regiodeal_here(*command)
    assert done.returncode == 2
    assert done.stderr.strip() == f"This command needs {place} of the repository, which is not beside the package."


def test_a_fault_in_that_code_is_not_taken_for_its_absence(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name="numpy")

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(ModuleNotFoundError, match="tools"):
        cli._beside_package("tools.example")
