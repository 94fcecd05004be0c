"""Cookies within bounds: a host that hands out thousands fills neither this process nor the next request."""

from __future__ import annotations

from http.cookiejar import Cookie
from typing import Any

from requests.cookies import RequestsCookieJar

MOST_LETTERS = 4_096  # of one with its name; browsers drop longer ones, too
MOST_OF_A_DOMAIN = 50  # RFC 6265 asks clients for at least as many


class BoundedCookies(RequestsCookieJar):
    """Keeps a domain's newest few; the standard jar keeps all that it is ever handed."""

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        """Keep a cookie that is not too long; the domain's oldest makes room for it."""
        if len(cookie.name) + len(cookie.value or "") > MOST_LETTERS:
            return
        super().set_cookie(cookie, *args, **kwargs)
        kept = [one for one in self if one.domain == cookie.domain]
        for oldest in kept[: max(0, len(kept) - MOST_OF_A_DOMAIN)]:
            self.clear(oldest.domain, oldest.path, oldest.name)
