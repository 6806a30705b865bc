"""How the markup of a page becomes what print can have: headings without gaps, divisions, names."""

from string import ascii_uppercase

from bs4 import BeautifulSoup, Tag

_UNSEEN = str.maketrans("", "", "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NO-BREAK SPACE}\N{SOFT HYPHEN}")


def even_out(main: Tag) -> None:
    """Make headings that print can have (with words, none two levels below the last), and captions plain divisions."""
    level = 0
    for tag in main.select("h1, h2, h3, h4, h5, h6"):
        if tag.get_text().translate(_UNSEEN).strip():
            level = min(int(tag.name[1]), level + 1)
            tag.name = f"h{level}"
        else:
            tag.name = "div"
    for tag in main.select("table > caption"):
        tag.parent.insert_before(tag.extract())
        tag.name, tag["class"] = "figcaption", []
    for tag in main.select("figcaption"):
        tag.name, tag["class"] = "div", ["figuur-noot"]
    for tag in main.select("figure"):
        tag.name = "div"


def rewrite_key_figures(items: Tag) -> None:
    """Rewrite the key figures as divisions: question, answer, explanation; a list of something else stays a list."""
    if not all(item.b and item.strong for item in items.find_all("li")):
        return
    for item in items.find_all("li"):
        box = new_tag("div", {"class": "kerncijfer"})
        question, answer = item.b.extract(), item.strong.extract()
        for part in (question.get_text(), answer.get_text(), item.get_text()):
            paragraph = new_tag("p")
            paragraph.string = part
            box.append(paragraph)
        item.replace_with(box)
    items.name = "div"


def new_tag(name: str, attributes: dict[str, object] | None = None) -> Tag:
    """Make an element that stands nowhere yet."""
    return BeautifulSoup("", "html.parser").new_tag(name, attrs=attributes or {})


def chapter_title(main: Tag) -> str:
    """Return the title of a chapter without its number."""
    return words_of(main.h1.select_one(".chapter-title") or main.h1)


def annex_letter(at: int) -> str:
    """Name an annex: A to Z, then AA, AB and so on."""
    return ascii_uppercase[at] if at < 26 else annex_letter(at // 26 - 1) + ascii_uppercase[at % 26]


def words_of(tag: Tag) -> str:
    """Return the words of an element, with one space between them."""
    return " ".join(tag.get_text(" ").split())
