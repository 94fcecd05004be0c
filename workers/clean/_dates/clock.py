"""Times of day in folded text: "14:05", "2.30 pm", "8 Uhr", "alle ore 9", "下午 2:26", "21時40分", with their zones."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from unicodedata import normalize

from workers.clean._numerals import ENGLISH, SPANISH

_FORENOON = "am a.m. a 上午 午前 早上 凌晨 오전"
_AFTERNOON = "pm p.m. p 下午 午後 晚上 晚 오후 ip ip."
_FORENOON_SAID = "in_the_morning de_la_manana du_matin del_mattino da_manha morgens vormittags 's_ochtends"
_AFTERNOON_SAID = (
    "in_the_afternoon in_the_evening at_night de_la_tarde de_la_noche de_l'apres-midi du_soir del_pomeriggio di_sera "
    "da_tarde da_noite abends nachmittags 's_avonds 's_middags"
)
# these name a day, too, and stay in the text
_FORENOON_OF_DAY = (
    "this_morning yesterday_morning tomorrow_morning esta_manana ce_matin stamattina heute_morgen vanochtend"
)
_AFTERNOON_OF_DAY = (
    "this_afternoon yesterday_afternoon yesterday_evening tomorrow_afternoon tomorrow_evening this_evening tonight "
    "last_night esta_tarde esta_noche anoche ce_soir hier_soir stasera ieri_sera esta_noite "
    "ontem_a_noite heute_abend gestern_abend vanavond gisteravond"
)
_HALVES = f"{_FORENOON_SAID} {_AFTERNOON_SAID} {_FORENOON_OF_DAY} {_AFTERNOON_OF_DAY}"
_HOURS_SAID = " ".join(ENGLISH[:12])
_HORAS = " ".join(["una", *SPANISH[1:12]])
_NAMED = {
    "00:00": "midnight medianoche mitternacht minuit mezzanotte meia-noite ponoc middernacht",
    "12:00": "noon midday mediodia mittags mezzogiorno meio-dia podne",
}
_ZONE_HOURS = {
    "utc": 0,
    "gmt": 0,
    "z": 0,
    "wet": 0,
    "west": 1,
    "bst": 1,
    "cet": 1,
    "cest": 2,
    "eet": 2,
    "eest": 3,
    "msk": 3,
    "ist": 5.5,
    "pkt": 5,
    "wib": 7,
    "ict": 7,
    "sgt": 8,
    "hkt": 8,
    "awst": 8,
    "jst": 9,
    "kst": 9,
    "aest": 10,
    "aedt": 11,
    "nzst": 12,
    "nzdt": 13,
    "sast": 2,
    "wat": 1,
    "eat": 3,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
    "akst": -9,
    "akdt": -8,
    "hst": -10,
    "brt": -3,
    "art": -3,
}


def _any(words: str) -> str:
    listed = (re.escape(normalize("NFKD", word).replace("_", " ")) for word in words.split())
    return "|".join(sorted(listed, key=len, reverse=True))


_BEHIND_DAY = (
    r"(?:(?<=\d)t|(?<!\w)(?:at|um|a las?|alle(?: ore)?|alle|ore|as|kl\.?|klo|klokka|pukul|a les|godz\.?|o|u|v|в|у|om|a|"
    r"les)\s+|@\s*)?"
)
_MINUTE_SIGN = r"(?::|\s?h\s?)"
_EASTERN = rf"\s*(?:{_any('時 时 시 点 點')})(?!{_any('間 间 간')})\s*(?:(?P<eastern>\d{{1,2}})\s*(?:{_any('分 분')}))?"
_CLOCK = re.compile(
    rf"{_BEHIND_DAY}(?:(?P<before>{_any(_AFTERNOON.replace(' p ', ' '))}|{_any(_FORENOON.replace(' a ', ' '))})\s*)?"
    rf"(?<![\d:.])(?P<hour>\d{{1,2}})(?:{_MINUTE_SIGN}(?P<minute>\d{{2}})(?::(?P<second>\d{{2}})(?:[.,](?!(?:19|20)\d\d\b)(?P<part>\d{{1,9}}))?)?"
    rf"(?:\s*(?P<half>am|pm|a\.m\.?|p\.m\.?|ip\.?|a|p)(?!\w))?|\s*(?P<only>am|pm|a\.m\.?|p\.m\.?|ip\.?|uhr)(?!\w|\s*\d{{1,2}}:)|{_EASTERN}"
    rf"|(?P<glued>[ap])(?!\w)|(?=\s*,?\s*(?:{_any(_HALVES)})(?!\w)))"
    rf"(?:\s*(?:uhr|h))?(?![\w:])"
)
_HALF_SAID = re.compile(
    rf"\s*,?\s*(?:(?P<am>{_any(_FORENOON_SAID + ' ' + _FORENOON_OF_DAY)})"
    rf"|(?P<pm>{_any(_AFTERNOON_SAID + ' ' + _AFTERNOON_OF_DAY)}))(?!\w)"
)
_OF_DAY = re.compile(rf"[\s,]*({_any(_FORENOON_OF_DAY + ' ' + _AFTERNOON_OF_DAY)})")
_EVENING_HOUR = re.compile(  # "tonight at 7"
    rf"(?<!\w)({_any(_AFTERNOON_OF_DAY)}),?(?: (?:at|around|about|a las?|alrededor de las?|um|gegen|a|alle|as|om))? "
    r"(0?[1-9]|1[0-2])(?: en punto| o'clock)?(?!\s*[\w:.])"
)
_SPELLED_HOUR = re.compile(
    rf"(?<!\w)(?:({_any(_HOURS_SAID)})(?=\s?(?:am|pm|a\.m|p\.m)\b|,? (?:{_any('tonight this_morning this_evening')}))"
    rf"|({_any(_HORAS)})(?=\s(?:am|pm|a\.m|p\.m)\b|,? (?:{_any('de_la esta_noche esta_manana esta_tarde')})))"
)
_GAP = re.compile(r"(?<=\d:)\s(?=\d{2}\s?[ap]\.?m)")  # "8: 45 a.m."
_ZONE_NAMES = "|".join(sorted(_ZONE_HOURS, key=len, reverse=True))
_ZONE = re.compile(
    rf"\s*\(?(?P<name>{_ZONE_NAMES})?\)?\s*(?P<shift>[+-]\d{{2}}(?::?\d{{2}})?)?(?![\w:])"
    rf"(?:\s*\(?(?:{_ZONE_NAMES})\)?(?!\w)){{0,2}}\s*\)?",
    re.ASCII,
)
_DOTTED = re.compile(
    r"(?:(?<=\d{4} )|(?<=\.\d\d )|(?<=pukul )|(?<=klo )|(?<=kl\. )|(?<=kl )|(?<=um )|(?<=a las ))"
    r"(\d{1,2})\.(\d{2})(?![\d.])"
    r"|(?<![\d.])(\d{1,2})\.(\d{2})(?=\s*(?:uhr|am|pm|a\.m|p\.m|ip|de la)\b)"
)
_NAMES = re.compile("|".join(rf"(?<!\w)(?:{_any(words)})(?!\w)" for words in _NAMED.values()))
_NOON = 12
Clock = tuple[int, int, int | None, int, timezone]


def take_clock(folded: str) -> tuple[str, Clock | None]:
    """The text without its time of day, and that time: hour, minute, second if given, microsecond, zone."""
    text = _GAP.sub("", _SPELLED_HOUR.sub(_hour_in_digits, _EVENING_HOUR.sub(r"\1 \2pm", folded)))
    text = _DOTTED.sub(lambda found: f"{found[1] or found[3]}:{found[2] or found[4]}", text)
    text = _NAMES.sub(lambda found: " " + _clock_of(found[0]) + " ", text)
    found = _CLOCK.search(text)
    if found is None:
        return folded, None
    said = _HALF_SAID.match(text, found.end())
    half = found["before"] or found["half"] or found["only"] or found["glued"] or ""
    if half and int(found["hour"]) > _NOON and not (found["minute"] or found["eastern"]):  # "17 am Màrt"
        return folded, None
    hour = _hour(int(found["hour"]), half, said)
    minute, second = int(found["minute"] or found["eastern"] or 0), found["second"]
    if hour > 23 or minute > 59 or int(second or 0) > 59:
        return folded, None
    end = said.end() if said else found.end()
    zone = _ZONE.match(text, end)
    rest = text[zone.end() :] if zone else text[end:]
    if said and (day := _OF_DAY.fullmatch(said[0])):
        rest = f"{day[1]} {rest}"
    micro = int((found["part"] or "0").ljust(6, "0")[:6])
    clock = (hour, minute, None if second is None else int(second), micro, _zone_of(zone))
    return f"{text[: found.start()]} {rest}", clock


def in_half(clock: Clock, half: str) -> Clock:
    """A time of day whose half was said apart from it, "am" or "pm"; as it is where none was."""
    return (_hour(clock[0], half, None), *clock[1:]) if half else clock


def _hour_in_digits(found: re.Match[str]) -> str:
    return str((_HOURS_SAID if found[1] else _HORAS).split().index(found[0]) + 1)


def _clock_of(name: str) -> str:
    return next(clock for clock, words in _NAMED.items() if name in words.split())


def _hour(hour: int, half: str, said: re.Match[str] | None) -> int:
    afternoon = half in normalize("NFKD", _AFTERNOON).split() or bool(said and said["pm"])
    if afternoon:
        return hour % 12 + 12 if hour <= 12 else hour
    forenoon = half in normalize("NFKD", _FORENOON).split() or bool(said and said["am"])
    return hour % 12 if forenoon and hour <= 12 else hour


def _zone_of(found: re.Match[str] | None) -> timezone:
    if found is None:
        return UTC
    if found["shift"]:
        return offset_zone(found["shift"])
    return timezone(timedelta(hours=_ZONE_HOURS.get(found["name"] or "", 0)))


def offset_zone(shift: str) -> timezone:
    """The zone of "+02:00", "-0700" or "+02"; ValueError beyond a day."""
    digits = shift[1:].replace(":", "").ljust(4, "0")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(distance if shift[0] == "+" else -distance)
