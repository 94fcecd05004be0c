"""One spelling for each address, so that one posting is one row."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from workers.clean.text import visible

LONGEST = 2_000
_PORTS = {"http": 80, "https": 443}
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_", "_hs", "mc_", "oly_", "vero_", "ga_", "itm_", "wt.")
_TRACKING = frozenset(
    (
        *(
            "gclid",
            "gclsrc",
            "fbclid",
            "msclkid",
            "dclid",
            "yclid",
            "twclid",
            "ttclid",
            "li_fat_id",
            "igshid",
            "igsh",
            "gbraid",
            "wbraid",
        ),
        *(
            "_ga",
            "_gl",
            "srsltid",
            "trk",
            "trkinfo",
            "trackingid",
            "refid",
            "referrer",
            "ref_src",
            "ref_url",
            "gh_src",
            "lever-source",
        ),
        *(
            "lever-origin",
            "lever-source[]",
            "mkt_tok",
            "s_cid",
            "cmpid",
            "__cft__",
            "__tn__",
            "fb_action_ids",
            "wickedid",
            "ashby_src",
        ),
    )
)
_PERHAPS_TRACKING = frozenset(
    ("ref", "source", "src", "campaign", "medium", "from")
)  # but "?ref=4711" is a posting's number
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_PATH_SAFE = "/:@!$&'()*+,;=-._~"
_QUERY_SAFE = "/?:@!$'()*,;-._~"
_SLOPPY = re.compile(r"[\t\r\n]")
_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")


def canonical_url(url: object, base: str | None = None) -> str | None:
    """The address under which a posting is kept, or None where it is no http(s) address of at most 2,000 characters.

    Host in lower case; no default port, fragment, credentials or tracking parameters; path normalised, query sorted.
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
    query = _query(parts.query)
    return f"{parts.scheme}://{host}{port}{_path(parts.path)}{'?' + query if query else ''}"


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


def _query(query: str) -> str:
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    kept = sorted(
        (_escaped(name, _QUERY_SAFE + "+"), sign, _escaped(value, _QUERY_SAFE + "+=")) for name, sign, value in pairs
    )
    return "&".join(f"{name}{sign}{value}" for name, sign, value in kept if not _is_tracking(name.lower(), value))


def _is_tracking(name: str, value: str) -> bool:
    if name in _PERHAPS_TRACKING:
        return not any(c.isdigit() for c in value)
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
