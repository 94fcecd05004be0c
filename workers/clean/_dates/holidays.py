"""Christmas, New Year and Easter as days to count from; holidays that differ from country to country are left out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from importlib import import_module

from workers.clean._dates.steps import midnight
from workers.clean._dates.weekdays import FOLLOWING, PRECEDING, THIS

_FIXED = {
    (12, 24): "christmas_eve heiligabend nochebuena heiligen_abend",
    (12, 25): "christmas christmas_day xmas weihnachten navidad noel natale natal kerstmis kerst",
    (12, 31): "new_year's_eve new_years_eve silvester nochevieja",
    (1, 1): "new_year new_year's new_year's_day new_years_day new_year_day neujahr ano_nuevo nouvel_an capodanno "
    "ano_novo nieuwjaar",
}
_EASTER = "easter easter_sunday ostern ostersonntag pascua paques pasqua pascoa pasen"
_DAYS = {name.replace("_", " "): day for day, names in (*_FIXED.items(), (None, _EASTER)) for name in names.split()}
_SAID = re.compile(rf"(?:(?P<way>\w+) )?(?:the )?(?P<name>{'|'.join(sorted(_DAYS, key=len, reverse=True))})")


def holiday(folded: str, now: datetime, *, bare: bool = False) -> datetime | None:
    """The day of a holiday with a mark ("last Easter"), or, where `bare` ones are asked for, the next of its name."""
    said = _SAID.fullmatch(folded.strip(" ,."))
    if said is None or (said["way"] is None and not bare):
        return None
    today = midnight(now)
    before, ahead = _around(_DAYS[said["name"]], today)
    if said["way"] in PRECEDING:
        return before
    if said["way"] is None or said["way"] in FOLLOWING:
        return ahead
    return next((day for day in (before, ahead) if day.year == today.year), None) if said["way"] in THIS else None


def _around(day: tuple[int, int] | None, today: datetime) -> tuple[datetime, datetime]:
    years = range(today.year - 1, today.year + 2)
    days = [datetime(year, *(day or _easter(year)), tzinfo=UTC) for year in years]
    return max(d for d in days if d < today), min(d for d in days if d >= today)


def _easter(year: int) -> tuple[int, int]:
    """Month and day of Easter Sunday in the Gregorian calendar; ValueError before 1583 and after 4099."""
    found: date = import_module("dateutil.easter").easter(year)  # late: few children meet the word
    return found.month, found.day
