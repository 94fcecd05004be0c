"""One comment of a "Who is hiring?" thread as a posting: "Company | Role | Place | REMOTE | $100k", or free prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from workers.clean.pay import parse_salary
from workers.clean.places import parse_location, remote_of
from workers.clean.text import one_line, readable
from workers.records import Posting

ITEM = "https://news.ycombinator.com/item?id="
_LONGEST_TEXT, _LONGEST_LINE, _LONGEST_TITLE, _LONGEST_COMPANY, _MOST_COMPANY_WORDS = 50_000, 400, 120, 60, 6
_BARS = re.compile(r"\s*[|\u2502\uff5c\xa6\u2022]+\s*")
_DASHES = re.compile(r"\s+(?:-{1,3}|[\u2013\u2014]|::|//)\s+")
_ADDRESS = re.compile(r"\(?\b(?:https?://|www\.)\S+|\(\s*[\w.-]+\.[a-z]{2,12}(?:/\S*)?\s*\)", re.IGNORECASE)
_DOMAIN = re.compile(
    r"^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|ai|co|dev|app|tech|eu|de|fr|uk|us|fm|so|xyz|me)(?:/\S*)?$"
)
_BATCH = re.compile(r"\(?\bYC\s?[SWFXP]?\d{2}\b[^)|]*\)?", re.IGNORECASE)
_JOB_TYPE = re.compile(
    r"\b(?:(?:full|part)[ -]?time|contract(?:or|ing)?|intern(?:s|ships?)?|freelance|permanent|temporary)\b",
    re.IGNORECASE,
)
_NOUNS = (
    r"engineer|developer|programmer|architect|designer|scientist|analyst|manager|director|lead|head|researcher|writer|"
    r"administrator|sysadmin|devops|sre|cto|ceo|cfo|coo|vp|founder|cofounder|recruiter|marketer|consultant|specialist|"
    r"technician|operator|officer|associate|assistant|advocate|evangelist|hacker|tester|coordinator|staff|roles?|"
    r"positions?|openings?|intern|engineering|scrum master|product owner|accountant|counsel|editor|teacher"
)
_ROLE = re.compile(rf"\b(?:{_NOUNS})s?\b", re.IGNORECASE)
_SEEKS = re.compile(
    r"\b(?:hiring|looking for|seeking|recruiting|searching for|need|want|join us as|role|position|title)\b:?\s+"
    rf"(?:an?\s+|our\s+|the\s+|for\s+|some\s+|more\s+|several\s+|multiple\s+)*"
    rf"(?P<role>(?:[\w+#./&-]+[ ,]+){{0,6}}?(?:{_NOUNS})s?\b(?:\s+\([^)]{{1,40}}\))?)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^\W{0,4}(?P<role>[^.|\n]{3,100})$")
_LABELS = {
    **dict.fromkeys(("company", "company name"), "company"),
    **dict.fromkeys(("role", "roles", "position", "positions", "title", "job title", "job"), "role"),
    **dict.fromkeys(("location", "locations", "where"), "location"),
    **dict.fromkeys(("salary", "compensation", "pay", "pay range", "salary range"), "pay"),
}
_MOST_LABELS = 12  # lines in which they are looked for
_EDGES = " \t-\u2013\u2014|:;,.*\u2022"


def posting_of(ident: Any, text: Any, posted: Any) -> Posting:
    """The posting in a comment's HTML; every comment is one, since only a reader knows which are not."""
    lines = _lines(text)
    head = lines[0][:_LONGEST_LINE] if lines else ""
    labels = _labelled(lines[:_MOST_LABELS])
    parts = [] if _label_of(head) else _parts(head)
    named, places, pay = _sorted(parts)
    company, role = _company_and_role(named, alone=len(parts) == 1)
    where = " | ".join(places) or labels.get("location")
    return Posting(
        url=f"{ITEM}{ident}" if ident else None,
        external_id=str(ident) if ident else None,
        title=labels.get("role") or role or _role_in(lines[1:]) or one_line(head, _LONGEST_TITLE) or None,
        company=labels.get("company") or company,
        description=text,
        location=where,
        remote=remote_of(f"{head} {where or ''}"),
        job_type=", ".join(dict.fromkeys(found.group().lower() for found in _JOB_TYPE.finditer(head))) or None,
        salary=pay or labels.get("pay"),
        posted=posted,
    )


