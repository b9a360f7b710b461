from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path, reverse

from sanneng.web.posts import posted
from sanneng.web.views import check, dashboard, evidence, indicators, records, reports, search

urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", posted(lambda: reverse("dashboard"))(LogoutView.as_view()), name="logout"),
    path("indicators/<str:indicator>/", indicators.indicator, name="indicator"),
    path(
        "indicators/<str:indicator>/records.<str:form>", indicators.export, name="indicator-export"
    ),
    path("records/", records.types, name="record-types"),
    path("records/<str:code>/", records.listing, name="records"),
    path("records/<str:code>/export.<str:form>", records.export, name="records-export"),
    path("records/<str:code>/<int:pk>/", records.detail, name="record"),
    path("records/<str:code>/<int:pk>/<str:step>/", records.take_step, name="record-step"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("check/", check.check, name="check"),
    path("check/marked.docx", check.marked, name="check-marked"),
    path("reports/", reports.listing, name="reports"),
    path("reports/make/", reports.make, name="report-make"),
    path("reports/<int:pk>/", reports.preview, name="report"),
    path("reports/<int:pk>/file.<str:form>", reports.download, name="report-file"),
    path("reports/<int:pk>/freeze/", reports.freeze, name="report-freeze"),
    path("search/", search.search, name="search"),
    path("", include("sanneng.web.urls_work")),
]
