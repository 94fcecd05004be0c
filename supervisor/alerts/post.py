"""One POST under one limit: name lookup, connecting, TLS and the answer's head included; nothing is followed."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
import urllib3

from supervisor import __version__
from supervisor.alerts.outbox import Undelivered
from workers.connections import PlainSession
from workers.deadline import Cutter

AGENT = f"scrapewarden/{__version__}"
_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)
_LATER = {408, 425, 429}  # refused now, not for good


def post(url: str, body: bytes, headers: Mapping[str, str], limit_s: float) -> None:
    """Send it; certificates are verified. Raises Undelivered, whose text names no more of the address than its host."""
    cutter = Cutter()
    try:
        with cutter.within(limit_s) as limit, PlainSession() as session:
            session.trust_env = True  # HTTPS_PROXY and REQUESTS_CA_BUNDLE, as people expect
            try:
                answer = session.post(
                    url,
                    data=body,
                    headers={"User-Agent": AGENT, **headers},
                    timeout=limit_s,
                    auth=_nobody,
                    allow_redirects=False,
                    stream=True,
                )
            except _BROKEN as error:
                raise Undelivered(_reason(url, error, limit_s, is_cut=limit.is_cut)) from None  # it holds the address
            with answer:
                _judge(url, answer)
    finally:
        cutter.close()


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request  # what a netrc file says of that host is meant for others


def _judge(url: str, answer: requests.Response) -> None:
    status, host = answer.status_code, host_of(url)
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise Undelivered(f"{host} answered {status}, a redirect: configure the address it leads to", final=True)
    wait = answer.headers.get("Retry-After", "")
    raise Undelivered(
        f"{host} answered {status}",
        final=status < 500 and status not in _LATER,
        wait_s=float(wait) if wait.isascii() and wait.isdigit() else 0.0,
    )


def _reason(url: str, error: Exception, limit_s: float, *, is_cut: bool) -> str:
    host = host_of(url)
    if is_cut or isinstance(error, requests.Timeout | TimeoutError):
        return f"{host} did not answer within {limit_s:.2g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return f"{host} has a certificate that is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy before {host} could not be used"
    if isinstance(error, requests.ConnectionError):
        return f"no connection to {host}"
    return f"{host} gave no answer that could be read ({type(error).__name__})"


def host_of(url: str) -> str:
    """Host and port of an address: what may be shown of it."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2]
