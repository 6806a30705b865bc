"""What would make a notebook say something else than it is asked: told before anything runs, with cell and what to do.

A chapter is about the deal and the year of the run.  So it takes them from its parameters cell, nothing gives them
another value, and every name that it uses comes from itself.  What no reading finds is refused when it is opened
(`chapters.context.check_opened`).
"""

import ast
import builtins
import json
import symtable
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbformat.validator import iter_validate

from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.base.paths import shown
from evaluation.inputs.chapter_list import chapters_of_themes
from evaluation.inputs.deal import list_deals, load_deal
from evaluation.run.notebook_files import (
    BYTE_ORDER_MARK,
    FIX,
    INJECTED,
    MERGED,
    clean_text,
    completed,
    merge_line,
    name_cell,
    notebook_path,
    source_of,
    tags_of,
)

_FORMAT = 4
_LONGEST_FOUND = 60
_BEHIND = {"globals", "locals", "vars", "exec", "eval", "compile", "setattr", "delattr", "__import__", "get_ipython"}
_BEHIND |= {"__setattr__", "__delattr__"}
"""What could give a parameter another value, or a name, out of sight."""

_OF_THE_KERNEL = {*dir(builtins), "display", "get_ipython", "In", "Out", "_", "__", "___", "__name__", "__file__"}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Assert, ast.Raise)


def file_faults(path: Path) -> tuple[list[Fault], dict | None]:
    """Judge the file of a notebook, and return what it holds where cells can be looked at."""
    file = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text.removeprefix(BYTE_ORDER_MARK))
    except FileNotFoundError:
        return [Fault(file, "no file", "the notebook of this chapter")], None
    except (ValueError, RecursionError) as error:
        line = merge_line(text) if not isinstance(error, UnicodeError) else None
        if line is not None:
            return [Fault(file, f"the marks of a merge on line {line}", MERGED)], None
        return [Fault(file, f"a file that is not a notebook ({type(error).__name__})", "nbformat 4, in UTF-8")], None
    if not isinstance(content, dict) or content.get("nbformat") != _FORMAT:
        version = content.get("nbformat") if isinstance(content, dict) else None
        return [Fault(file, f"nbformat {version!r}", f"nbformat {_FORMAT}: save it in JupyterLab")], None
    faults = [
        Fault(file, found if found == "nothing" else json.dumps(found), expected, key=place, hint=FIX)
        for place, found, expected in completed(content)
    ]
    faults += _schema_faults(file, content)
    if text.startswith(BYTE_ORDER_MARK):
        faults.insert(0, Fault(file, "a byte order mark in front", "UTF-8 without it", hint=FIX))
    is_readable = not any(fault.hint is None and ", metadata" not in str(fault.key) for fault in faults)
    return faults, content if is_readable else None


def _schema_faults(file: str, content: dict) -> Iterator[Fault]:
    """Say what is not as nbformat has it; ids are told by `id_faults`."""
    seen: set[str] = set()
    minor = content.get("nbformat_minor")
    minor = minor if isinstance(minor, int) else 5
    for error in iter_validate(content, version=_FORMAT, version_minor=minor):
        problem = getattr(error, "original", error)
        path = list(problem.absolute_path)
        if "id" in path[2:] or (problem.validator == "required" and "'id'" in problem.message):
            continue
        place = _place(content, path)
        if place in seen:
            continue
        seen.add(place)
        found = json.dumps(problem.instance, ensure_ascii=False, default=str)
        found = found if len(found) <= _LONGEST_FOUND else f"{found[:_LONGEST_FOUND]}…"
        kind = problem.validator_value if problem.validator == "type" else None
        is_safe = path[2:] == ["metadata"] or "tags" in path[3:4] or path[:2] == ["metadata", "kernelspec"]
        hint = FIX if is_safe else None
        yield Fault(file, found, f"a value of type {kind}" if kind else "what nbformat has there", key=place, hint=hint)


def _place(content: dict, path: Sequence[str | int]) -> str:
    if len(path) < 2 or path[0] != "cells":
        return ".".join(map(str, path)) or "notebook"
    cell = content["cells"][path[1]]
    name = cell.get("id") if isinstance(cell, dict) else None
    number = f"cell {path[1] + 1} ({name})" if isinstance(name, str) else f"cell {path[1] + 1}"
    return ", ".join([number, *([".".join(map(str, path[2:]))] if path[2:] else [])])


