"""Addresses of the enterprise's own pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="enterprise_home"),
    path("notices/", views.notices, name="enterprise_notices"),
    path("notices/<int:pk>/", views.open_notice, name="enterprise_notice"),
    path("letters/<int:pk>/", views.letter, name="enterprise_letter"),
    path("drafts/<int:pk>/", views.draft, name="enterprise_draft"),
    path("drafts/<int:pk>/check/", views.check, name="enterprise_draft_check"),
    path("drafts/<int:pk>/drop/", views.drop, name="enterprise_draft_drop"),
    path("drafts/<int:pk>/files/<int:file>/", views.draft_file, name="enterprise_draft_file"),
    path("cases/<int:pk>/", views.case, name="enterprise_case"),
    path("cases/<int:pk>/supply/", views.supply, name="enterprise_case_supply"),
    path("cases/<int:pk>/withdraw/", views.withdraw, name="enterprise_case_withdraw"),
    path("cases/<int:pk>/review/", views.review, name="enterprise_case_review"),
    path("cases/<int:pk>/files/<int:file>/", views.case_file, name="enterprise_case_file"),
    path("<str:code>/", views.page, name="enterprise_page"),
    path("<str:code>/grade/", views.grade, name="enterprise_grade"),
    path("<str:code>/records/<int:pk>/", views.record, name="enterprise_record"),
    path("<str:code>/apply/<str:kind>/", views.choose, name="enterprise_apply"),
]
