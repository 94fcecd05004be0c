"""Words about remote, hybrid and on-site work and about contracts in a location text: understood, then taken away."""

from __future__ import annotations

import re
from functools import lru_cache

_REMOTE_WORDS = (
    r"remote(?:ly|[ -]?first|[ -]?friendly|[ -]optional)?|fernarbeit|wfh|"
    r"(?:(?:trabalho|trabajo|lavoro|100\s?%)\s)?(?:remot[oa]|(?:da|a|en) remoto)|"
    r"work(?:ing)?[ -](?:from|at)[ -]hom(?:e)?|mobiles arbeiten|"
    r"home[ -]?(?:office|based|working)(?: (?:möglich|moglich|moeglich|possible))?|tele-?commut\w*|tele-?work\w*|"
    r"t[ée]l[ée]travail(?: (?:complet|total|possible|int[ée]gral))?|teletrabajo|teletrabalho|telelavoro|"
    r"smart[ -]?working|anywhere(?: in the world)?|worldwide|distributed|virtual|deutschlandweit remote|"
    r"(?:praca )?zdaln\w+|na d[áa]lku|"
    r"(?:pr[áa]ce )?z domova|pr[áa]ca z domu|thuiswerk\w*(?: mogelijk)?|distans(?:arbete)?|fjernarbe(?:jde|id)|"
    r"hjemmekontor|et[äa]ty[öo]|t[áa]vmunka|munc[ăa] la distan[țţt][ăa]|rad od ku[ćc]e|"
    r"uzaktan(?: [çc]al[ıi][şs]ma)?|удал[её]нн?\w*(?: работа)?|дистанционн?\w*|віддален\w+|"
    r"(?:travail |trabajo |lavoro |trabalho )?[aà] dist(?:ance|ancia|ância|anza)|op afstand|(?:stand)?ortsunabh[äa]ngig"
)
_UNSPACED = (
    "フルリモート|リモート(?:ワーク)?|在宅(?:勤務)?|远程(?:办公|工作)?|遠端(?:工作)?|居家办公|"
    "원격(?:근무)?|재택(?:근무)?"
)
_REMOTE = re.compile(
    rf"(?<![^\W_])(?:100\s?%\s*(?:en )?|fully[ -]|full[ -]|en )?(?:{_REMOTE_WORDS})(?![^\W_])|{_UNSPACED}",
    re.IGNORECASE,
)
_NOT_REMOTE = re.compile(
    r"\b(?:no|not|non|kein|pas de|sin|geen)[ -]*(?:remote|telework|home ?office|t[ée]l[ée]travail|teletrabajo)\w*",
    re.IGNORECASE,
)
_HYBRID = re.compile(
    r"(?<![^\W_])(?:h[íiy]bri[dt]\w*|ibrid[oa]|hybryd\w+|гибрид\w*|гібрид\w*)(?![^\W_])|ハイブリッド|混合(?:办公|辦公)|하이브리드",
    re.IGNORECASE,
)
# some days at home, said in one phrase
_PARTLY = re.compile(
    r"(?<![^\W_])(?:hybrid[ -]remote|part(?:ly|ially|ial)[ -]remote|(?:teilweise|zeitweise) (?:remote|home[ -]?office)|"
    r"(?:t[ée]l[ée]travail|remote) (?:partiel|occasionnel|ponctuel|r[ée]gulier|hybride)|"
    r"(?:teletrabajo|teletrabalho|remoto) (?:parcial|h[íi]brido)|smart working parziale|"
    r"(?:cz[ęe][śs]ciowo|cz[áa]ste[čc]n[ěe]) (?:zdaln\w+|z domova))(?![^\W_])",
    re.IGNORECASE,
)
_ON_SITE = re.compile(
    r"(?<![^\W_])(?:on[ -]?site|in[ -](?:the[ -])?office|in[ -]person|vor ort|(?:en )?pr[ée]sen[ct]i[ea]l|sur site|"
    r"no local|in sede|in presenza|op locatie|p[åa] plats|na m[íi]st[ěe]|stacjonarn\w+|ofiste|в офисе)(?![^\W_])",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"\(?\bhttps?://\S+|\bwww\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,64}|"
    r"(?<![\w-])[\w-]{1,64}\.(?:com|io|ai|co|org|net|dev|app|tech)\b|"
    r"\b(?:full|part)[ -]?time\b|\b(?:permanent|contract|visa)\b",
    re.IGNORECASE,
)
_DAYS = re.compile(  # "3 days a week in the office"
    r"\b\d(?:\s?[-–/]\s?\d)?\+?\s?(?:x|days?|tage?|jours?|d[íi]as?|giorni|dagen|dni|dn[íyů])\b"
    r"(?:\s?(?:/|per|a|an|each|in|on|from|at|the|pro|par|por|la|na|à|au|week|wk|month|office|site|home|woche|semaine|semana|"
    r"settimana|tydzień|týden|büro|bureau|oficina|remote)(?!\w)){0,5}",
    re.IGNORECASE,
)
_ZONE = r"(?:[ECMPA][SD]T|CES?T|EES?T|WES?T|GMT|UTC|BST|IST|AES?T)"
_ZONES = re.compile(  # "CET +/- 2h", "EST timezone", "GMT-3 to GMT+1"
    rf"(?<!\w){_ZONE}\s?(?:±|\+/-|[+-])\s?\d{{1,2}}(?::\d\d)?\s?(?:h(?:ou)?rs?|h)?(?!\w)|"
    rf"(?<!\w)(?:{_ZONE}|[ECMP]T)(?:/(?:{_ZONE}|[ECMP]T)){{0,5}}\s(?:time ?zones?|hours|time|business hours)(?!\w)|"
    rf"(?<![\w/])(?:{_ZONE}|[ECMP]T)(?:/(?:{_ZONE}|[ECMP]T)){{1,5}}(?![\w/])"
)
_BARE_ZONE = re.compile(rf"(?<!\w)(?:{_ZONE}|ET)(?!\w)(?!\s?-\s?[A-Z][a-z])")


def without_days(text: str) -> str:
    """The text without days at the office: "(2 days/week)"."""
    return _DAYS.sub(" ", text)


def remote_of(text: str) -> bool | None:
    """True, False or None for what a text says about remote work."""
    denied = _NOT_REMOTE.search(text) is not None
    if not denied and _REMOTE.search(_PARTLY.sub(" ", text)):
        return True
    return False if denied or any(says.search(text) for says in (_PARTLY, _HYBRID, _ON_SITE)) else None


def is_remote(segment: str) -> bool:
    """Whether a segment holds a word for remote work, whatever stands beside it."""
    return _REMOTE.search(segment) is not None


@lru_cache(32)  # a segment is asked for several times within one text
def strip_modes(segment: str) -> str:
    """The segment without links, contracts, ways to work and the hours of the day in which to do it."""
    zones = (_ZONES, _BARE_ZONE) if is_remote(segment) else (_ZONES,)
    for pattern in (_NOISE, *zones, _PARTLY, _NOT_REMOTE, _REMOTE, _HYBRID, _ON_SITE):
        segment = pattern.sub(" ", segment)
    return segment
