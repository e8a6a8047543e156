"""The letter with the link by which a forgotten password is set anew."""

from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from roster.models import User
from roster.registering import may_reset_by_mail


def send_reset_link(*, user_id: int, origin: str, language: str) -> bool:
    """Write to the address of an account; whether there was somebody to write to.

    The link is good for `PASSWORD_RESET_TIMEOUT`, once, and only until the password changes.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None or not may_reset_by_mail(user):
        return False
    with translation.override(language or None):
        send_mail(_("重设密码"), _text(user, origin), None, [user.email])
    return True


def _text(user: User, origin: str) -> str:
    key = urlsafe_base64_encode(force_bytes(user.pk))
    token = default_token_generator.make_token(user)
    link = reverse("enterprise_reset", kwargs={"uidb64": key, "token": token})
    return _(
        "账号 {account} 申请重设密码。请在两小时内打开下面的链接，设置新密码：\n\n"
        "{link}\n\n如果不是您本人申请的，不必理会，密码没有改变。"
    ).format(account=user.username, link=f"{origin}{link}")
