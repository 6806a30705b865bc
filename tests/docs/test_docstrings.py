"""Every public function of the packages that compute says what goes in, what comes out and what it refuses.

Columns stand with tables and shapes with arrays: who reads a docstring can use the function without reading its code.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("evaluation/inputs", "evaluation/statistics", "evaluation/analysis", "evaluation/chapters/desk")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SAYS_COLUMNS = re.compile(r"\b[Cc]olumns?\b|\b[Aa]s (of|in) `|\bindex|`[A-Z_]+`")
SAYS_SHAPE = re.compile(r"\bshape\b|\(\w+,\)|\(\w+, \w+|\bper\b|\bone for each\b|\b[Aa]s (of|in) `")


def public_functions(path: Path) -> list[ast.FunctionDef]:
    """List the functions that a module offers: its own, and the methods of its public classes; no properties."""
    found = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        inside = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else [node]
        found += [item for item in inside if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")]
    return [item for item in found if not any("property" in ast.unparse(place) for place in item.decorator_list)]


def sections(docstring: str) -> dict[str, str]:
    """Split a numpydoc docstring into its sections."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", docstring, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def faults(function: ast.FunctionDef) -> list[str]:
    """Say what the docstring of a function leaves out."""
    told = sections(ast.get_docstring(function) or "")
    arguments = function.args
    names = [item.arg for item in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    names = [name for name in names if name not in ("self", "cls")]
    heads = re.findall(r"^(\S[^:\n]*?)(?: :.*)?$", told.get("Parameters", ""), flags=re.MULTILINE)
    documented = {name.strip(" *") for head in heads for name in head.split(",")}
    left_out = [f"parameter {name}" for name in names if name not in documented]
    returned = ast.unparse(function.returns) if function.returns is not None else "None"
    says = told.get("Returns") or told.get("Yields")
    if returned != "None" and not says:
        left_out.append("what it returns")
    if says and "DataFrame" in returned and not SAYS_COLUMNS.search(says):
        left_out.append("the columns that it returns")
    if says and "ndarray" in returned and not SAYS_SHAPE.search(says):
        left_out.append("the shape of what it returns")
    raised = {
        node.exc.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
    }
    raised = {name for name in raised if name[0].isupper()}
    return left_out + [f"error {name}" for name in sorted(raised) if name not in told.get("Raises", "")]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_public_functions_document_what_goes_in_and_what_comes_out(path):
    lacking = {item.name: left_out for item in public_functions(path) if (left_out := faults(item))}
    assert lacking == {}, f"{path.name}: {lacking}"


def test_the_check_sees_what_is_left_out():
    code = '''
def add(table, more) -> "pd.DataFrame":
    """Add.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    DataFrame
        With more.
    """
    raise InputError([])
'''
    (function,) = ast.parse(code).body
    assert faults(function) == ["parameter more", "the columns that it returns", "error InputError"]