def cell_faults(file: str, notebook: NotebookNode, parameters: Mapping[str, type]) -> Iterator[Fault]:
    """Judge the cells of a notebook: text, ids, what is left over, parameters and names."""
    yield from _text_faults(file, notebook)
    yield from id_faults(file, notebook)
    code: list[tuple[str, ast.Module | None]] = []
    for index, cell in enumerate(notebook.cells):
        place = name_cell(index, cell)
        if INJECTED in tags_of(cell):
            yield Fault(file, "parameters that an earlier run left", "none: a run adds its own", key=place, hint=FIX)
        elif cell.cell_type == "code":
            try:
                tree = ast.parse(source_of(cell))
            except (SyntaxError, ValueError) as error:
                yield syntax_fault(file, place, error)
                tree = None
            code.append((place, tree))
            if tree is not None and "parameters" not in tags_of(cell):
                yield from _value_faults(file, place, tree, parameters)
    if all(tree is not None and "*" not in _names_in(tree) for _, tree in code):  # or else nobody knows all names
        yield from _undefined(file, code)


def syntax_fault(file: str, place: str, error: SyntaxError | ValueError) -> Fault:
    """Say that a cell is not Python."""
    line = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
    return Fault(file, f"code that is not Python ({line})", "plain Python, without % or ! commands", key=place)


def id_faults(file: str, notebook: NotebookNode) -> Iterator[Fault]:
    """Name the cells without an id of their own."""
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        identity = cell.get("id")
        if not is_id(identity) or identity in seen:
            found = "no id" if not identity else f"the id {identity!r}{' again' if identity in seen else ''}"
            yield Fault(file, found, "an id that no other cell has", key=f"cell {index + 1}", hint=FIX)
        if isinstance(identity, str):
            seen.add(identity)


def is_id(identity: object) -> bool:
    """Tell whether a value can be the id of a cell."""
    return isinstance(identity, str) and 0 < len(identity) <= 64 and identity.isascii() and (
        identity.replace("-", "").replace("_", "").isalnum() or set(identity) <= {"-", "_"}
    )  # fmt: skip


def _text_faults(file: str, notebook: NotebookNode) -> Iterator[Fault]:
    """Tell once of line ends of another system, and of marks that nobody sees."""
    for index, cell in enumerate(notebook.cells):
        if (line := merge_line(source_of(cell))) is not None:
            yield Fault(file, f"the marks of a merge on line {line}", MERGED, key=name_cell(index, cell))
    spoilt = [index for index, cell in enumerate(notebook.cells) if clean_text(text := "".join(cell.source)) != text]
    if spoilt:
        place = name_cell(spoilt[0], notebook.cells[spoilt[0]])
        found = f"line ends of Windows (\\r\\n) or byte order marks in {len(spoilt)} cells, {place} first"
        if "\r" not in (whole := "".join(notebook.cells[spoilt[0]].source)) and BYTE_ORDER_MARK not in whole:
            found = f"letters apart from their accents (not NFC) in {len(spoilt)} cells, {place} first"
        yield Fault(file, found, "line ends of one character (\\n), each letter as one", hint=FIX)


