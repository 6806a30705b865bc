"""A notebook with every kind of output that a report can show, and cells with each kind that it cannot."""

from __future__ import annotations

import nbformat
from nbformat import v4

OPENING = """\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import statsmodels.formula.api as smf
from IPython.display import HTML, Latex, Markdown, display

from evaluation import open_year, show

jaar = open_year(deal=deal, year=year)
rijen = jaar.figures("woninginbraak", years=range(2016, 2022))
gemeenten = rijen[rijen["level"] == "municipality"].dropna(subset=["value"])
laatste = gemeenten[gemeenten["period"] == 2021]
streken = rijen[rijen["level"] != "municipality"]
breed = gemeenten.pivot(index="unit_name", columns="period", values="value")
spoor = pd.DataFrame([{"t": "Spoor 1", "a": "2019-07-01", "b": "2020-12-31"}])
drie_rijen = laatste.head(3).assign(dubbel=lambda rows: 2 * rows["value"])
drie = laatste[["unit_name", "value"]].head(3)
lijn = px.line(y=[1, 2])
BRON = "eigen bewerking van cijfers van de politie"
"""

FIGURES = {
    "scatter": 'px.scatter(laatste, x="denominator", y="value", size="numerator", trendline="ols", log_x=True)',
    "line": 'px.line(streken, x="period", y="value", color="unit_name", markers=True)',
    "bar": 'px.bar(streken, x="period", y="value", color="unit_name", barmode="group", text_auto=".1f")',
    "bar-liggend": 'px.bar(laatste.nlargest(8, "value"), x="value", y="unit_name", orientation="h")',
    "area": 'px.area(streken, x="period", y="numerator", color="unit_name")',
    "box": 'px.box(gemeenten, x="period", y="value", points="all")',
    "violin": 'px.violin(gemeenten, x="period", y="value", box=True)',
    "histogram": 'px.histogram(gemeenten, x="value", color="period", marginal="box", nbins=20)',
    "heatmap": 'px.imshow(breed.head(8), text_auto=".1f")',
    "density": 'px.density_heatmap(gemeenten, x="value", y="denominator")',
    "facet": 'px.line(streken, x="period", y="value", facet_col="unit_name", facet_col_wrap=2)',
    "strip": 'px.strip(gemeenten, x="period", y="value")',
    "ecdf": 'px.ecdf(gemeenten, x="value")',
    "kaart": 'px.choropleth(laatste, locations="unit", color="value")',
    "tijdlijn": 'px.timeline(spoor, x_start="a", x_end="b", y="t")',
    "fouten": "go.Figure(go.Scatter(x=[2019, 2020, 2021], y=[3, 2, 4], error_y=dict(array=[1, 0.5, 1])))"
    ".add_hline(y=3, line_dash='dot', annotation_text='gemiddelde')"
    ".add_vrect(x0=2019.5, x1=2021, fillcolor='#F5F6F3', layer='below', line_width=0)",
    "taart": 'px.pie(streken[streken["period"] == 2021], names="unit_name", values="numerator")',
    "stromen": "go.Figure(go.Sankey(node=dict(label=['Rijk', 'Heerlen', 'Kerkrade']),"
    " link=dict(source=[0, 0], target=[1, 2], value=[30, 12])))",
    "poolfiguur": "px.line_polar(r=[1, 3, 2], theta=['wonen', 'werk', 'veilig'], line_close=True)",
}
"""Label to a plotly figure; each is shown with a caption that has the label."""

NOT_DRAWN = ("taart", "stromen", "poolfiguur")
"""Those that our own drawing does not know."""

TABLES = {
    "frame": "drie",
    "reeks": 'laatste.set_index("unit_name")["value"].head(3)',
    "styler": 'drie.style.format({"value": "{:.2f}"}).highlight_max(subset=["value"])',
    "model": 'smf.ols("value ~ period", gemeenten).fit(cov_type="HC1")',
    "samenvatting": 'smf.ols("value ~ period", gemeenten).fit().summary()',
    "samenvatting2": 'smf.ols("value ~ period", gemeenten).fit().summary2()',
}

PICTURES = {
    "matplotlib": "tekening, vlak = plt.subplots()\nvlak.plot([2019, 2020, 2021], [3, 1, 2])\n"
    'vlak.set_title("Uit matplotlib")\nshow(tekening, alt="Een lijn van drie punten.", source=BRON)',
    "assen": 'vlak = drie.set_index("unit_name")["value"].plot.bar()\nshow(vlak, alt="Drie staven.", source=BRON)',
}

OWN = {
    "eigen": 'show(px.bar(drie, x="unit_name", y="value"), numbers=drie_rijen, value="dubbel", measure="dubbel",'
    ' note="Twee keer het cijfer.", alt="Figuur eigen.")'
}
"""A figure with a number that the codebook does not know."""

