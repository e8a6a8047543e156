"""`{% load posts %}`: where people work and as what."""

from __future__ import annotations

from typing import Any

from django import template

from roster.enums import Role

register = template.Library()


@register.filter
def post_names(user: Any) -> str:
    """Where a signed-in person works and as what: "石家庄市行政审批局 · 牵头部门经办人"."""
    posts = user.posts() if hasattr(user, "posts") else ()
    return "；".join(f"{post.agency_name} · {Role(post.role).label}" for post in posts)
