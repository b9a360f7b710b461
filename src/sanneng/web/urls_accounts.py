"""Addresses of log-in, one's own account, members, and links for people without an account."""

from allauth.account import views as account
from allauth.socialaccount import views as sso
from django.urls import include, path, reverse

from sanneng.web.posts import posted
from sanneng.web.views.accounts import invitations, item_links, links, members, own

_log_out = posted(lambda: reverse("start"))(account.logout)

urlpatterns = [
    path("login/", account.login, name="login"),
    path("login/", account.login, name="account_login"),
    path("logout/", _log_out, name="logout"),
    path("logout/", _log_out, name="account_logout"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("login/sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("login/sso/cancelled/", sso.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/sso/error/", sso.login_error, name="socialaccount_login_error"),
    path("account/", own.account, name="account"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sessions/end/", own.end_session, name="account-sessions"),
    path("account/sso/untie/", own.untie, name="account-sso-untie"),
    path("account/stand-ins/", own.add_stand_in, name="stand-in-add"),
    path("account/stand-ins/<int:pk>/end/", own.end, name="stand-in-end"),
    path("join/<str:token>/", links.join, name="join"),
    path("reset/<str:token>/", links.reset, name="reset"),
    path("members/", members.listing, name="members"),
    path("members/invite/", invitations.invite_people, name="members-invite"),
    path("members/invitations/<int:pk>/<str:step>/", invitations.decide, name="invitation"),
    path("members/roles/<int:pk>/end/", members.end_role, name="member-role-end"),
    path("members/<int:pk>/", members.member, name="member"),
    path("members/<int:pk>/account/", members.edit, name="member-edit"),
    path("members/<int:pk>/roles/", members.add_role, name="member-role-add"),
    path("members/<int:pk>/person/", members.tie, name="member-person"),
    path("members/<int:pk>/stand-ins/", members.add_stand_in, name="member-stand-in"),
    path("members/<int:pk>/<str:step>/", members.act, name="member-act"),
    path("item/<str:token>/", item_links.item, name="item"),
    path("item/<str:token>/evidence/<int:pk>/", item_links.download, name="item-evidence"),
    path("item/<str:token>/upload/", item_links.upload, name="item-upload"),
    path("item-links/<str:code>/<int:pk>/", item_links.make, name="item-link-make"),
    path("item-links/<int:pk>/revoke/", item_links.revoke, name="item-link-revoke"),
]
