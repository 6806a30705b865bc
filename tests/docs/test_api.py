"""The API reference is made from the docstrings, which pdoc reads as numpydoc."""

from pathlib import Path

import pdoc
from bs4 import BeautifulSoup


def test_the_reference_has_what_a_docstring_says_in_parts(tmp_path: Path) -> None:
    pdoc.render.configure(docformat="numpy", show_source=False)
    pdoc.pdoc("evaluation.inputs.deal", output_directory=tmp_path)
    page = BeautifulSoup((tmp_path / "evaluation" / "inputs" / "deal.html").read_text(encoding="utf-8"), "html.parser")
    section = page.find(id="load_deal")
    assert [title.get_text() for title in section.select("h6")] == ["Parameters", "Raises"]
    assert "InputError" in section.get_text() and "deal_id" in section.get_text()
