"""What would make a cell say something else on another machine, day or network, with what to do instead.

What an alias, ``getattr`` or ``from ... import ... as`` stands for is followed.  It keeps honest mistakes out of a
report, not somebody who wants to deceive.
"""

import ast
import re
from collections.abc import Iterator, Sequence

Finding = tuple[int, str, str]
"""Line, what was found, and what is expected."""

_LIBRARIES = {
    "abc", "bisect", "calendar", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal", "diff_diff",
    "enum", "evaluation", "fractions", "functools", "heapq", "itertools", "json", "math", "matplotlib", "numbers",
    "numpy", "operator", "own", "pandas", "patsy", "plotly", "pprint", "pyfixest", "re", "scipy", "statistics",
    "statsmodels", "string", "textwrap", "typing", "unicodedata", "warnings", "zoneinfo", "__future__",
}  # fmt: skip
"""What a notebook may import: what is in the lock, what changes nothing outside, and notebooks/own."""

_DISPLAY = "IPython.display"
_NOT_OF_THE_PACKAGE = ("bundles", "cli", "publish", "run", "statistics.sources", "base.programs", "base.paths")
_DOORS = {
    "os", "sys", "subprocess", "socket", "urllib", "urlopen", "requests", "httpx", "shutil", "pathlib", "importlib",
    "builtins", "__builtins__", "getenv", "environ",
}  # fmt: skip
"""Modules of the machine that are reached through another one: ``pandas.io.common.os``."""

FIGURES = 'figures("...") for statistics, file("name.csv") for own data in data/own'
SHOWN = "show(...): the report writes figures, tables and downloads itself"
CLOCK = "the year of the run: a page made later must say the same"
SEED = "numpy.random.default_rng(seed), with a number as seed"
STATE = "random_state=..., a number"
NO_SHELL = "nothing of the machine: a chapter is the same on every other"
OWN_FILE = 'a file of data/own by its name: file("name.csv")'
DESK = "the desk and the chapters: from evaluation import open_year, show"
NO_IMPORT = "what is in the lock: pandas, numpy, scipy, statsmodels, plotly, matplotlib, own, evaluation and the like"

_INSTEAD = {
    **dict.fromkeys(("random", "secrets", "uuid"), SEED),
    **dict.fromkeys(("time", "timeit"), CLOCK),
    **dict.fromkeys(("csv", "glob", "io", "openpyxl", "pathlib", "pickle", "sqlite3", "tempfile", "zipfile"), FIGURES),
    **dict.fromkeys(("requests", "httpx", "urllib", "urllib3", "http", "socket", "ssl", "ftplib", "aiohttp"), FIGURES),
    **dict.fromkeys(("os", "sys", "subprocess", "shutil", "platform", "importlib", "ctypes"), NO_SHELL),
    **dict.fromkeys(("builtins", "inspect", "runpy", "multiprocessing", "threading", "getpass", "IPython"), NO_SHELL),
}  # fmt: skip

