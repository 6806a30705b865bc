"""Retail tables of a few rows for unit tests, with the columns that the reader of the tables makes."""

from __future__ import annotations

from evaluation.inputs.records.checked_rows import to_frame
from evaluation.inputs.retail.records import Cluster, PlanCapacity, Premises, RetailDataset
from evaluation.inputs.retail.tables import RetailTables

MUNICIPALITIES = ("GM0917", "GM0928")
_DATASET = {
    "title": "Proef", "status": "voorlopig", "version": "1", "source": "eigen telling", "licence": "vrij",
    "may_publish": True, "vacancy_definition": "Leeg is leeg.",
}  # fmt: skip
_PREMISES = {
    "municipality": "GM0917", "cluster": None, "function": "retail", "other_kind": None, "is_vacant": False,
    "wvo_m2": 100.0, "bvo_m2": 130.0, "occupant_id": None, "branch": None,
}  # fmt: skip


def premises(identity: str, year: int, **changes) -> Premises:
    """Make one premises in one year: an occupied shop outside the clusters, unless told; `who` is its occupant."""
    row = {**_PREMISES, "premises_id": identity, "year": year, **changes}
    row["occupant_id"] = row.pop("who", None)
    if row["cluster"]:
        row["municipality"] = "GM0928" if row["cluster"] == "B" else "GM0917"
    return Premises.model_construct(**row)


def small_retail(rows, *, capacity=(), private: bool = False, **dataset) -> RetailTables:
    """Make the tables of a region with the clusters A (GM0917, priority) and B (GM0928)."""
    clusters = [
        Cluster.model_construct(
            cluster_id=name,
            name=f"Cluster {name}",
            municipality=of,
            is_main_centre=False,
            is_priority=name == "A",
            note=None,
        )
        for name, of in (("A", "GM0917"), ("B", "GM0928"))
    ]
    return RetailTables(
        dataset=RetailDataset(**{**_DATASET, **dataset}),
        is_private=private,
        clusters=to_frame(Cluster, clusters),
        premises=to_frame(Premises, list(rows)),
        plan_capacity=to_frame(PlanCapacity, [PlanCapacity.model_construct(**row) for row in capacity]),
    )