TEXTS = {
    "Markdown": 'show("Een **vetgedrukte** bevinding, met een lijst:\\n\\n- eerste punt")',
    "bare Markdown": 'Markdown("Een losse *opmerking* uit een cel.")',
    "LaTeX": 'Latex(r"\\begin{aligned} r &= 1000 \\frac{a}{b} \\end{aligned}")',
    "print": 'print("Gedrukt uit een cel: 17 gemeenten")',
}

SAID = ("vetgedrukte", "eerste punt", "losse opmerking", "Gedrukt uit een cel: 17 gemeenten")
"""What a reader finds of the texts, in every medium."""

REFUSED = {
    "widget": (
        'display({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Knop"}, raw=True)',
        ("shows a widget", "figure or a table"),
    ),
    "script": (
        '#| label: tbl-script\nHTML("<script>alert(1)</script><table></table>")',
        ("HTML with a script", "show(...)"),
    ),
    "elsewhere": (
        "HTML(\"<img src='https://example.org/a.png'>\")",
        ("from another host", "put the picture in reports/"),
    ),
    "markdown elsewhere": (
        'show("![kaart](https://example.org/kaart.png)")',
        ("from another host", "put the picture in reports/"),
    ),
    "large": (
        'HTML("<p>" + "a" * 1_000_001 + "</p>")',
        ("characters, and a reader's page takes", "show fewer rows or points"),
    ),
    "letters": ('show("Een huis: \\N{HOUSE BUILDING}")', ("U+1F3E0", "write a word in its place")),
    "two displays": (
        '#| label: fig-twee\nshow(lijn, source=BRON, alt="a")\nshow(lijn, source=BRON, alt="b")',
        ("2 figures or tables under one label", "one in a cell"),
    ),
    "no label": ("laatste.head(2)", ("shows a table without a label", "#| label: tbl-")),
    "figure under tbl": (
        '#| label: tbl-figuur\nshow(lijn, source=BRON, alt="a")',
        ("shows a figure under the label tbl-figuur", "a figure has fig-"),
    ),
    "nothing": (
        '#| label: fig-niets\n#| fig-cap: "Niets"\nniets = 1',
        ("shows nothing under the label fig-niets", "show(...)"),
    ),
    "bare figure": ("#| label: fig-kaal\nlijn", ("shows a Figure by itself", "source=")),
    "map of others": (
        "#| label: fig-wereld\npx.scatter_geo(lat=[50.9], lon=[6.0])",
        ("another host serves", "px.choropleth"),
    ),
    "moving": (
        '#| label: fig-beweegt\npx.line(streken, x="period", y="value", animation_frame="unit_name")',
        ("moves cannot be printed", "facet_col="),
    ),
    "other library": (
        'display({"application/vnd.vegalite.v5+json": {}, "text/plain": "Chart"}, raw=True)',
        ("application/vnd.vegalite", "show(...) a plotly figure"),
    ),
}
"""Cells that a report cannot show: what the message says, and what it says to do."""


def every_output() -> nbformat.NotebookNode:
    """Write the notebook with one cell for each output."""
    cells = [v4.new_markdown_cell("## Wat is gedaan {#sec-gedaan}")]
    for label, source in FIGURES.items():
        cells.append(_cell("fig", label, f'show({source}, source=BRON, alt="Figuur {label}.")'))
    cells += [_cell("fig", label, source) for label, source in (PICTURES | OWN).items()]
    cells += [_cell("tbl", label, source) for label, source in TABLES.items()]
    cells += [v4.new_code_cell(source) for source in TEXTS.values()]
    return _notebook(cells)


def refused_outputs() -> nbformat.NotebookNode:
    """Write the notebook with one cell for each output that is refused, the label or name of each in its id."""
    return _notebook([v4.new_code_cell(source) for source, _ in REFUSED.values()])


def _cell(kind: str, label: str, source: str) -> nbformat.NotebookNode:
    head = f'#| label: {kind}-{label}\n#| {kind}-cap: "Bijschrift van {label}"\n'
    return v4.new_code_cell(head + source)


def _notebook(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    parameters = v4.new_code_cell(
        '#| include: false\ndeal = "parkstad-limburg"\nyear = 2021', metadata={"tags": ["parameters"]}
    )
    opening = v4.new_code_cell(f"#| include: false\n{OPENING}")
    made = v4.new_notebook(cells=[v4.new_markdown_cell("# Veiligheid {#sec-veiligheid}"), parameters, opening, *cells])
    made.metadata |= {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for index, cell in enumerate(made.cells):
        cell["id"] = f"cel-{index}"
    return made
