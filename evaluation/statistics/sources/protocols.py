"""The ways in which publishers publish.  A new one is a module beside this one, and a row here."""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Protocol:
    """A way of publishing.

    - `module`: Name of the module beside this one that speaks it: `read(client, table, report=...)`, and where a
      service tells what its tables have `describe(client, number)` and `check(client, table)`; with a SourceError for
      an answer that is absent or broken, and for a table that is another or no longer has what we take.
    - `has_one_year`: Whether a table may be about one year, without a dimension of periods.
    - `needs`: Fields that a table of it must have, and others need not.
    """

    module: str
    has_one_year: bool = False
    needs: tuple[str, ...] = ()

    def load(self) -> ModuleType:
        """Import the module; only now, so that reading the register loads nothing that uses the network.

        Returns
        -------
        ModuleType
        """
        return import_module(f"{__package__}.{self.module}")


PROTOCOLS = {
    "odata4": Protocol("odata4"),
    "odata3": Protocol("odata3", has_one_year=True),
    "spreadsheet": Protocol("spreadsheet", needs=("path", "workbook")),
}
