"""What a piece of a template says."""

import re

from django.template import Context, Template


def render(libraries: str, source: str, **context: object) -> str:
    return Template(f"{{% load {libraries} %}}{source}").render(Context(context)).strip()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
