from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("sanneng.web.urls_running")),
    path("api/v1/", include("sanneng.api.application")),
    path("", include("sanneng.web.urls")),
]
