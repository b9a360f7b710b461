"""Who the caller is, and the schools within its reach."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from sanneng.api.callers import caller_of
from sanneng.api.endpoints import endpoint
from sanneng.core.permissions import Permission

TAGS = ("我",)


class MyRoles(BaseModel):
    code: str
    name: str
    roles: list[str]
    permissions: list[str]


class MyToken(BaseModel):
    name: str
    scopes: list[str]
    school: str | None
    expires_at: dt.datetime


class Me(BaseModel):
    username: str
    name: str
    is_service: bool
    schools: list[MyRoles]
    token: MyToken | None = Field(description="这次请求用的令牌；用登录会话时没有")


class ShownSchool(BaseModel):
    code: str
    name: str
    level: str
    parent: str | None = Field(description="上级学校代码，您看不到的不给出")


class Schools(BaseModel):
    items: list[ShownSchool]


def add_myself(router: Router) -> None:
    endpoint(
        router, "GET", "/me/", name="getMe", summary="我的角色和权限", scope=None,
        response=Me, tags=TAGS,
    )(me)  # fmt: skip
    endpoint(
        router, "GET", "/schools/", name="listSchools", summary="我能看到的学校", scope=None,
        response=Schools, tags=TAGS,
    )(schools)  # fmt: skip


def me(request: HttpRequest) -> dict[str, Any]:
    caller = caller_of(request)
    token = caller.token
    return {
        "username": caller.user.username,
        "name": str(caller.user),
        "is_service": caller.user.is_service,
        "schools": [
            {
                "code": school.code,
                "name": school.name,
                "roles": sorted(caller.rights.roles(school)),
                "permissions": [p for p in Permission if caller.rights.may(p, school)],
            }
            for school in caller.schools()
        ],
        "token": token
        and {
            "name": token.name,
            "scopes": token.scopes,
            "school": token.school and token.school.code,
            "expires_at": token.expires_at,
        },
    }


def schools(request: HttpRequest) -> dict[str, Any]:
    found = list(caller_of(request).schools())
    codes = {school.pk: school.code for school in found}
    return {
        "items": [
            {
                "code": school.code,
                "name": school.name,
                "level": school.level,
                "parent": codes.get(school.parent_id) if school.parent_id else None,
            }
            for school in found
        ]
    }
