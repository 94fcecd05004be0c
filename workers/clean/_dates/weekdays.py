"""Days named by their weekday: "next Friday", "Monday of last week", "posted on Tuesday"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from workers.clean._dates.lexicon import is_filler
from workers.clean._dates.steps import midnight

_NAMES = (
    "monday lundi lunes lunedi segunda-feira segunda maandag montag",
    "tuesday tues mardi martes martedi terca-feira terca dinsdag dienstag",
    "wednesday mercredi miercoles mercoledi quarta-feira quarta woensdag mittwoch",
    "thursday thurs jeudi jueves giovedi quinta-feira quinta donderdag donnerstag",
    "friday vendredi viernes venerdi sexta-feira sexta vrijdag freitag",
    "saturday samedi sabado sabato zaterdag samstag sonnabend",
    "sunday dimanche domingo domenica zondag sonntag",
)
WEEKDAYS = {name: day for day, names in enumerate(_NAMES) for name in names.split()}
FOLLOWING = frozenset(
    "next following nachsten nachster nachste prochain prochaine proximo proxima siguiente prossimo prossima seguinte "
    "volgende aankomende".split()
)
PRECEDING = frozenset(
    "last previous preceding letzten letzter letzte dernier derniere pasado pasada anterior scorso scorsa passado "
    "passada ultimo ultima vorige voorgaande laatste".split()
)
_NEAREST_AHEAD = frozenset("upcoming coming entrante kommenden kommender kommende aanstaande komende".split())
_NEAREST_BACK = frozenset("past vergangenen vergangener vergangene afgelopen".split())
THIS = frozenset(
    "this diese dieser diesen dieses diesem cette ce cet esta este questo questa deze dit essa esse nesta neste desta "
    "deste dessa desse".split()
)
_WEEK = frozenset("week woche semaine semana settimana week".split())
_QUIET = frozenset("on of the de la el le les il in na no en am der den dem im del du do da di della van von".split())
_WORD = re.compile(r"[^\W\d_]+(?:-feira)?")
_POSTED = re.compile(r"\W*(?:re)?(?:post|publi|list|add|dat|updat|veroffentl|erschien|gepost|geplaatst|pubbl|on |am )")
_MOST_WORDS = 8


def weekday_day(folded: str, now: datetime, *, bare: bool = False) -> datetime | None:
    """The day a weekday with a mark ("next", "last week", "posted") names; None for a bare one or an unknown word.

    Where `bare` ones are asked for, one without such a mark of time is the next of its name, today included.
    """
    said = _WORD.findall(folded)
    days = [WEEKDAYS[word] for word in said if word in WEEKDAYS]
    others = [word for word in said if word not in WEEKDAYS]
    if len(days) != 1 or not (bare or others) or len(others) > _MOST_WORDS or any(map(str.isdigit, folded)):
        return None
    known = FOLLOWING | PRECEDING | _NEAREST_AHEAD | _NEAREST_BACK | THIS | _WEEK
    if not all(word in known or word in _QUIET or is_filler(word) for word in others):
        return None
    today = midnight(now)
    if known.isdisjoint(others) and bare:
        return today + timedelta(days=(days[0] - now.weekday()) % 7)
    if known.isdisjoint(others) and not _POSTED.match(folded):  # "Sunday job"
        return None
    return today + timedelta(days=_distance(days[0] - now.weekday(), frozenset(others)))


def _distance(within_week: int, others: frozenset[str]) -> int:
    if others & _NEAREST_AHEAD or (others & THIS and others & FOLLOWING and not others & _WEEK):
        return within_week % 7 or 7
    if others & _NEAREST_BACK or (others & THIS and others & PRECEDING and not others & _WEEK):
        return -((-within_week) % 7 or 7)
    if others & FOLLOWING:
        return within_week + 7
    if others & PRECEDING:
        return within_week - 7
    return within_week if others & THIS else -((-within_week) % 7)