def _value_faults(file: str, place: str, tree: ast.Module, parameters: Mapping[str, type]) -> Iterator[Fault]:
    """Refuse what gives a parameter another value than the run's, or opens something else."""
    opens = {"open_"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            opens |= {item.asname for item in node.names if item.asname and item.name.startswith("open_")}
    inner = _of_inner_scopes(tree)
    for node in ast.walk(tree):
        names = [] if id(node) in inner else list(_bound(node))
        if isinstance(node, ast.Global):
            names += node.names
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            names.append(node.attr)  # of the module __main__, for one
        for name in names:
            if name in parameters or name == "*":
                found = f"{name} given anew on line {node.lineno}" if name != "*" else "an import of all names (*)"
                yield Fault(file, found, f"{', '.join(parameters)} as the run gives them", key=place)
        if isinstance(node, ast.Constant) and str(node.value).startswith("REGIODEAL_"):
            yield Fault(file, f"{node.value} on line {node.lineno}", "no way around the parameters", key=place)
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called in _BEHIND and (isinstance(node.func, ast.Name) or called.startswith("__")):
            yield Fault(file, f"a call of {called} on line {node.lineno}", "no way around the parameters", key=place)
        elif called in opens or called.startswith("open_"):
            yield from _call_faults(file, place, node, called, parameters)


def _of_inner_scopes(tree: ast.Module) -> set[int]:
    """Return what gives names to a function or a comprehension only."""
    inner: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner |= {id(part) for statement in node.body for part in ast.walk(statement)}
        elif isinstance(node, _COMPREHENSIONS):
            inner |= {id(part) for item in node.generators for part in ast.walk(item.target)}
    return inner


def _call_faults(file: str, place: str, node: ast.Call, called: str, parameters: Mapping[str, type]) -> Iterator[Fault]:
    for value in node.args:
        if not (isinstance(value, ast.Name) and value.id in parameters):
            words = ", ".join(f"{name}={name}" for name in parameters)
            yield Fault(file, f"{called}({ast.unparse(value)})", f"the run's own: {words}", key=place)
    for keyword in node.keywords:
        own = isinstance(keyword.value, ast.Name) and keyword.value.id == keyword.arg
        if keyword.arg is None or (keyword.arg in parameters and not own):
            name = keyword.arg or next(iter(parameters))
            expected = f"{name}={name}, so that the chapter is about what the run is about"
            yield Fault(file, f"{called}({ast.unparse(keyword)})", expected, key=place)


def _bound(node: ast.AST) -> Iterator[str]:
    """Give the names that a piece of code gives a value."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.Import(names=items) | ast.ImportFrom(names=items):
            yield from (item.asname or item.name.partition(".")[0] for item in items)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name


def _names_in(tree: ast.AST) -> set[str]:
    return {name for node in ast.walk(tree) for name in _bound(node)}


def _undefined(file: str, code: Sequence[tuple[str, ast.Module]]) -> Iterator[Fault]:
    """Name what is used before anything gives it: a name that is only in somebody's session or profile."""
    everywhere = _OF_THE_KERNEL.union(*(_names_in(tree) for _, tree in code))
    known = set(_OF_THE_KERNEL)
    for place, tree in code:
        for statement in tree.body:
            own = _names_in(statement)
            at_once, later = _used(statement)
            have = (
                known
                if isinstance(statement, _SIMPLE)
                and not any(isinstance(node, ast.NamedExpr) for node in ast.walk(statement))
                else known | own
            )
            for name in sorted((at_once - have) | (later - everywhere)):
                hint = did_you_mean(name, sorted(known - _OF_THE_KERNEL))
                line = f"{name!r} on line {statement.lineno}, which nothing gives"
                yield Fault(file, line, "a name from a cell above", key=place, hint=hint)
            known |= own | at_once  # each is told once
            if isinstance(statement, ast.Delete):
                known -= own - _OF_THE_KERNEL


def _used(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names that a statement reads at once, and those that functions in it read when they are called."""
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    at_once = {item.get_name() for item in top.get_symbols() if item.is_referenced()} - _given_in_passing(statement)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        at_once.add(statement.target.id)
    later, tables = set(), list(top.get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        later |= {item.get_name() for item in table.get_symbols() if item.is_referenced() and item.is_global()}
    return at_once, later


def _given_in_passing(statement: ast.stmt) -> set[str]:
    """Return what only comprehensions give and use: since Python 3.12 they stand among the names of the cell itself."""
    inside = [node for node in ast.walk(statement) if isinstance(node, _COMPREHENSIONS)]
    within = {id(part) for node in inside for part in ast.walk(node)}
    used = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and id(node) not in within}
    return {name for node in inside for part in node.generators for name in _names_in(part.target)} - used


def deal_faults(names: Sequence[str], metadata: Mapping[str, object]) -> Iterator[Fault]:
    """Judge which deal the text of each notebook is about (`metadata`: what it says under ``regiodeal``).

    A notebook with the name of a theme that says nothing would become a chapter of every deal, and of its own deal
    twice; one that names another deal would be left out of its own without a word.
    """
    owners = theme_owners()
    deals = list_deals()
    for name in names:
        said, file, key = metadata.get(name), shown(notebook_path(name)), "metadata.regiodeal"
        deal = said.get("deal") if isinstance(said, dict) else None
        own = owners.get(name, [])
        if said is not None and not isinstance(deal, str):
            yield Fault(file, json.dumps(said), '{"deal": "..."}', key=key, hint=FIX if len(own) == 1 else None)
        elif deal is None and own:
            expected = f"the deal of the theme with this name ({', '.join(own)}): else the chapter is made twice"
            yield Fault(file, "no deal", expected, key=key, hint=FIX if len(own) == 1 else None)
        elif deal is not None and deal not in (own or deals):
            yield Fault(file, repr(deal), f"one of {', '.join(own or deals)}", key=key,
                        hint=did_you_mean(deal, own or deals))  # fmt: skip


def theme_owners() -> dict[str, list[str]]:
    """Return the deals that have a theme of this name, by the name that its chapter has in a book."""
    owners: dict[str, list[str]] = {}
    for deal in list_deals():
        try:
            names = chapters_of_themes(load_deal(deal))
        except InputError:  # told where the deal itself is checked
            continue
        for name in names:
            owners.setdefault(name, []).append(deal)
    return owners
