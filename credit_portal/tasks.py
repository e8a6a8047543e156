"""What a worker does for the portal's own pages."""

from celery import shared_task

__all__ = ["mail_reset_link"]


@shared_task(name="credit_portal.mail_reset_link")
def mail_reset_link(user_id: int, origin: str, language: str) -> None:
    """Send the link by which a password is set anew; to nobody for 0, so that a page that was
    asked for an account that is not there has as much to do."""
    from credit_portal.reset_mail import send_reset_link  # inline: a task is a leaf

    send_reset_link(user_id=user_id, origin=origin, language=language)
