"""What is empty is left out where a step says why, and marked otherwise, so that a run stops on it."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
from nbformat import v4

from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, figure_display
from evaluation.present.foreign import show_frame
from evaluation.present.tables import Column, empty_marks, numeric, table
from evaluation.run.output_checks import output_faults

TEXT = FigureText("proef", "Titel", "maat", "alt", "Bron: proef.")
ROWS = [["a", "–", "1"], ["b", "", "2"]]


def faults(display: Display, label: str = "tbl-proef") -> list[str]:
    """What a run says of a cell that shows this."""
    cell = v4.new_code_cell(f"#| label: {label}\nstap()")
    cell.outputs = [v4.new_output("display_data", data=dict(display.bundle))]
    return [fault for _, fault in output_faults(v4.new_notebook(cells=[cell]))]


def test_an_empty_column_stops_the_run_and_names_itself():
    shown = table(["Naam", *numeric("Toen", "Nu")], ROWS)
    assert empty_marks(shown.bundle["text/html"]) == ["Toen"]
    (fault,) = faults(shown)
    assert "'Toen'" in fault and "Column(..., empty=...)" in fault


def test_a_declared_empty_column_is_left_out_in_every_medium_and_the_table_says_why():
    shown = table(
        ["Naam", Column("Toen", True, "er is geen eerder cijfer"), *numeric("Nu")], ROWS, source="Bron: proef."
    )
    assert faults(shown) == [] and shown.cells.titles == ("Naam", "Nu")
    for content in (shown.bundle["text/html"], shown.bundle["text/markdown"]):
        assert ">Toen<" not in content and "Niet in de tabel: Toen; er is geen eerder cijfer." in content


def test_a_declared_column_with_one_value_stays():
    shown = table(["Naam", Column("Toen", True, "er is geen eerder cijfer")], [["a", "–"], ["b", "3"]])
    assert shown.cells.titles == ("Naam", "Toen") and "Niet in de tabel" not in shown.bundle["text/html"]


def test_a_table_without_rows_stops_the_run():
    assert len(faults(table(["Naam", "Nu"], []))) == 1


@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_figure_that_draws_nothing_stops_the_run(values):
    figure = go.Figure(go.Scatter(x=[2020, 2021][: len(values)], y=values))
    shown = figure_display(figure, TEXT, FigureTable(["Jaar", *numeric("Nu")], [["2020", "1"]]))
    assert any("'figuur'" in fault for fault in faults(shown, "fig-proef"))


def test_a_figure_that_draws_something_does_not_and_its_table_follows_the_same_rule():
    data = FigureTable(["Jaar", Column("Toen", True, "er is geen eerder cijfer"), *numeric("Nu")], [["2020", "–", "1"]])
    shown = figure_display(go.Figure(go.Bar(x=[1.0], y=["a"])), TEXT, data)
    assert faults(shown, "fig-proef") == []
    assert "Niet in de tabel: Toen" in shown.bundle["text/html"] and shown.cells.titles == ("Jaar", "Nu")


def test_a_frame_of_the_desk_says_why_of_columns_that_are_known_to_lack(capsys):
    import pandas as pd

    frame = pd.DataFrame({"naam": ["a"], "base": [float("nan")], "value": [2.0]})
    assert faults(show_frame(frame, empty={"base": "er is geen eerder cijfer"})) == []
    assert len(faults(show_frame(frame))) == 1


def test_how_to_read_a_bar_is_said_on_a_screen_only():
    from evaluation.publish.print.manuscript import _SCREEN_ONLY

    shown = table(["Naam", "Stand"], [["a", "1 van 2"]], source="Bron: proef.", drawn="De balk loopt naar het doel.")
    assert '<p class="bron balk-uitleg">De balk loopt naar het doel.</p>' in shown.bundle["text/html"]
    assert "balk loopt" not in shown.bundle["text/markdown"] and ".balk-uitleg" in _SCREEN_ONLY.split(", ")
