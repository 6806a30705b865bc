"""Write the generated parts of ARCHITECTURE.md: what each room says of itself, what it may import and what it holds.

Run it after a change of a package's docstring, of ``.importlinter`` or of the modules: ``python -m tools.architecture``.
"""

from __future__ import annotations

import ast
import re
from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_SAYS = re.compile(r"^(?P<job>.+?)\n\nIn: (?P<goes_in>.+?)\nOut: (?P<comes_out>.+)$", re.DOTALL)


def layers() -> list[list[str]]:
    """List the packages of the one-way road, from the top; those on one line do not import each other."""
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    lines = parser["importlinter:contract:road"]["layers"].split("\n")
    return [[name.strip() for name in line.split("|")] for line in lines if line.strip()]


def rooms() -> str:
    """Write the table of the packages; each has its words in the docstring of its ``__init__``."""
    rows = ["| room | its one job | what goes in | what comes out | may import |", "| --- | --- | --- | --- | --- |"]
    order = layers()
    for place, names in enumerate(order):
        below = ", ".join(name for line in order[place + 1 :] for name in line)
        for name in names:
            path = ROOT / "evaluation" / name / "__init__.py"
            says = _SAYS.match(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")
            if says is None:
                raise SystemExit(f"{path}: the docstring needs its job, a line 'In: ...' and a line 'Out: ...'")
            cells = [" ".join(says[part].split()).replace("``", "`") for part in ("job", "goes_in", "comes_out")]
            rows.append(f"| [`{name}/`](evaluation/{name}) | {' | '.join(cells)} | {below or 'nothing'} |")
    return "\n".join(rows) + "\n"


def modules() -> str:
    """Write which modules each package holds, a line for each folder."""
    lines = []
    for name in (name for line in layers() for name in line):
        for folder in sorted({path.parent for path in (ROOT / "evaluation" / name).rglob("*.py")}):
            names = ", ".join(sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")))
            if names:
                lines.append(f"- `{folder.relative_to(ROOT / 'evaluation').as_posix()}/`: {names}")
    return "\n".join(lines) + "\n"


def renewed(text: str) -> str:
    """Return the text of ARCHITECTURE.md with its generated parts as they are now."""
    makers = {"rooms": rooms, "modules": modules}
    return _PART.sub(lambda part: f"{part[1]}{makers[part[2]]()}{part[3]}", text)


if __name__ == "__main__":
    page = ROOT / "ARCHITECTURE.md"
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
