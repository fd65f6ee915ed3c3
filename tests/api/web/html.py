"""A small reader of pages for tests: elements with their attributes and text, and what is wrong with the markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "path"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text with single spaces, as a reader sees it."""
        return " ".join(" ".join(self._texts()).split())

    def all(self, tag: str = "", css_class: str = "") -> list[Element]:
        """Elements below with this tag and class, in order."""
        return [each for each in self.walk() if (not tag or each.tag == tag) and each.has(css_class)]

    def one(self, tag: str = "", css_class: str = "") -> Element:
        (found,) = self.all(tag, css_class)
        return found

    def has(self, css_class: str) -> bool:
        return not css_class or css_class in (self.attributes.get("class") or "").split()

    def walk(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def _texts(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._texts()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.stack = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> repeats an attribute: {names}"
        element = Element(tag, dict(attrs))
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.stack[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack[-1].tag == tag, f"</{tag}> ends <{self.stack[-1].tag}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        self.stack[-1].children.append(data)


def read(html: str) -> Element:
    """The document; an assertion fails where elements are not nested."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert [each.tag for each in reader.stack] == ["document"]
    return reader.stack[0]
