from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from credit_portal import (
    enterprise_accounts,
    health,
    letters,
    second_factor,
    sign_in_pages,
    sign_on,
    views,
)

urlpatterns = [
    path("", views.home, name="home"),
    path("policy/", views.policy_text, name="policy"),
    path("policy/text/", views.policy_original, name="policy_original"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("public/letter/", letters.check, name="letter_check"),
    path("enterprise/register/", enterprise_accounts.register, name="enterprise_register"),
    path("enterprise/bind/", enterprise_accounts.bind, name="enterprise_bind"),
    path(
        "enterprise/bind/<int:binding_id>/withdraw/",
        enterprise_accounts.withdraw,
        name="enterprise_bind_withdraw",
    ),
    path("enterprise/forgotten/", enterprise_accounts.forgotten, name="enterprise_forgotten"),
    path(
        "enterprise/reset/<uidb64>/<token>/",
        enterprise_accounts.ResetView.as_view(),
        name="enterprise_reset",
    ),
    path("enterprise/", include("objections.urls")),
    # The names are django-allauth's, which leads from one to the other.
    path("admin/login/", sign_in_pages.SignInView.as_view(), name="account_login"),
    path("account/code/", sign_in_pages.CodeView.as_view(), name="mfa_authenticate"),
    path(
        "account/password/",
        sign_in_pages.PasswordAgainView.as_view(),
        name="account_reauthenticate",
    ),
    path("account/two-step/", second_factor.OverviewView.as_view(), name="mfa_index"),
    path("account/two-step/set-up/", second_factor.SetUpView.as_view(), name="mfa_activate_totp"),
    path(
        "account/two-step/remove/", second_factor.RemoveView.as_view(), name="mfa_deactivate_totp"
    ),
    path(
        "account/two-step/recovery-codes/",
        second_factor.RecoveryCodesView.as_view(),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/two-step/recovery-codes/new/",
        second_factor.NewRecoveryCodesView.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("account/sign-on/<slug:provider_id>/", sign_on.start, name="openid_connect_login"),
    path("account/sign-on/<slug:provider_id>/back/", sign_on.back, name="openid_connect_callback"),
    path("admin/", admin.site.urls),
]

handler400 = "credit_portal.edge.bad_request"
handler403 = "credit_portal.edge.permission_denied"
handler404 = "credit_portal.edge.page_not_found"
handler500 = "credit_portal.edge.server_error"
