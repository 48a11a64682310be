from __future__ import annotations

from pathlib import Path

from app.analysis.manual import ORDER, SHORTCUTS_MARK, links, read_manual, search


def write(folder: Path, **pages: str) -> Path:
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def test_the_manual_has_all_pages_of_its_contents_in_their_order() -> None:
    assert tuple(page.name for page in read_manual()) == ORDER


def test_every_page_has_a_title_and_is_reached_from_the_first() -> None:
    pages = read_manual()
    assert all(page.text.startswith(f"# {page.title}\n") for page in pages)
    assert {link.removesuffix(".md") for link in links(pages[0])} == {page.name for page in pages[1:]}


def test_links_lead_to_pages() -> None:
    pages = read_manual()
    names = {f"{page.name}.md" for page in pages}
    assert {link for page in pages for link in links(page)} <= names


def test_the_table_of_shortcuts_is_put_in_where_it_belongs(tmp_path: Path) -> None:
    (page,) = read_manual(write(tmp_path, shortcuts=f"# Keys\n\n{SHORTCUTS_MARK}\n"), shortcuts="| table |")
    assert page.text == "# Keys\n\n| table |\n"


def test_a_search_finds_pages_with_all_words_titles_first(tmp_path: Path) -> None:
    pages = read_manual(
        write(tmp_path, a="# Lines\n\nThe **clock** of a [bus](b.md).", b="# The clock of the bus\n", c="# Other\n\nclock")
    )
    hits = search(pages, "CLOCK bus")
    assert [hit.page.name for hit in hits] == ["b", "a"]
    assert "clock" in hits[1].excerpt
    assert "**" not in hits[1].excerpt
    assert search(pages, " ") == []
    assert search(pages, "absent") == []
