"""The first line of a "Who is hiring" comment: company, role, place, pay, in whatever order its author chose."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from workers.clean.pay import parse_salary
from workers.clean.places import parse_location

_LONGEST_TITLE = 150
_LONGEST_COMPANY = 60
_MOST_WORDS = 8  # of a company's name
_BREAKS = re.compile(r"<p\b[^>]*>|</p>|<br\b[^>]*>|</?pre>|\n", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|io|org|net|co|ai|dev|app|de|uk)(?:/\S*)?", re.IGNORECASE
)
_ROLE = re.compile(
    r"\b(?:\w*engineers?|\w*engineering|\w*developers?|devs?|programmers?|architects?|designers?|scientists?|analysts?|"
    r"researchers?|managers?|directors?|head of|leads?|vp|cto|ceo|coo|sre|devops|sysadmins?|administrators?|qa|"
    r"testers?|"
    r"interns?|recruiters?|marketers?|marketing|sales|writers?|consultants?|specialists?|hackers?|support|"
    r"full[- ]?stack|front[- ]?end|back[- ]?end|founding|roles|positions)\b",
    re.IGNORECASE,
)
_REMOTE = re.compile(r"\b(?:remote(?:ly)?|on[- ]?site|hybrid|wfh|in[- ]office|in[- ]person)\b", re.IGNORECASE)
_JOB_TYPE = re.compile(
    r"\b(?:full[- ]?time|part[- ]?time|contract(?:or|ing|s)?|freelance|internships?|permanent)\b", re.IGNORECASE
)
_PAY = re.compile(r"[$€£¥₹]\s?\d|\d\s?[kK]\b|\b(?:USD|EUR|GBP|CHF|CAD|AUD|SGD)\b|\d{2,3},\d{3}")
_SEPARATORS = (
    re.compile(r"\s*[|¦│]\s*"),
    re.compile(r"\s*[•·]\s*|\s+//\s+"),
    re.compile(r"\s+[-\u2013\u2014]{1,2}\s+|\s*\u2014\s*"),
)
_TAIL = re.compile(r"\s*[(\[].*$|\s+[-\u2013\u2014]{1,2}\s.*$|\s*:\s.*$")
_SOUGHT = re.compile(
    r"\b(?:hiring|looking for|seeking|searching for)\s+(?:for\s+)?(?:an?\s+|our\s+|the\s+)?"
    r"((?:[\w+#/.-]+\s+){0,6}?(?:engineers?|developers?|designers?|scientists?|managers?|programmers?|analysts?))\b",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(r"\b(?:in|at|based in)\s+((?:[A-Z][\w.]+[ ,]*){1,4})")


def read_comment(markup: str) -> dict[str, Any]:
    """Fields of the posting that a comment's HTML describes; never without title where there is any text."""
    lines = [text for text in (_text(part) for part in _BREAKS.split(markup)) if text]
    if not lines:
        return {}
    first = lines[0]
    parts = _parts(first)
    found = _sorted(parts)
    body = " ".join(lines)
    if not found["title"]:
        found["title"] = _role_of(parts, body) or first
    found["title"] = _short(found["title"])
    found["description"] = "\n\n".join(lines)
    if found["location"] is None and len(parts) == 1 and (place := _IN_PLACE.search(first)) and _is_place(place[1]):
        found["location"] = place[1].strip(" ,")
    return found


def _role_of(parts: list[str], body: str) -> str | None:
    """The role where the line says none beside the company: at its beginning, or in the text below."""
    if len(parts) < 2:
        return None
    if _ROLE.search(parts[0]) and len(parts[0].split()) > 1 and _company(parts) is None:
        return _bare(parts[0])
    sought = _SOUGHT.search(body)
    return sought[1] if sought else None


def _text(markup: str) -> str:
    if not markup.strip():
        return ""
    try:
        text = html.fragment_fromstring(markup, create_parent="p").text_content()
    except (etree.LxmlError, ValueError):  # nothing in it, or what no document may hold
        return ""
    return " ".join(str(text).split())


def _parts(line: str) -> list[str]:
    """The line taken apart at the first separator that it has; free prose is one part."""
    for separator in _SEPARATORS:
        parts = [part for part in separator.split(line) if part.strip()]
        if len(parts) > 1:
            return parts
    parts = [part.strip() for part in line.split(",")]
    # Commas part fields only where what they part is short: in prose they part clauses.
    return parts if len(parts) > 2 and all(len(part.split()) <= 4 for part in parts) else [line]


def _sorted(parts: list[str]) -> dict[str, Any]:
    """Each part under the field that it looks like."""
    found: dict[str, list[str]] = {name: [] for name in ("title", "location", "remote", "job_type", "salary")}
    for at, part in enumerate(parts if len(parts) > 1 else []):
        bare = _bare(part)
        if not bare:
            continue
        kind = _kind(bare, first=at == 0)
        if kind:
            found[kind].append(bare)
        if kind != "job_type" and (type_of := _JOB_TYPE.search(bare)):
            found["job_type"].append(type_of[0])
        if kind in {"location", "job_type"} and _REMOTE.search(bare):
            found["remote"].append(bare)
    where = found["location"] or [text for text in found["remote"] if text.strip()]
    return {
        "company": _company(parts),
        "title": ", ".join(found["title"]) or None,
        "location": "; ".join(where) or None,
        "remote": " ".join(found["remote"]) or None,
        "job_type": ", ".join(dict.fromkeys(found["job_type"])) or None,
        "salary": next((text for text in found["salary"] if parse_salary(text)), None),
    }


def _bare(part: str) -> str:
    """The part without addresses, empty brackets, and brackets around the whole of it."""
    text = re.sub(r"\(\s*\)", "", _URL.sub("", part)).strip(" -")
    return text[1:-1].strip() if re.fullmatch(r"\([^()]*\)", text) else text


def _kind(text: str, *, first: bool) -> str | None:
    if _PAY.search(text) and parse_salary(text):
        return "salary"
    if first:
        return None  # the company, if anything
    if _ROLE.search(text) and not _REMOTE.match(text):
        return "title"
    if _REMOTE.search(text):
        return "location" if _is_place(_REMOTE.sub("", text).strip(" ()/,;-&")) else "remote"
    if _JOB_TYPE.search(text):
        return "job_type"
    return "location" if _is_place(text) else None


def _is_place(text: str) -> bool:
    if not text or len(text) > 100 or not text[:1].isalnum():
        return False
    found = parse_location(text)
    return any(place.country or place.region for place in found.places)


def _company(parts: list[str]) -> str | None:
    """The first part where it can be a name; None rather than rubbish."""
    if len(parts) < 2:
        return None
    name = _TAIL.sub("", parts[0]).strip(" -:,*")
    address = _URL.fullmatch(name)
    if not name or len(name) > _LONGEST_COMPANY or len(name.split()) > _MOST_WORDS:
        return None
    if (
        (address and "/" in name)
        or _REMOTE.fullmatch(name)
        or _JOB_TYPE.search(name)
        or re.search(r"(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)[.!?]$", name)
    ):
        return None
    is_other = _is_place(name) or (_ROLE.search(name) and len(name.split()) > 1)
    return (
        None if is_other or re.match(r"(?:we|i|hi|hello|hey|our|my|location|company)\b", name, re.IGNORECASE) else name
    )


def _short(text: str) -> str:
    if len(text) <= _LONGEST_TITLE:
        return text
    return text[:_LONGEST_TITLE].rsplit(" ", 1)[0] + "\u2026"
