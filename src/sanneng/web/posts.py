"""Pages that only take a form."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

View = Callable[..., HttpResponse]


def posted(back: Callable[..., str]) -> Callable[[View], View]:
    """A view that acts on POST alone. Whoever comes by GET, as after logging in again, is sent
    to the page ``back`` names and told to repeat the step."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, **arguments)
            messages.warning(request, _("刚才的操作没有提交成功，请再操作一次。"))
            return redirect(back(**arguments))

        return wrapped

    return wrap
