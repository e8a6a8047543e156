from typing import Any

import pytest

from roster.models import User


@pytest.fixture
def nobody(db: None) -> User:
    """An account without any post."""
    return User.objects.create_user("nobody", "pass-word-1")


@pytest.fixture
def signed_in(client: Any, nobody: User) -> Any:
    client.force_login(nobody)
    return client