_READ = re.compile(
    r"pandas(\.\w+)*\.(read_\w+|ExcelFile|HDFStore)|(numpy|scipy)(\.\w+)*\.(load|loadtxt|genfromtxt|fromfile|memmap|"
    r"loadmat|mmread|DataSource)|matplotlib(\.\w+)*\.(imread|get_sample_data)|plotly\.io\.(read_json|from_file)|"
    r"statsmodels(\.\w+)*\.(get_rdataset|webuse|load_pickle)|scipy\.datasets(\.\w+)?|(builtins\.|io\.)?open|builtins\.input"
)
_READ_METHODS = {"read_text", "read_bytes", "open", "urlopen", "iterdir", "glob", "rglob"}
_WRITE = re.compile(
    r"numpy\.(save|savez\w*|savetxt)|plotly\.io\.write_\w+|pandas(\.\w+)*\.ExcelWriter|plotly\.offline\.plot|"
    r"matplotlib(\.\w+)*\.(savefig|imsave)"
)
_WRITE_METHODS = re.compile(
    r"to_(csv|excel|parquet|pickle|feather|sql|hdf|stata|json|html|latex|markdown|xml|clipboard|gbq|orc)|tofile|savefig|"
    r"write_(html|image|json|text|bytes)|unlink|rmdir|mkdir"
)
_TEXT_WITHOUT_PLACE = re.compile(r"to_(csv|json|html|latex|markdown|xml|string)")
_PLACES = {"path_or_buf", "buf", "path", "excel_writer", "fname", "file"}
_CLOCKS = re.compile(
    r"datetime(\.\w+)*\.(now|today|utcnow)|pandas\.(Timestamp|Period)\.(now|today|utcnow)|"
    r"(\w+\.)+(perf_counter|monotonic|time_ns|process_time|localtime|gmtime|time\.time)"
)
_CLOCK_METHODS = {"now", "today", "utcnow"}
_MOMENTS = re.compile(r"pandas\.(Timestamp|to_datetime|Period|DatetimeIndex|date_range)|numpy\.datetime64")
_RANDOM = re.compile(r"\w+(?:\.\w+)*\.random\.(\w+)")
_SEEDED = {
    "default_rng", "Generator", "RandomState", "SeedSequence", "BitGenerator", "PCG64", "PCG64DXSM", "Philox",
    "MT19937", "SFC64",
}  # fmt: skip
_DRAWS = re.compile(
    r"scipy(\.\w+)*\.(bootstrap|permutation_test|monte_carlo_test|differential_evolution|dual_annealing|basinhopping|rvs)"
)
_DRAW_METHODS = {"sample", "rvs"}
_STATES = {"random_state", "seed", "rng"}
_MACHINE_CALLS = re.compile(r"builtins\.(eval|exec|compile|__import__|breakpoint|get_ipython)")
_ABSOLUTE = re.compile(r"^(/[\w.-]+/|~/|[A-Za-z]:[\\/]\w|\\\\\w|file://)")
_ADDRESS = re.compile(r"^(https?|ftp)://")
_FETCHED = {"geojson", "url", "path", "io", "filepath_or_buffer", "path_or_buf", "fname"}
_BUILTINS = {"open", "input", "eval", "exec", "compile", "__import__", "breakpoint", "get_ipython"}


def guard(trees: Sequence[ast.Module]) -> Iterator[tuple[int, Finding]]:
    """Look at the cells of a notebook, or at one module: the place of the cell, and what was found in it, by line."""
    names = _origins(trees)
    for place, tree in enumerate(trees):
        found = dict.fromkeys(item for node in ast.walk(tree) for item in _look(node, names))
        seen: set[tuple[int, str]] = set()
        for line, what, expected in sorted(found, key=lambda item: (item[0], -len(item[1]))):
            if (line, expected) not in seen:  # a call and the name that it calls are one mistake
                seen.add((line, expected))
                yield place, (line, what, expected)


def _origins(trees: Sequence[ast.Module]) -> dict[str, str]:
    """Say what names stand for: of imports, and of names that were given another name of something imported."""
    names = {name: f"builtins.{name}" for name in _BUILTINS}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for item in node.names:
                    full = item.name if item.asname else item.name.partition(".")[0]
                    names[item.asname or full] = full
            elif isinstance(node, ast.ImportFrom):
                names |= {item.asname or item.name: f"{node.module}.{item.name}" for item in node.names}
            elif isinstance(node, ast.Assign | ast.NamedExpr | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                origin = _dotted(node.value, names) if node.value is not None else ""
                for part in (part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)):
                    if origin and part in targets:
                        names[part.id] = origin
                    elif names.get(part.id, "").startswith("builtins."):
                        del names[part.id]  # a table may be called open
    return names


def _dotted(node: ast.AST, names: dict[str, str]) -> str:
    """Write the full name of what an expression stands for; empty where nobody can know it."""
    match node:
        case ast.Name(id=name):
            return names.get(name, "")
        case ast.Attribute(value=value, attr=attribute):
            before = _dotted(value, names)
            return f"{before}.{attribute}" if before else ""
        case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attribute)), *_]):
            before = _dotted(value, names)
            return f"{before}.{attribute}" if before else ""
    return ""


