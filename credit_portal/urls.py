from django.contrib import admin
from django.urls import path
from django.views.i18n import set_language

from credit_portal import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("policy/", views.policy_text, name="policy"),
    path("policy/text/", views.policy_original, name="policy_original"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("enterprise/", views.enterprise_home, name="enterprise_home"),
    path("admin/", admin.site.urls),
]

handler400 = "credit_portal.edge.bad_request"
handler403 = "credit_portal.edge.permission_denied"
handler404 = "credit_portal.edge.page_not_found"
handler500 = "credit_portal.edge.server_error"
