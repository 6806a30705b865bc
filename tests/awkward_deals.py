"""Three made-up deals that are unlike the first one, for tests: nobody signed them, and every amount and project is invented.

a: eight themes over two provinces, duties in Article 8, a water board and a university as funders, until 12 July; b: one
municipality (a part of it), one theme, nothing agreed in numbers, still running; c: a whole province with twelve themes, and
municipalities that merged within the term.  The municipalities and the statistics are real.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.conftest import ROOT

TODAY = "2026-07-01"
"""The day on which all of it happens: deal b runs until the year after."""

_SECOND = ROOT / "tests" / "second_deal" / "indicators" / "voorbeeldstreek" / "2-veilig-wonen.yml"


@dataclass(frozen=True)
class Awkward:
    """What one of the deals has, from which all of its files follow."""

    id: str
    region: Mapping[str, Any]
    term: Mapping[str, Any]
    themes: Sequence[str]
    year: int  # of the annual report that is made
    more: Mapping[str, Any] = field(default_factory=dict)
    side: Mapping[str, str] = field(default_factory=lambda: {"Regio": "Gemeenten van de streek"})
    targets: Sequence[Mapping[str, Any]] = ()
    tracks: Sequence[str] = ()
    design: Mapping[str, Any] | None = None
    dataset: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"Regio Deal {self.region['name']} (verzonnen)"

    @property
    def places(self) -> list[str]:
        return [item["name"] for item in self.region["municipalities"]]

    @property
    def final(self) -> str:
        """Folder of its final evaluation, or of the account until now."""
        return "eindevaluatie" if self.term["ends_on"].isoformat() < TODAY else "tussenstand"


def _places(**codes: str) -> list[dict[str, str]]:
    return [{"code": code, "name": name.replace("_", " ")} for name, code in codes.items()]


A = Awkward(
    id="tweelandschap",
    region={
        "name": "Tweelandschap",
        "short_name": "Tweelandschap",
        "municipalities": _places(
            Ooststellingwerf="GM0085", Weststellingwerf="GM0098", De_Wolden="GM1690", Westerveld="GM1701"
        ),
        "benchmark": {"code": "twee-provincies", "name": "beide provincies", "members": ["PV21", "PV22"]},
        "rest_name": "rest van beide provincies",
    },
    term={"first_year": 2021, "last_year": 2024, "starts_on": date(2021, 7, 13), "ends_on": date(2024, 7, 12)},
    themes=(
        "Water vasthouden", "Bossen en heide", "Boeren met de natuur", "Dorpen die blijven", "Reizen zonder auto",
        "Sterke ondernemers", "Veilige buurten", "Samen leren",
    ),
    year=2024,
    more={
        "articles": {
            "goals": "21", "results": "22", "approach": "23", "criteria": "23.2", "budget": "24", "split": "24.3",
            "governance": "25", "monitoring": "8", "levels": "8.1", "annual_report": "8.3", "final_evaluation": "8.6",
        },
        "duties": [
            {"id": "8.1", "title": "Volgen", "text": "Partijen volgen werk, geld en uitkomsten.", "reference": "Art. 8.1"},
            {"id": "8.3", "title": "Elk jaar een verslag", "text": "De streek maakt elk jaar een verslag.", "reference": "Art. 8.3"},
            {"id": "8.6", "title": "Evalueren", "text": "De streek evalueert aan het eind.", "reference": "Art. 8.6"},
        ],
        "funders": [
            {"id": "waterschap", "title": "waterschap De Twee Stromen", "side": "regio"},
            {"id": "hogeschool", "title": "hogeschool", "side": "anderen", "in_kind": True},
        ],
        "phases": ["verkenning", "uitvoering"],
        "amendments": [
            {"day": date(2022, 11, 3), "title": "Een jaar later klaar", "text": "De oevers zijn een jaar later klaar.", "reference": "Wijziging 1"}
        ],
        "words": {
            "theme": {"one": "opgave", "many": "opgaven", "article": "de"},
            "track": {"one": "programmalijn", "many": "programmalijnen", "article": "de"},
        },
        "criteria": [{"number": 1, "title": "Past bij het landschap"}],
    },
    side={"Provincies": "Provincies", "Waterschap": "Waterschap De Twee Stromen", "Gemeenten": "Vier gemeenten"},
    targets=(
        {"theme": 1, "id": "oevers", "title": "Natuurlijke oevers", "quantity": 20, "quantity_to": 30, "unit_of_measure": "count", "unit_label": "kilometer"},
        {"theme": 6, "id": "bijdragen", "title": "Bijdragen van ondernemers", "quantity": 2500000, "unit_of_measure": "EUR", "unit_label": "euro"},
    ),
    tracks=("Land en water", "Mensen en dorpen"),
    design={"method": "ancova", "pool": "every", "pre": [2012, 2020], "last": 2024},
)  # fmt: skip

B = Awkward(
    id="noorderveste",
    region={
        "name": "Noorderveste",
        "short_name": "Noorderveste",
        "municipalities": [{"code": "GM0114", "name": "Emmen", "part": "de wijken Bargeres en Emmerhout"}],
        "benchmark": {"code": "CR08", "name": "Zuidoost-Drenthe"},
        "rest_name": "rest van Zuidoost-Drenthe",
    },
    term={"first_year": 2024, "last_year": 2027, "ends_on": date(2027, 12, 31)},
    themes=("Thuis in de wijk",),
    year=2025,
    dataset={"known_until": date(2026, 3, 31)},
)

C = Awkward(
    id="hoogland",
    region={
        "name": "Hoogland",
        "short_name": "Hoogland",
        "municipalities": _places(
            Eemsdelta="GM1979", Groningen="GM0014", Het_Hogeland="GM1966", Midden_Groningen="GM1952", Oldambt="GM1895",
            Pekela="GM0765", Stadskanaal="GM0037", Veendam="GM0047", Westerkwartier="GM1969", Westerwolde="GM1950",
        ),
        "formed_from": {"GM1979": ["GM0003", "GM0010", "GM0024"]},
        "formed_on": {"GM1979": date(2021, 1, 1)},
        "benchmark": {"code": "NL01", "name": "Nederland"},
        "rest_name": "rest van Nederland",
    },
    term={"first_year": 2020, "last_year": 2023, "ends_on": date(2023, 12, 31)},
    themes=(
        "Energie", "Landbouw", "Zorg dichtbij", "Leren en werken", "Erfgoed", "Sport", "Toerisme", "Bodem en water",
        "Digitale voorzieningen", "Openbaar vervoer", "Veilige wijken", "Cultuur",
    ),
    year=2021,
    more={"articles": {"results": "31", "monitoring": "35", "annual_report": "35.2"}},
    targets=(
        {"theme": 3, "id": "steunpunten", "title": "Steunpunten voor zorg", "quantity": 24, "unit_of_measure": "count", "unit_label": "steunpunten"},
        {"theme": 11, "id": "buurtteams", "title": "Buurtteams", "quantity": 18, "unit_of_measure": "count", "unit_label": "buurtteams"},
    ),
    tracks=("De provincie vooruit",),
    design={"method": "before_after", "comparison": "NL01-rest", "pre": [2012, 2019], "last": None},
)  # fmt: skip

DEALS = {"a": A, "b": B, "c": C}


def write_deal(deal: Awkward, root: Path) -> None:
    """Put all files of a made-up deal in a project."""
    data = root / "data"
    _dump(data / "deal" / f"{deal.id}.yml", _agreement(deal))
    _write_records(deal, data / "programme" / deal.id)
    _write_indicators(deal, data / "indicators" / deal.id)


def _dump(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "# Made up for the tests.\n" + yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )


def _slug(text: str) -> str:
    return text.lower().replace(" ", "-")


def _agreement(deal: Awkward) -> dict[str, Any]:
    first, ends = deal.term["first_year"], deal.term["ends_on"]
    starts = deal.term.get("starts_on", date(first, 1, 1))
    each = 1_200_000
    total = each * len(deal.themes)
    parts, rest = divmod(total // 2, len(deal.side))
    regional = {name: parts + (rest if place == 0 else 0) for place, name in enumerate(deal.side)}
    parties = [{"number": 1, "name": "Minister van Verzinsels", "abbreviation": "Vz", "side": "rijk"}]
    parties += [
        {"number": number, "name": name, "abbreviation": name, "side": "regio"}
        for number, name in enumerate(deal.side.values(), 2)
    ]
    return {
        "id": deal.id,
        "name": deal.name,
        "citation": "Een verzonnen deal voor de tests; geen partij heeft haar gesloten.",
        "region": dict(deal.region),
        "term": {
            **deal.term, "selected_on": None, "sent_to_parliament_on": None, "base_year": first - 1,
            "partial_year": first if starts.month > 1 else None, "path_from": starts, "records_from": date(first, 1, 1),
            "records_until": date(ends.year + 1, 12, 31),
        },
        "parties": parties,
        **deal.more,
        "tracks": [{"id": number, "title": title} for number, title in enumerate(deal.tracks, 1)],
        "themes": [_theme(number, title, deal) for number, title in enumerate(deal.themes, 1)],
        "targets": [_target(target, starts, ends) for target in deal.targets],
        "budget": [
            {
                "in_force_from": date(first, 1, 1), "reference": "Bijlage 1",
                "themes": dict.fromkeys(range(1, len(deal.themes) + 1), each), "parties": {"Rijk": total - total // 2, **regional},
            }
        ],
    }  # fmt: skip


def _theme(number: int, title: str, deal: Awkward) -> dict[str, Any]:
    is_bare = deal is B  # whose file says no more than what was agreed
    return {
        "id": number, "slug": f"{number}-{_slug(title)}", "title": title, "short_title": title,
        "goals": [] if is_bare else [{"id": f"{number}-1", "text": f"Het gaat beter met: {title.lower()}."}],
        "results": [
            {
                "id": f"{number}.1", "title": f"Beter: {title.lower()}", "text": "Het wordt beter dan het was.",
                "reference": f"Bijlage 2, {number}", "measured_by": "De politie telt woninginbraken.",
                "towards_benchmark": number == _measured(deal),
            }
        ],
        "approach": [] if is_bare else [
            {"id": f"{number}a", "title": f"Werken aan {title.lower()}", "text": "Gemeenten gaan aan het werk.", "kind": "project"}
        ],
    }  # fmt: skip


def _measured(deal: Awkward) -> int:
    """The theme that has a statistic."""
    return next((n for n, title in enumerate(deal.themes, 1) if "Veilig" in title), 1)


def _target(target: Mapping[str, Any], starts: date, ends: date) -> dict[str, Any]:
    rest = {key: value for key, value in target.items() if key != "theme"}
    return {
        **rest, "result": f"{target['theme']}.1", "kind": "result", "by": ends, "by_note": "De tekst noemt het eind van de deal.",
        "direction": "increase", "counted_from": "outputs", "reference": f"Bijlage 2, {target['theme']}", "in_force_from": starts,
    }  # fmt: skip


def _write_records(deal: Awkward, folder: Path) -> None:
    first, funders = deal.term["first_year"], deal.more.get("funders", ())
    start = deal.term.get("starts_on", date(first, 2, 1))
    means = ["rijk_eur", "provincie_eur", "gemeenten_eur", "corporaties_eur", "private_eur"]
    own = [f"{item['id']}_eur" for item in funders]
    projects, payments, outputs = [], [], []
    for number in range(1, len(deal.themes) + 1):
        if number == 2 and len(deal.themes) > 2:
            continue  # a theme without projects
        name = f"P{number:02d}"
        amounts = {
            "rijk_eur": 300_000,
            "provincie_eur": 0,
            "gemeenten_eur": 200_000,
            "corporaties_eur": 0,
            "private_eur": 0,
        }
        amounts |= dict.fromkeys(own, 50_000)
        projects.append({
            "project_id": name, "title": f"Verzonnen project {number}", "theme": number, "track": "" if not deal.tracks else 1 + number % len(deal.tracks),
            "municipalities": "; ".join(deal.places[: 1 + number % len(deal.places)]), "approach": "" if deal is B else f"{number}a",
            "criteria": 1 if "criteria" in deal.more else "", "lead": "gemeente", "status": "started",
            "started_on": start.isoformat(), **amounts, "phase": deal.more.get("phases", [""])[0],
        })  # fmt: skip
        for place, (payer, amount) in enumerate(
            [("Rijk", 300_000), ("gemeenten", 200_000), *((item["id"], 50_000) for item in funders)]
        ):
            row = {"project_id": name, "source": payer}
            payments.append(
                {
                    **row,
                    "payment_id": f"T{number}-{place}",
                    "kind": "commitment",
                    "date": start.isoformat(),
                    "amount_eur": amount,
                }
            )
            payments.append(
                {
                    **row,
                    "payment_id": f"B{number}-{place}",
                    "kind": "payment",
                    "date": f"{first + 1}-03-01",
                    "amount_eur": amount / 2,
                }
            )
    for place, target in enumerate(deal.targets):
        name = f"P{target['theme']:02d}"
        quantity = target["quantity"] // 2
        row = {"project_id": name, "result": f"{target['theme']}.1", "target": target["id"]}
        outputs.append({**row, "output_id": f"R{place}", "date": f"{first + 1}-04-01", "quantity": quantity})
        late = date(deal.term["ends_on"].year, 11, 1)  # of deal a: after its last day, so in no report
        outputs.append({**row, "output_id": f"L{place}", "date": late.isoformat(), "quantity": 1})
    milestones = [{"milestone_id": "M1", "kind": "meeting", "date_done": f"{first}-09-01", "body": "Stuurgroep"}]
    columns = _columns()
    columns["projects"] = [*columns["projects"], *own, *(["phase"] if "phases" in deal.more else [])]
    assert set(means) <= set(columns["projects"])
    for table, rows in {
        "projects": projects,
        "payments": payments,
        "outputs": outputs,
        "milestones": milestones,
    }.items():
        _csv(folder / f"{table}.csv", columns[table], rows)
    dataset = {"title": "Verzonnen cijfers", "status": "voorbeeld", "version": "1", **deal.dataset}
    _dump(folder / "dataset.yml", {key: str(value) for key, value in dataset.items()})
    units = sorted({target["unit_label"] for target in deal.targets})
    _dump(folder / "disclosure.yml", {"counts_of": {"overig": units}})


def _columns() -> dict[str, list[str]]:
    with (ROOT / "data" / "programme" / "template.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tables = dict.fromkeys(row["table"] for row in rows)
    return {table: [row["column"] for row in rows if row["table"] == table] for table in tables}


def _csv(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: row.get(name, "") for name in columns} for row in rows)


def _write_indicators(deal: Awkward, folder: Path) -> None:
    measured = _measured(deal)
    for number, title in enumerate(deal.themes, 1):
        content: dict[str, Any] = {"theme": number}
        if number == measured:
            indicator = yaml.safe_load(_SECOND.read_text(encoding="utf-8"))["indicators"]["woninginbraak"]
            methods = ["describe", "gap", "before_after", "ancova", "did", "sc", "sdid"]
            base = deal.term["first_year"] - 1
            indicator |= {
                "results": [f"{number}.1"],
                "allowed_methods": methods,
                "gap": "relative",
                "baseline_year": base,
            }
            content["indicators"] = {"woninginbraak": indicator}
        else:
            content["not_measured"] = [
                {
                    "result": f"{number}.1",
                    "subject": title.lower(),
                    "reason": "Er is geen statistiek.",
                    "would_measure": "Een onderzoek.",
                }
            ]
        _dump(folder / f"{number}-{_slug(title)}.yml", content)
    plan: dict[str, Any] = {"notes": "Made up for the tests."}
    if deal.design:
        plan["designs"] = {"woninginbraak-streek": _design(deal)}
    _dump(folder / "plan.yml", plan)


def _design(deal: Awkward) -> dict[str, Any]:
    has_pool = "pool" in (deal.design or {})
    more = {
        "statistic": "studentised", "scale": "relative", "plausible_effect": 20.0,
        "plausible_reason": "een aanname voor de tests", "robustness": [{"method": "sdid"}],
    }  # fmt: skip
    return {
        "indicator": "woninginbraak", "primary": True, "unit": deal.region["short_name"].lower(),
        "excluded": [], "minimum_pre_years": 6, "declared_on": date(2026, 6, 1), "reason": "Verzonnen voor de tests.",
        **(more if has_pool else {}), **{key: value for key, value in deal.design.items() if value is not None},
    }  # fmt: skip
