"""Read the register of what can be fetched: ``data/sources.yml``, with each fault located."""

from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import Fault, UsageError, did_you_mean
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.statistics.sources.protocols import PROTOCOLS
from evaluation.statistics.sources.registry_schema import Publisher, Service, Table

FILE = "sources.yml"


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything in the register.

    - `publishers`: By source.
    - `tables`: By name, ``cbs/83625NED``.
    """

    services: dict[str, Service]
    publishers: dict[str, Publisher]
    tables: dict[str, Table]

    def choose(self, wanted: str | None) -> tuple[Table, ...]:
        """Return the tables of a source, or one table; all that can be fetched when nothing is named.

        Parameters
        ----------
        wanted : str | None
            ``cbs`` or ``cbs/83625NED``.

        Returns
        -------
        tuple[Table, ...]

        Raises
        ------
        UsageError
            For an unknown source or table.
        """
        if wanted in self.tables:
            return (self.tables[wanted],)
        found = [item for item in self.tables.values() if wanted in (None, item.source) and item.closed is None]
        if wanted is None or found:
            return tuple(found)
        if any(item.source == wanted for item in self.tables.values()):
            raise UsageError(f"No table of {wanted} can be fetched; see: regiodeal data status")
        names = [*sorted({item.source for item in self.tables.values()}), *self.tables]
        hint = did_you_mean(wanted, names) or f"There are: {', '.join(names)}."
        raise UsageError(f"There is no source or table {wanted!r} in data/{FILE}. {hint}")


def load_registry(*, path: Path | None = None) -> Registry:
    """Read the register; an InputError tells every fault.

    Parameters
    ----------
    path : Path | None
        ``data/sources.yml`` by default.

    Returns
    -------
    Registry
    """
    path = path or data_dir() / FILE
    faults: list[Fault] = []
    content = read_mapping(path, {"services", "publishers", "tables", "templates"}, faults)
    services = {
        key: build_entry(Service, fields, {"id": key}, path, f"services.{key}", faults)
        for key, fields in mapping_under(content, "services", path, faults).items()
    }
    publishers = {
        key: build_entry(Publisher, fields, {"source": key}, path, f"publishers.{key}", faults)
        for key, fields in mapping_under(content, "publishers", path, faults).items()
    }
    tables: dict[str, Table] = {}
    for key, fields in mapping_under(content, "tables", path, faults).items():
        source, _, table = str(key).partition("/")
        item = build_entry(Table, fields, {"source": source, "table": table}, path, f"tables.{key}", faults)
        if item is not None:
            tables[key] = item
            faults.extend(_reference_faults(item, services, publishers, shown(path)))
    raise_faults(faults)
    return Registry(services, publishers, tables)


def _reference_faults(
    item: Table, services: dict[str, Service], publishers: dict[str, Publisher], file: str
) -> list[Fault]:
    """Check that a table's publisher and service are there, and that it says what the service's protocol needs."""
    place = f"tables.{item.name}"
    faults = []
    for key, word, known in ((place, item.source, publishers), (f"{place}.service", item.service, services)):
        if word is not None and word not in known:
            hint = did_you_mean(word, list(known))
            faults.append(Fault(file, repr(word), f"one of {', '.join(known)}", key=key, hint=hint))
    service = services.get(item.service or "")
    if service is None:
        return faults
    protocol = PROTOCOLS[service.protocol]
    if item.year is not None and not protocol.has_one_year:
        fitting = " or ".join(name for name, other in PROTOCOLS.items() if other.has_one_year)
        found = f"service {service.id} ({service.protocol})"
        expected = f"a service with {fitting}, for a table of one year"
        faults.append(Fault(file, found, expected, key=f"{place}.service"))
    if item.closed is None:
        faults += [
            Fault(file, "nothing", f"this key, for a {service.protocol}", key=f"{place}.{name}")
            for name in protocol.needs
            if getattr(item, name) is None
        ]
    return faults