def _lines(text: Any) -> list[str]:
    """The lines as their writer broke them: in HTML a bare line break would be a blank."""
    if not isinstance(text, str):
        return []
    shown = readable(text.strip().replace("\n", "<br>"), _LONGEST_TEXT)
    return [line.strip() for line in shown.splitlines() if line.strip()]


def _parts(head: str) -> list[str]:
    """What stands between bars; where there are none, between dashes."""
    bare = _ADDRESS.sub(" ", head)
    bars = _BARS.split(bare)
    pieces = bars if len(bars) > 1 else _DASHES.split(bare)
    stripped = [piece for piece in (piece.strip(_EDGES) for piece in pieces) if piece]
    return [piece for at, piece in enumerate(stripped) if not at or not _DOMAIN.match(piece)]


def _sorted(parts: list[str]) -> tuple[list[str], list[str], str | None]:
    """Parts that name somebody or something, parts that say where, and the first that says what is paid."""
    named: list[str] = []
    places: list[str] = []
    pay: str | None = None
    for at, part in enumerate(parts):
        if at and _is_pay(part):
            pay = pay or part
        elif at and (_is_place(part) or remote_of(part) is not None):
            places.append(part)
        elif not _is_only_type(part):
            named.append(part)
    return named, places, pay


def _is_pay(part: str) -> bool:
    return any(letter.isdigit() for letter in part) and parse_salary(part) is not None


def _is_place(part: str) -> bool:
    if _ROLE.search(part):
        return False
    found = parse_location(part).places
    return bool(found) and all(place.country for place in found)


def _is_only_type(part: str) -> bool:
    rest = _JOB_TYPE.sub(" ", part)
    return rest != part and not any(word.isalpha() and len(word) > 3 for word in re.split(r"[^\w]+", rest))


def _company_and_role(named: list[str], *, alone: bool) -> tuple[str | None, str | None]:
    """The first is the company unless it reads like a role, or stands `alone` as a sentence does; a role names one."""
    if not named:
        return None, None
    first, rest = _BATCH.sub(" ", named[0]).strip(_EDGES), named[1:]
    roles = [part for part in rest if _ROLE.search(part)]
    role = roles[0] if roles else None
    if _ROLE.search(first) and role is None:
        return None, first
    company = re.split(r"\s+(?:[-\u2013\u2014]|\()\s*", first, maxsplit=1)[0].strip(_EDGES)
    fits = company and not alone and len(company) <= _LONGEST_COMPANY and len(company.split()) <= _MOST_COMPANY_WORDS
    return (company if fits else None), role


def _role_in(lines: list[str]) -> str | None:
    """From the text: a line that is nothing but a role, or what the company says it is looking for."""
    for role in _roles(lines):
        return one_line(role, _LONGEST_TITLE).strip(_EDGES)
    return None


def _roles(lines: list[str]) -> Iterator[str]:
    for line in lines[:6]:
        listed = _LISTED.match(line)
        if listed and _ROLE.search(listed["role"]) and len(listed["role"].split()) <= 8:
            yield listed["role"]
    for line in lines:
        if found := _SEEKS.search(line):
            yield found["role"]


def _labelled(lines: list[str]) -> dict[str, str]:
    """What lines such as "Location: Berlin" say, where one begins with a label."""
    found: dict[str, str] = {}
    for line in lines:
        if label := _label_of(line):
            found.setdefault(label, line.partition(":")[2].strip()[:_LONGEST_TITLE])
    return {label: value for label, value in found.items() if value}


def _label_of(line: str) -> str | None:
    label, colon, _ = line.partition(":")
    return _LABELS.get(label.strip(_EDGES).casefold()) if colon else None
