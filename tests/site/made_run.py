"""A small project with a finished run: two themes, a summary, made notebooks with stored outputs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
from nbformat import v4

from evaluation.present.results import RESULTS_MIME, result, to_csv, to_records

REPOSITORY = Path(__file__).resolve().parents[2]
CHAPTERS = ("0-samenvatting", "1-sociaal-economisch", "3-veiligheid")

PROFILE = """\
project:
  resources: [results.csv, run.json]
book:
  chapters:
    - file: index.ipynb
      text: Samenvatting
    - 1-sociaal-economisch.ipynb
    - 3-veiligheid.ipynb
    - verantwoording.qmd
"""


def figure(identity: str) -> dict[str, Any]:
    """Make the bundle of a figure as a notebook stores it."""
    spec = {
        "data": [
            {
                "type": "scatter",
                "x": [2016, 2017, 2018, 2019, 2020, 2021],
                "y": [4.1, 3.9, 3.6, 3.2, 2.0, 1.6],
                "mode": "lines+markers",
                "line": {"color": "var(--region)", "width": 3.5},
                "marker": {"size": 8},
                "name": "Parkstad",
            }
        ],
        "layout": {
            "height": 320,
            "template": "none",
            "separators": ",.",
            "margin": {"l": 48, "r": 130, "t": 16, "b": 36},
            "font": {"color": "var(--text)", "size": 13},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {
                "range": [2015.6, 2021.4],
                "gridcolor": "var(--rule)",
                "linecolor": "var(--rule)",
                "tickcolor": "var(--rule)",
            },
            "yaxis": {"range": [0, 4.6], "gridcolor": "var(--rule)"},
        },
    }
    content = (
        f'<div class="figuur" id="figuur-{identity}"><p class="figuur-titel">Minder woninginbraken in Parkstad</p>'
        '<p class="figuur-maat">Woninginbraken per 1.000 inwoners, 2016–2021</p>'
        f'<div class="figuur-vlak" id="vlak-{identity}" role="img" aria-label="Lijn daalt van 4,1 naar 1,6." '
        f'data-figuur="{identity}"></div>'
        f'<script type="application/json" id="data-{identity}">{json.dumps(spec)}</script>'
        '<p class="bron">Bron: voorbeeld</p><details class="figuur-tabel"><summary>Tabel</summary>'
        '<div class="tabel" tabindex="0"><table data-quarto-disable-processing="true"><tbody><tr>'
        '<th scope="row">2021</th><td class="n">1,6</td></tr></tbody></table></div></details></div>'
    )
    return {"text/html": content, "application/vnd.plotly.v1+json": spec, "text/plain": "alt"}


def table() -> dict[str, Any]:
    """Make the bundle of a table as a notebook stores it."""
    return {
        "text/html": (
            '<div class="tabel" tabindex="0"><table data-quarto-disable-processing="true"><thead><tr>'
            '<th scope="col">Doel</th><th scope="col" class="n">Geleverd</th><th scope="col">Stand</th></tr></thead>'
            '<tbody><tr><th scope="row">Woningen</th><td class="n">512 van 1.600 '
            '<span class="balk" style="--deel:0.32" aria-hidden="true"></span></td>'
            '<td><span class="staat staat-started"><span aria-hidden="true">◐</span> begonnen</span></td></tr></tbody>'
            '</table></div><p class="bron">Bron: voorbeeldcijfers</p>'
        ),
        "text/markdown": "| Doel | Geleverd |\n|---|---:|\n| Woningen | 512 van 1.600 |",
    }


def numbers(*values: tuple[str, int, float | None]) -> dict[str, Any]:
    """Make the numbers of a step as a notebook stores them: unit, year and value, on home burglary."""
    made = [
        result(
            theme=3,
            chain="outcome",
            indicator="woninginbraak",
            unit=unit,
            period=year,
            measure="value",
            value=value,
            unit_of_measure="per_1000",
            status="missing" if value is None else "final",
            source="Politie 47018NED",
            vintage="2025-12-01",
        )
        for unit, year, value in values
    ]
    return {RESULTS_MIME: to_records(made)}


def code(source: str, *bundles: dict[str, Any], tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    """Make a code cell with stored outputs."""
    outputs = [v4.new_output("display_data", data=bundle) for bundle in bundles]
    return v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)} if tags else {})


def text(source: str) -> nbformat.NotebookNode:
    """Make a Markdown cell."""
    return v4.new_markdown_cell(source)


def notebooks(burglaries: float = 1.6) -> dict[str, list[nbformat.NotebookNode]]:
    """Return the cells of each notebook of the run."""
    return {
        "0-samenvatting": [
            text("# Waar staat de Regio Deal eind 2021?"),
            code("year = 2021", tags=("parameters",)),
            code("year = 2021\npath = '/srv/x'", tags=("injected-parameters",)),
            text("::: {.lead}\nDe inbraken daalden: zie @fig-inbraken in @sec-veiligheid en @tbl-doelen.\n:::"),
            code(
                "#| echo: false\nshow_answers(view)",
                {
                    "text/markdown": '<ul class="kerncijfers"><li><b>Wat spraken we af?</b>'
                    "<strong>21 resultaten</strong>"
                    "in zes thema’s</li><li><b>Wat kostte het?</b><strong>€ 44,2 mln</strong>van € 80,0 mln</li></ul>"
                },
            ),
            code('#| label: tbl-oogopslag\n#| tbl-cap: "Zes thema’s in één oogopslag."\nshow_themes(view)', table()),
        ],
        "1-sociaal-economisch": [
            text("# Sociaal-economisch {#sec-sociaal}"),
            code("view = open_view()"),
            text("## Wat is afgesproken\n\nZie [veiligheid](3-veiligheid.ipynb#sec-gedaan)."),
            code('#| label: tbl-doelen\n#| tbl-cap: "Doelen en wat er is geleverd."\nshow_targets(view)', table()),
            text('::: {.callout-note title="Voorlopig"}\nHet jaar 2021 is voorlopig.\n:::'),
            code("#| include: false\nsecret_step(view)", {"text/markdown": "NIET-TONEN"}),
        ],
        "3-veiligheid": [
            text("# Veiligheid {#sec-veiligheid}"),
            text("## Wat is gedaan {#sec-gedaan}\n\nIn totaal 6 van 7, zie @fig-meldingen en @sec-sociaal."),
            code('#| label: fig-meldingen\n#| fig-cap: "Meldingen."\nshow_reports(view)', figure("meldingen")),
            code(
                '#| label: fig-inbraken\n#| fig-cap: "Woninginbraken per 1.000 inwoners."\nshow_burglaries(view)',
                figure("inbraken") | numbers(("parkstad", 2021, burglaries), ("limburg", 2021, None)),
            ),
            code(
                "#| echo: false\nshow_limits(view)",
                {"text/markdown": f"In Parkstad waren het er {burglaries:.1f}.".replace(".", ",", 1)}
                | numbers(("parkstad", 2021, burglaries)),
            ),
        ],
    }


def record(**changes: Any) -> dict[str, Any]:
    """Make a run.json."""
    content = {
        "deal": "parkstad-limburg",
        "deal_name": "Regio Deal Parkstad Limburg",
        "edition": "2021",
        "kind": "annual",
        "year": 2021,
        "status": "ok",
        "dataset": {"status": "voorbeeld", "title": "Voorbeeldprogramma", "version": "1"},
        "plan_hash": "3f2a" * 16,
        "versions": {"python": "3.11.2", "regiodeal-evaluation": "0.1.0"},
        "snapshots": [
            {
                "source": "politie",
                "table": "47018NED",
                "vintage": "2025-12-01",
                "sha256": "0" * 64,
                "licence": "CC BY 4.0",
                "origin": "made for a test",
                "rows": 1234,
            }
        ],
        "notebooks": {name: {"status": "ok", "error": None, "key": name, "output_sha256": ""} for name in CHAPTERS},
    }
    return {**content, **changes}


def _stored_numbers(burglaries: float) -> list[dict[str, Any]]:
    """Collect the numbers of all notebooks, as a run does."""
    return [
        {**item, "notebook": name, "cell": cell.source.partition("label: ")[2].partition("\n")[0]}
        for name, cells in notebooks(burglaries).items()
        for cell in cells
        for output in cell.get("outputs", [])
        for item in output.data.get(RESULTS_MIME, [])
    ]


def write_notebook(run_dir: Path, name: str, cells: list[nbformat.NotebookNode]) -> None:
    """Write one executed notebook of a run, with ids that do not change."""
    for index, cell in enumerate(cells):
        cell["id"] = f"{name}-{index}"
    nbformat.write(v4.new_notebook(cells=cells), run_dir / f"{name}.ipynb")


def write_record(run_dir: Path, **changes: Any) -> None:
    """Write the run.json of a run."""
    (run_dir / "run.json").write_text(json.dumps(record(**changes)), encoding="utf-8")


def make_project(root: Path) -> Path:
    """Make a project of three notebooks with the repository's own prose and style."""
    shutil.copytree(REPOSITORY / "reports", root / "reports")
    shutil.copyfile(REPOSITORY / "_quarto.yml", root / "_quarto.yml")
    (root / "_quarto-annual.yml").write_text(PROFILE, encoding="utf-8")
    for name in ("deal", "indicators"):
        shutil.copytree(REPOSITORY / "data" / name, root / "data" / name)
    return root


def make_run(root: Path, burglaries: float = 1.6) -> Path:
    """Make a finished run over 2021 in that project."""
    folder = root / "build" / "runs" / "parkstad-limburg" / "2021"
    folder.mkdir(parents=True)
    for name, cells in notebooks(burglaries).items():
        write_notebook(folder, name, cells)
    (folder / "results.csv").write_text(to_csv(_stored_numbers(burglaries)), encoding="utf-8")
    write_record(folder)
    return folder
