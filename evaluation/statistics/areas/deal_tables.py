"""The register of Regio Deals as tables: one row a deal, a municipality of a deal, or a theme of a deal."""

import pandas as pd

from evaluation.statistics.areas.treatments import Register


def deals_table(register: Register) -> pd.DataFrame:
    """List all Regio Deals with what is known of each, and whether it was seen.

    Parameters
    ----------
    register : Register
        As `evaluation.statistics.areas.treatments.load_register` reads it.

    Returns
    -------
    DataFrame
        Columns deal (id), name, tranche, continues (id or None), selected,
        signed, starts, ends (datetime64; missing where not known; the first day of a month or year of which nothing
        more is known, for ends its last), starts_precision (day, month, year), rijk_eur (Int64, whole euros; missing
        where not seen), basis, n_municipalities, starts_verified, signed_verified, ends_verified, rijk_verified,
        members_verified, is_verified (start and members), note; a row for each deal, in the order of the register.
    """
    rows = []
    for deal in register.deals.values():
        selected = register.tranches[deal.tranche].selected
        rows.append(
            {
                "deal": deal.id,
                "name": deal.name,
                "tranche": deal.tranche,
                "continues": deal.continues,
                "selected": selected and selected.first,
                "signed": deal.signed and deal.signed.first,
                "starts": deal.starts.first,
                "starts_precision": deal.starts.precision,
                "ends": deal.ends and deal.ends.last,
                "rijk_eur": deal.state and deal.state.eur,
                "basis": deal.extent.basis,
                "n_municipalities": len(deal.members),
                "starts_verified": deal.starts.verified,
                "signed_verified": deal.signed is not None and deal.signed.verified,
                "ends_verified": deal.ends is not None and deal.ends.verified,
                "rijk_verified": deal.state is not None and deal.state.verified,
                "members_verified": deal.extent.verified,
                "is_verified": deal.is_verified,
                "note": deal.note,
            }
        )
    days = dict.fromkeys(("selected", "signed", "starts", "ends"), "datetime64[s]")
    return pd.DataFrame(rows).astype({"rijk_eur": "Int64", **days})


def members_table(register: Register) -> pd.DataFrame:
    """List the municipalities of each deal.

    Parameters
    ----------
    register : Register
        As `evaluation.statistics.areas.treatments.load_register` reads it.

    Returns
    -------
    DataFrame
        Columns deal, municipality (CBS code of today), name, exposure (full, partial,
        thematic, unknown_extent), districts (tuple of names; empty where the whole municipality takes part or they
        were not seen), since (datetime64, first day of the start), verified (start and members seen); a row for
        each municipality of each deal.
    """
    rows = []
    for deal in register.deals.values():
        names = deal.districts.names if deal.districts else {}
        for member in deal.members:
            name, districts = register.municipalities[member.code].name, names.get(member.code, ())
            seen = (deal.starts.first, deal.is_verified)
            rows.append((deal.id, member.code, name, member.exposure, districts, *seen))
    columns = ["deal", "municipality", "name", "exposure", "districts", "since", "verified"]
    return pd.DataFrame(rows, columns=columns).astype({"since": "datetime64[s]"})


def aims_table(register: Register) -> pd.DataFrame:
    """List for each deal and each theme of the vocabulary whether the deal aims at it.

    Parameters
    ----------
    register : Register
        As `evaluation.statistics.areas.treatments.load_register` reads it.

    Returns
    -------
    DataFrame
        Columns deal, theme, aims (boolean; missing where it is not known), verified (whether
        facts that were seen say the same; False where it is not known); a row for each deal and theme.
    """
    rows = []
    for deal in register.deals.values():
        for theme in register.themes:
            aims, seen = deal.aims_at(theme), deal.aims_at(theme, verified_only=True)
            rows.append((deal.id, theme, aims, aims is not None and aims == seen))
    return pd.DataFrame(rows, columns=["deal", "theme", "aims", "verified"]).astype({"aims": "boolean"})


def per_inhabitant(register: Register, inhabitants: pd.DataFrame) -> pd.DataFrame:
    """Divide what the State contributes to each deal by the inhabitants of its municipalities in the year it started.

    For a deal about some districts or one subject the people it is meant for are fewer than the inhabitants of its
    municipalities, and the amount for each of them is larger: `covers_all` tells the two apart.

    Parameters
    ----------
    register : Register
        As `evaluation.statistics.areas.treatments.load_register` reads it.
    inhabitants : DataFrame
        Columns region (CBS code), period (year) and value (inhabitants on 1 January), on the boundaries of today.

    Returns
    -------
    DataFrame
        Columns deal, year (of the start), inhabitants (Int64; missing where one municipality has no
        figure, or the deal has none), rijk_eur (Int64), eur_per_inhabitant (Float64; missing where either is),
        covers_all (whether all its municipalities take part as a whole); a row for each deal.

    Raises
    ------
    ValueError
        Where a municipality and year stand twice in the inhabitants.
    """
    counts = inhabitants.set_index(["region", "period"])["value"]
    if not counts.index.is_unique:
        raise ValueError("inhabitants: a region and year stand twice")
    rows = []
    for deal in register.deals.values():
        year = deal.starts.first.year
        values = counts.reindex([(member.code, year) for member in deal.members])
        people = int(values.sum()) if deal.members and values.notna().all() else None
        eur = deal.state and deal.state.eur
        ratio = eur / people if eur and people else None
        whole = bool(deal.members) and all(member.exposure == "full" for member in deal.members)
        rows.append((deal.id, year, people, eur, ratio, whole))
    columns = ["deal", "year", "inhabitants", "rijk_eur", "eur_per_inhabitant", "covers_all"]
    types = {"inhabitants": "Int64", "rijk_eur": "Int64", "eur_per_inhabitant": "Float64"}
    return pd.DataFrame(rows, columns=columns).astype(types)
