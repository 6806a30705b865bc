"""Which numbers stand in which part of a page of numbers (``cijfers-...html``)."""

import re
from collections.abc import Iterator

_PARTS = re.compile(
    r'<h2 id="(?P<label>[^"]+)">|scope="rowgroup">(?P<group>[^:<]+):|'
    r"<tr(?: id=\"[^\"]*\")?><th>(?P<rest>[^<]+)(?:</th>\s*)?<td>[^<]*(?:</td>\s*)?<td>(?P<value>[^<]*)"
)


def numbers_on(page: str) -> Iterator[tuple[str, str, int]]:
    """Give each number on a page of numbers: the label of its part, its result_id, and where its value ends.

    >>> row = '<th scope="rowgroup">3.kvo: KVO<tr id="3.kvo.doel.2021.target"><th>doel.2021.target<td>doel<td>10<td>'
    >>> [found[:2] for found in numbers_on('<h2 id="fig-doel">Doel</h2>' + row)]
    [('fig-doel', '3.kvo.doel.2021.target')]
    """
    label = group = ""
    for found in _PARTS.finditer(page):
        label, group = found["label"] or label, found["group"] or group
        if found["rest"] is not None:
            yield label, f"{group.strip()}.{found['rest'].strip()}", found.end()
