"""TEMPORARY SHIM."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DonorPool:
    municipalities: tuple
    estimand: str


@dataclass(frozen=True)
class Event:
    name: str


def donor_pool(day, *, kind, treated, folder=None):
    from evaluation.municipalities import load_municipalities

    return DonorPool(
        tuple(x.code for x in load_municipalities() if x.exists_in(2026)),
        "Parkstad met Regio Deal tegenover andere regio's",
    )


def load_events(folder=None):
    return ()
