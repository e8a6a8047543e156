"""A browser as the tests use it: what it sends comes from a page that was opened for it."""

from typing import Any

from django.test import Client
from django.urls import Resolver404, resolve

from audit.once import KEY, new_key
from credit_portal.once import is_free


class Browser(Client):
    """Sends with every form the key that its page would have held; one that is given stays."""

    def post(self, path: Any, data: Any = None, *args: Any, **kwargs: Any) -> Any:
        if needs_key(str(path)) and isinstance(data, dict | None):
            data = {KEY: new_key(), **(data or {})}
        return super().post(path, data, *args, **kwargs)


def needs_key(path: str) -> bool:
    try:
        return not is_free(resolve(path.partition("?")[0]).view_name)
    except Resolver404:
        return False
