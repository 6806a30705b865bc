"""Every pair of colours that meets on a page can be read, in light, dark and print, and also without red and green."""

import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from evaluation.base.errors import InputError
from evaluation.cli.preview.page import Preview
from evaluation.inputs.theme import PLACE, ROLES, style_sheet, theme
from evaluation.present.colours import COLOURS
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.line_figures import Line, line_figure
from tests.conftest import ROOT

SHEET = style_sheet()
TEXTS = ("text", "muted", "link", "region", "benchmark", "rest", "target")
TILES = tuple(f"tile{number}" for number in range(1, 6))


def schemes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{\n(.*?)\}", SHEET, re.DOTALL)
    assert len(blocks) == 3
    return {
        name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for name, block in zip(("light", "dark", "print"), blocks, strict=True)
    }


def channels(colour: str) -> tuple[float, float, float]:
    """Return linear red, green and blue (sRGB, IEC 61966-2-1)."""
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    light, dark = sorted(
        (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), channels(x), strict=True)) for x in (one, other)),
        reverse=True,
    )
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_text_can_be_read_on_every_ground(scheme):
    colours = schemes()[scheme]
    pairs = [(text, ground) for text in TEXTS for ground in ("bg", "surface")] + [("text", tile) for tile in TILES]
    low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_squares_of_a_map_grow_darker_or_lighter_in_order(scheme):
    colours = schemes()[scheme]
    ground = [contrast(colours[tile], colours["bg"]) for tile in TILES]
    assert ground == sorted(ground) and len(set(ground)) == 5


def test_all_three_schemes_have_every_colour_and_paper_is_light():
    found = schemes()
    assert found["light"].keys() == found["dark"].keys() == found["print"].keys()
    assert found["print"] == found["light"]


def test_figures_and_style_sheet_have_the_same_light_colours():
    light = schemes()["light"]
    assert {name: colour.lower() for name, colour in COLOURS.items()} == light and tuple(light) == ROLES


COLOUR = re.compile(
    r"(?<![\w&/])#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b(?=[;\"' )])|rgba?\(\s*\d(?!,0,0,0\)|55,255,255,0\))|hsla?\(\s*\d"
)
"""What sets a colour; that something has none (an alpha of 0) is no colour."""

FONT = re.compile(r"Calibri|Arial|system-ui|Source Sans Pro|DejaVu|Segoe|Helvetica|(?<!ui-)sans-serif|Roboto")
ELSEWHERE = {"evaluation/inputs/workbook", "evaluation/inputs/theme.py", "evaluation/present/drawing/marks.py"}
"""The office's workbook, whose marks are known again by their colour; what says which colours there can be,
and which colour of an evaluator's own a name means."""


def test_nothing_but_the_theme_sets_a_colour_or_a_font():
    found = {}
    kinds = {".py", ".css", ".js", ".html", ".j2", ".typ", ".svg", ".yml", ".ipynb", ".qmd"}
    for folder in ("evaluation", "reports", "notebooks"):
        for path in sorted(item for item in (ROOT / folder).rglob("*") if item.suffix in kinds):
            name = path.relative_to(ROOT).as_posix()
            if name == PLACE or any(name.startswith(place) for place in ELSEWHERE):
                continue
            text = path.read_text(encoding="utf-8")
            lines = [line for line in text.splitlines() if COLOUR.search(line) or FONT.search(line)]
            if lines:
                found[name] = lines
    assert found == {}


def test_another_theme_is_that_of_figures_print_and_pages(tmp_path, monkeypatch):
    text = (ROOT / PLACE).read_text(encoding="utf-8")
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    changed = text.replace('"#00666B"', '"#123456"').replace("figure: system-ui, sans-serif", "figure: Georgia, serif")
    (tmp_path / PLACE).write_text(changed.replace("name: euro,", "name: piek,"), encoding="utf-8")
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    assert "--region: #123456;" in style_sheet() and COLOURS["region"] == "#123456"
    line = Line("Parkstad", "region", (2020, 2021), (1.0, 2.0), (False, False))
    words = FigureText("proef", "Een zin", "Maat", "Alt", "Bron")
    term = {"decimals": 1, "term": (2019.5, 2022.9), "base_year": 2020}
    display = line_figure(words, [line], FigureTable(["Jaar"], [["2020"]]), **term)
    drawn = display.figure
    assert drawn.data[0].line.color == "#123456" and drawn.layout.font.family == "Georgia, serif"
    assert '"var(--region)"' in display.bundle["text/html"] and theme().units["EUR"].name == "piek"


def test_a_preview_takes_a_theme_that_is_saved(tmp_path, monkeypatch):
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    path, done = tmp_path / PLACE, []
    path.write_text((ROOT / PLACE).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    shown = object.__new__(Preview)
    shown.subject = SimpleNamespace(source=tmp_path / "notebooks" / "x.ipynb")
    shown._kernel, shown._book = SimpleNamespace(restart=lambda: done.append("kernel")), None
    monkeypatch.setattr(Preview, "_stage", lambda self: done.append(COLOURS["region"]))
    monkeypatch.setattr(Preview, "_stage_source", lambda self: setattr(self, "_book", SimpleNamespace(write=print)))
    shown.site = tmp_path
    assert COLOURS["region"] == "#00666B"
    path.write_text(path.read_text(encoding="utf-8").replace("#00666B", "#123456"), encoding="utf-8")
    assert shown.update([path]) and done == ["#123456", "kernel"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('region: "#00666B"', 'region: "groen"', "light.region: got 'groen'"),
        ('  tile5: "#0F6E70"\n', "", "dark has other roles than those of a page: tile5"),
        ("colour: region, width: 3.5", "colour: regions, width: 3.5", "no role is called regions"),
        ("dash: dot", "dash: dotted", "lines.country.dash: got 'dotted'"),
        ("  print: Source Sans Pro\n", "", "fonts.print"),
    ],
)
def test_a_fault_in_the_theme_is_told_with_its_place(tmp_path, monkeypatch, old, new, told):
    text = (ROOT / PLACE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / PLACE).parent.mkdir(parents=True)
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / PLACE).write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    with pytest.raises(InputError, match=r"reports/style/thema\.yml") as caught:
        theme()
    assert told in str(caught.value)


def test_no_module_reads_the_theme_while_it_is_imported():
    code = (
        "import evaluation.inputs.theme as one, evaluation.chapters, evaluation.publish.print.printing, sys\n"
        "import evaluation.chapters.desk\n"
        "sys.exit(one._theme_of.cache_info().currsize)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