def _look(node: ast.AST, names: dict[str, str]) -> Iterator[Finding]:
    match node:
        case ast.Call(func=ast.Name(id="getattr")):
            yield from _name(node, _dotted(node, names), ast.unparse(node))
    match node:
        case ast.Import(names=items):
            yield from (finding for item in items for finding in _import(node, item.name))
        case ast.ImportFrom(module=module, names=items):
            yield from _import(node, module or "")
            full = [f"{module}.{item.name}" for item in items]
            yield from (finding for name in full for finding in _name(node, name, name))
            if module == "evaluation":
                yield from (finding for name in full for finding in _import(node, name))
        case ast.Name(ctx=ast.Load(), id="__builtins__"):
            yield node.lineno, "__builtins__", NO_SHELL
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
            yield from _name(node, _dotted(node, names), ast.unparse(node))
        case ast.Constant(value=str(text)) if _ABSOLUTE.match(text):
            yield node.lineno, f"the path {text[:60]!r}", OWN_FILE
        case ast.keyword(arg=name, value=ast.Constant(value=str(text))) if name in _FETCHED and _ADDRESS.match(text):
            yield node.value.lineno, f"the address {text[:60]!r}", FIGURES
        case ast.Call():
            yield from _call(node, names)


def _import(node: ast.AST, name: str) -> Iterator[Finding]:
    first = name.partition(".")[0]
    inner = name.removeprefix("evaluation.")
    if inner != name and any(inner == part or inner.startswith(f"{part}.") for part in _NOT_OF_THE_PACKAGE):
        yield node.lineno, f"an import of {name}", DESK
    elif first not in _LIBRARIES and name != _DISPLAY and not name.startswith(f"{_DISPLAY}."):
        yield node.lineno, f"an import of {name or 'a module beside this one'}", _INSTEAD.get(first, NO_IMPORT)


def _name(node: ast.AST, name: str, written: str) -> Iterator[Finding]:
    """Judge what a name stands for, called or not."""
    if not name:
        return
    if set(name.split(".")[1:]) & _DOORS or _MACHINE_CALLS.fullmatch(name):
        yield node.lineno, written, NO_SHELL
    elif _READ.fullmatch(name):
        yield node.lineno, written, FIGURES
    elif _WRITE.fullmatch(name):
        yield node.lineno, written, SHOWN
    elif _CLOCKS.fullmatch(name):
        yield node.lineno, written, CLOCK
    elif (drawn := _RANDOM.fullmatch(name)) and drawn[1] not in _SEEDED:
        yield node.lineno, f"{written} without a seed", SEED


def _call(node: ast.Call, names: dict[str, str]) -> Iterator[Finding]:
    """Judge a call: of something known, or of a method of something that only running would tell."""
    name, written = _dotted(node.func, names), ast.unparse(node.func)
    if not name and isinstance(node.func, ast.Call) and ast.unparse(node.func.func) == "getattr":
        method = node.func.args[1].value if isinstance(node.func.args[1], ast.Constant) else ""
    else:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    drawn, keywords = _RANDOM.fullmatch(name), {item.arg: item.value for item in node.keywords}
    if drawn and drawn[1] in _SEEDED and not any(_is_given(item) for item in [*node.args, *keywords.values()]):
        yield node.lineno, f"{written}(...) without a seed", SEED
    elif (_DRAWS.fullmatch(name) or method in _DRAW_METHODS) and not any(
        key in _STATES and _is_given(item) for key, item in keywords.items()
    ):
        yield node.lineno, f"{written}(...) without a seed", STATE
    elif _MOMENTS.fullmatch(name) and any(
        isinstance(item, ast.Constant) and item.value in ("now", "today") for item in [*node.args, *keywords.values()]
    ):
        yield node.lineno, ast.unparse(node), CLOCK
    elif name and name.partition(".")[0] in ("own", "evaluation"):
        return
    elif method in _READ_METHODS and not _READ.fullmatch(name):
        yield node.lineno, f"{written}(...)", FIGURES
    elif method in _CLOCK_METHODS and not _CLOCKS.fullmatch(name):
        yield node.lineno, f"{written}(...)", CLOCK
    elif _WRITE_METHODS.fullmatch(method) and not _gives_text(method, node, keywords):
        yield node.lineno, f"{written}(...)", SHOWN


def _is_given(value: ast.expr) -> bool:
    return not (isinstance(value, ast.Constant) and value.value is None)


def _gives_text(method: str, node: ast.Call, keywords: dict[str | None, ast.expr]) -> bool:
    """Tell whether a method that writes a file only gives its text, as nothing says where to write."""
    return bool(_TEXT_WITHOUT_PLACE.fullmatch(method)) and not node.args and not _PLACES & set(keywords)
