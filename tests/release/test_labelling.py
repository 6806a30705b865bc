"""No figure, table or word of a report labels a neighbourhood; the same code finds each way to do so."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pandas as pd
import pytest

from evaluation import tiles
from evaluation.base.errors import PublishError
from evaluation.present.packed import pack_spec
from evaluation.publish.pages.pictures import write_data
from evaluation.release.labelling import check_labelling, find_labelling
from tests.conftest import Project

CODES = [f"WK09170{number}" for number in range(6)]
COLUMNS = ("result_id", "theme", "indicator", "unit", "period", "measure", "value", "unit_of_measure", "status")
MIXED, ORDERED = [30, 10, 50, 20, 60, 40], [10, 20, 30, 40, 50, 60]


def make(
    folder: Path, *, values=MIXED, heads=("Wijk", "2021"), trace: dict | None = None, words="", measure="value",
    fills=(), is_drawn=True,
) -> Path:  # fmt: skip
    """A report with one figure of six neighbourhoods, its table and its numbers, drawn as a finished page has it."""
    rows = [(f"1.b.{code}.2021.{measure}", "1", "b", code, "2021", measure, "1", "count", "final") for code in CODES]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [(*COLUMNS, "source", "vintage"), *((*row, "", "") for row in rows)]
    )
    (folder / "results.csv").write_text(text.getvalue(), encoding="utf-8")
    numbers = "".join(f"<tr><th>{code}.2021.{measure}<td>a<td>1<td>b<td>c<td>1" for code in CODES)
    page = f'<h2 id="fig-b">B</h2><table><tbody><tr><th scope="rowgroup">1.b: B{numbers}</table>'
    (folder / "cijfers-1.html").write_text(page, encoding="utf-8")
    body = "".join(f"<tr><th>{code}</th><td>{value}</td></tr>" for code, value in zip(CODES, values, strict=True))
    head = "".join(f"<th>{name}</th>" for name in heads)
    shapes = [{"type": "rect", "fillcolor": colour} for colour in fills]
    spec = pack_spec({"data": [trace or {"type": "scatter", "y": values}] * 2, "layout": {"shapes": shapes}})
    write_data({"b": spec} if is_drawn else {"other": spec}, "1.html", folder)
    (folder / "1.html").write_text(
        f'<main><p>{words}</p><figure id="fig-b"><div class="figuur-vlak" data-figuur="b"></div>'
        f"<table><tr>{head}</tr>{body}</table></figure></main>",
        encoding="utf-8",
    )
    return folder


def test_neighbourhoods_in_their_own_order_and_one_colour_are_fine(tmp_path: Path) -> None:
    check_labelling(make(tmp_path, words="De wijken van Heerlen; de meest kwetsbare groepen."))


def squares(shaded: bool) -> dict:
    """The first trace of squares of six neighbourhoods, of which one has no figure."""
    rows = zip(CODES, [*MIXED[:5], math.nan], [2.0] * 6, strict=True)
    frame = pd.DataFrame([{"unit_name": c, "value": v, "moved": m, "rij": c[6]} for c, v, m in rows])
    figure = tiles(frame, row="rij", change="moved", shaded=shaded)
    return json.loads(figure.to_json())["data"][0]


def test_a_neutral_map_of_neighbourhoods_is_released_with_figure_and_change_in_every_square(tmp_path: Path) -> None:
    neutral = squares(shaded=False)
    check_labelling(make(tmp_path, trace=neutral))
    assert neutral["text"][0][0].endswith("<b>30,0</b><br>+2,0") and "geen" in neutral["text"][0][5]
    assert neutral["customdata"][0][1] == f"<b>{CODES[1]}</b><br>10,0; verandering +2,0"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"values": ORDERED}, "in order of “2021”"),
        ({"values": ORDERED[::-1]}, "in order of “2021”"),
        ({"heads": ("Rang", "2021")}, "has a column of ranks"),
        ({"measure": "rank"}, "ranks a neighbourhood"),
        ({"trace": {"type": "choropleth", "z": MIXED}}, "colours its neighbourhoods"),
        ({"trace": squares(shaded=True)}, "colours its neighbourhoods"),
        ({"trace": {"type": "heatmap", "z": {"dtype": "f8", "bdata": "AAAA"}}}, "colours its neighbourhoods"),
        ({"fills": ["#111111", "#222222", "#333333"]}, "a colour for each"),
        ({"is_drawn": False}, "cannot be read what it shows"),
        ({"trace": {"type": "bar", "y": MIXED, "marker": {"colorscale": "Reds"}}}, "colours its neighbourhoods"),
        ({"trace": {"type": "bar", "y": MIXED, "marker": {"color": list("abcdef")}}}, "a colour for each"),
        ({"trace": {"type": "bar", "orientation": "h", "x": ORDERED}}, "in order of their values"),
        ({"words": "In deze achterstandswijken"}, "“achterstandswijken” judges"),
        ({"words": "de slechtste buurt van Limburg"}, "“slechtste buurt” judges"),
    ],
)
def test_each_way_to_label_a_neighbourhood_is_found(tmp_path: Path, given: dict, told: str) -> None:
    with pytest.raises(PublishError, match=told):
        check_labelling(make(tmp_path, **given))


def test_no_report_labels_a_neighbourhood(reported: Project) -> None:
    found = [fault for folder in sorted(reported.site.glob("20*")) for fault in find_labelling(folder)]
    assert found == []
    assert any("WK0917" in (folder / "results.csv").read_text(encoding="utf-8") for folder in reported.site.glob("20*"))
    page = (reported.site / "2021" / "1-sociaal-economisch.html").read_text(encoding="utf-8")
    assert 'id="fig-wijken-bijstand"' in page and 'id="fig-kaart-wijken-bijstand"' in page
