"""Pages that come with status 200 and yet are no board: a captcha, a login, a notice that the site is down.

Good pages carry captchas and login forms too, so only a page on which nothing was found is looked at, and what it
holds counts only where it holds little else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from workers.errors import Blocked, FetchError
from workers.scrapers.selectors import inline_text

if TYPE_CHECKING:
    from workers.response import Response

LITTLE = 1_500  # characters that a person sees
_PASSWORD: Any = etree.XPath(
    "boolean(//input[translate(@type, 'PASWORD', 'pasword') = 'password' or contains(@name, 'passw')])"
)
_TITLE: Any = etree.XPath("string(//title)")
_REFUSED = re.compile(
    r"access (?:to this page (?:has been )?)?(?:is )?denied|attention required|just a moment|captcha|robot check|"
    r"are you (?:a )?(?:human|robot)|(?:you are|you're) (?:human|(?:not )?a robot)|security check|"
    r"pardon our interruption|request (?:unsuccessful|blocked)|forbidden|too many requests|unusual traffic|"
    r"you have been blocked|human verification|bot verification",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"\b(?:log ?[io]n|sign ?in|anmelden|anmeldung|connexion|se connecter|iniciar sesi[oó]n|accedi|logga in)\b",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"maintenance|be (?:right )?back|temporarily (?:down|unavailable)|service unavailable|bad gateway|"
    r"gateway time-?out|internal server error|page not found|wartungsarbeiten|\berror \d{3}\b|^\s*(?:404|50[0-4])\b",
    re.IGNORECASE,
)
_CHALLENGES = (
    "g-recaptcha", "h-captcha", "hcaptcha.com", "cf-turnstile", "px-captcha", "captcha-delivery.com",
    "_Incapsula_Resource", "awsWaf", "/cdn-cgi/challenge-platform", "geetest",
)  # fmt: skip
_WITHIN = 262_144


def check_refusal(response: Response, *, found: bool = False) -> None:
    """Raise Blocked for a captcha or a login in place of what was asked for, FetchError for an error page.

    `found`: the pages before this one had postings, so that a short one with a login in its head may be their end.
    """
    title = " ".join(_TITLE(response.html).split())
    little = len(inline_text(response.html) or "") < LITTLE
    shown = f'"{title[:80]}"' if title else "a page without a title"
    if _REFUSED.search(title) or (little and any(mark in response.text[:_WITHIN] for mark in _CHALLENGES)):
        raise Blocked(f"{response.url} answers with a challenge page ({shown}); look at it in a browser",
                      url=response.url, status=response.status)  # fmt: skip
    if _PASSWORD(response.html) and ((little and not found) or _LOGIN.search(title)):
        raise Blocked(f"{response.url} asks for a login ({shown}); look at it in a browser",
                      url=response.url, status=response.status)  # fmt: skip
    if _DOWN.search(title):
        raise FetchError(f"{response.url} is an error page ({shown}); look at it in a browser",
                         url=response.url, status=response.status)  # fmt: skip
