"""One spelling for each address, so that one posting is one row."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from workers.clean._tracking import is_tracking
from workers.clean.text import visible

LONGEST = 2_000
_PORTS = {"http": 80, "https": 443}
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_QUERY_SAFE = "/?:@!$'()*,;-._~"
_SLOPPY = re.compile(r"[\t\r\n]")
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")


def canonical_url(url: object, base: str | None = None) -> str | None:
    """The address under which a posting is kept, or None where it is no http(s) address of at most 2,000 characters.

    Host in lower case; no default port, credentials, tracking parameters or fragment (unless it is a route); path
    normalised, query sorted. Scheme, `www.`, case of the path and a slash at its end stay: there sites may differ.
    """
    if not isinstance(url, str) or len(url) > 2 * LONGEST:
        return None
    try:
        cleaned = _SLOPPY.sub("", visible(url)).strip()
        canonical = _canonical(urljoin(base, cleaned) if base else cleaned) if cleaned else None
    except ValueError:  # an impossible port or IPv6 address; UnicodeError from the host name is one too
        return None
    return canonical if canonical and len(canonical) <= LONGEST else None


def _canonical(absolute: str) -> str | None:
    parts = urlsplit(absolute)
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    host = _host(parts.hostname)
    if host is None:
        return None
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    address = f"{parts.scheme}://{host}{port}{_path(parts.path)}{_asked(parts.query, host)}"
    return f"{address}{_route(parts.fragment, host)}"


def _host(name: str) -> str | None:
    host = name.rstrip(".").lower()
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        host = host.encode("idna").decode("ascii")
    return host if _HOST.fullmatch(host) else None


def _path(path: str) -> str:
    kept: list[str] = []
    for part in _escaped(_SESSION.sub("", path), _PATH_SAFE).split("/")[1:]:
        if part == ".." and kept:
            kept.pop()
        elif part not in (".", ".."):
            kept.append(part)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/" + "/".join(kept)


def _escaped(text: str, safe: str) -> str:
    """Every escape in one form; what was escaped and has a meaning bare ("%2F", "%26") stays escaped."""
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return "".join(_escape(piece) if index % 2 else quote(piece, safe=safe) for index, piece in enumerate(pieces))


def _escape(triplet: str) -> str:
    meant = unquote_to_bytes(triplet)
    return meant.decode("ascii") if meant.isalnum() or meant in (b"-", b".", b"_", b"~") else triplet.upper()


def _asked(query: str, host: str) -> str:
    kept = _query(query, host)
    return f"?{kept}" if kept else ""


def _route(fragment: str, host: str) -> str:
    """The fragment where a page draws itself by it ("#/jobs/7", "#!job=7"), else nothing: it is a place on the page."""
    if not fragment.startswith(("/", "!")):
        return ""
    path, _, query = fragment.partition("?")
    route = _escaped(path, _PATH_SAFE) + _asked(query, host)
    return "" if route in ("/", "!", "!/") else f"#{route}"


def _query(query: str, host: str) -> str:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    kept = sorted(
        (_escaped(name, _QUERY_SAFE + "+"), sign, _escaped(value, _QUERY_SAFE + "+=")) for name, sign, value in pairs
    )
    return "&".join(f"{name}{sign}{value}" for name, sign, value in kept if not is_tracking(name, value, host))
