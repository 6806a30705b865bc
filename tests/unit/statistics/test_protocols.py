"""The table of protocols: each row leads to a module that speaks it, and to nothing of the network before that."""

import os
import subprocess
import sys

import pytest

from evaluation.statistics.sources.protocols import PROTOCOLS
from evaluation.statistics.sources.registry_schema import Table


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_has_a_module_that_reads_and_needs_fields_of_a_table(name):
    assert callable(PROTOCOLS[name].load().read)
    assert set(PROTOCOLS[name].needs) <= Table.model_fields.keys()


def test_who_reads_the_register_does_not_load_what_uses_the_network():
    script = (
        "import sys; from evaluation.statistics.sources.registry import load_registry; load_registry(); "
        "sys.exit('httpx' in sys.modules or 'openpyxl' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], env=os.environ, check=False).returncode == 0
