"""Addresses of background work, to-dos, notices, the calendar and group robots."""

from django.urls import path

from sanneng.web.views.work import calendar, chat, jobs, notices, todos

urlpatterns = [
    path("jobs/", jobs.listing, name="jobs"),
    path("jobs/export/", jobs.export, name="job-export"),
    path("jobs/report/", jobs.report, name="job-report"),
    path("jobs/<int:pk>/", jobs.detail, name="job"),
    path("jobs/<int:pk>/part/", jobs.part, name="job-part"),
    path("jobs/<int:pk>/file/", jobs.download, name="job-file"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job-retry"),
    path("jobs/<int:pk>/confirm/", jobs.confirm, name="job-confirm"),
    path("todo/", todos.listing, name="todo"),
    path("todo/<int:pk>/extend/", todos.extend, name="deadline-extend"),
    path("todo/<int:pk>/close/", todos.close, name="deadline-close"),
    path("notices/", notices.listing, name="notices"),
    path("notices/read/", notices.read, name="notices-read"),
    path("notices/<int:pk>/", notices.follow, name="notice"),
    path("notices/settings/", notices.wishes, name="notice-settings"),
    path("calendar/", calendar.page, name="calendar"),
    path("calendar/feed/", calendar.feed_step, name="calendar-feed"),
    path("calendar/<str:token>.ics", calendar.feed, name="calendar-ics"),
    path("settings/chat/", chat.page, name="chat-settings"),
    path("settings/chat/<str:kind>/", chat.step, name="chat-step"),
]
