"""What a chapter keeps for its annex: closed on the page, behind the main part in print.

A heading with the class `ANNEX` (``### Projecten {.bijlage}``) marks a section; a chapter is an annex as a whole where
the chapter list has it under the part `ANNEXES`.
"""

from collections.abc import Iterator

from bs4 import BeautifulSoup, PageElement, Tag

ANNEX = "bijlage"
"""Class of a heading whose section is an annex, and of the closed box that the page makes of it."""

ANNEXES = "Bijlagen"
"""Part of the chapter list with the chapters that are an annex as a whole."""

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_MARKED = ", ".join(f"{name}.{ANNEX}" for name in _HEADINGS)


def fold_annexes(body: str) -> str:
    """Close the annexes of a chapter's body, each under its own heading; what leads into one opens it."""
    if ANNEX not in body:
        return body
    soup = BeautifulSoup(body, "html.parser", multi_valued_attributes=None)
    for heading in soup.select(_MARKED):
        if heading.find_parent("details", class_=ANNEX):
            continue  # an annex in an annex is a part of that
        members = list(_section(heading))
        box, summary = soup.new_tag("details", attrs={"class": ANNEX}), soup.new_tag("summary")
        heading.insert_before(box)
        del heading["class"]
        summary.append(heading.extract())
        box.extend([summary, *(member.extract() for member in members)])
    return str(soup)


def _section(heading: Tag) -> Iterator[PageElement]:
    """Give what stands under a heading, up to the next that is not below it."""
    for sibling in heading.next_siblings:
        if isinstance(sibling, Tag) and sibling.name in _HEADINGS and sibling.name <= heading.name:
            return
        yield sibling


def take_annex(main: Tag) -> Tag | None:
    """Take the annexes out of a chapter; None where it has none.

    Returns a division with their headings, now of the second level, and their contents, one after the other.
    """
    boxes = main.select(f"details.{ANNEX}")
    if not boxes:
        return None
    taken = BeautifulSoup("", "html.parser").new_tag("div")
    for box in boxes:
        deeper = int(box.summary.find(_HEADINGS).name[1]) - 2
        for heading in box.find_all(_HEADINGS):
            heading.name = f"h{int(heading.name[1]) - deeper}"
        box.summary.unwrap()
        taken.extend([part.extract() for part in list(box.contents)])
        box.decompose()
    return taken
