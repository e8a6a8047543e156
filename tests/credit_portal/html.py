"""Reads pages the way a browser with our content security policy would."""

from html.parser import HTMLParser


class _Forbidden(HTMLParser):
    """Collects what `default-src 'self'` blocks: inline styles, scripts, handlers, other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        kind = named.get("type") or "text/javascript"
        if tag == "style" or (tag == "script" and "src" not in named and "json" not in kind):
            self.found.append(f"<{tag}>")
        self.found += [
            f"{tag} {name}={value}" for name, value in attrs if _is_blocked(tag, name, value or "")
        ]


def _is_blocked(tag: str, name: str, value: str) -> bool:
    if name == "style" or name.startswith("on"):
        return True
    loads = name in {"src", "srcset"} or (tag == "link" and name == "href")
    return loads and value.startswith(("http:", "https:", "//", "data:"))


def forbidden(html: str) -> list[str]:
    """Everything in the page that the policy would block; empty for a clean page."""
    parser = _Forbidden()
    parser.feed(html)
    return parser.found
