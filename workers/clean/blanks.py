"""Values that only look like values."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

from workers.clean.text import visible

# what programs write for a value that is not there; two of them side by side are none either: "null, null"
_OF_PROGRAMS = (
    *(
        "nan",
        "-nan",
        "+nan",
        "null",
        "none",
        "nil",
        "undefined",
        "nat",
        "na",
        "n/a",
        "n.a.",
        "n.a",
        "n\\a",
        "<na>",
        "\\n",
    ),
    *("#n/a", "#na", "#value!", "#ref!", "#name?", "#null!", "#div/0!", "1.#qnan", "1.#ind", "-1.#qnan", "-1.#ind"),
    *("inf", "-inf", "+inf", "infinity", "-infinity", "none/none", "null/null"),
)
# what people write; each is the whole text
_OF_PEOPLE = (
    *("unknown", "unspecified", "not available", "not specified", "not provided", "not applicable", "not disclosed"),
    *(
        "not stated",
        "not given",
        "not set",
        "not found",
        "no data",
        "no value",
        "missing",
        "empty",
        "tbd",
        "tba",
        "tbc",
    ),
    *("keine angabe", "keine angaben", "k. a.", "k.a.", "k/a", "nicht angegeben", "unbekannt", "entfällt"),
    *("non précisé", "non renseigné", "non spécifié", "inconnu", "no especificado", "no disponible", "desconocido"),
    *("não informado", "não especificado", "non specificato", "non disponibile", "niet opgegeven", "onbekend"),
    *("nie podano", "brak", "brak danych", "neuvedeno", "není uvedeno", "ikke oppgitt", "ej angivet", "не указано"),
    *("нет данных", "не вказано", "belirtilmemiş", "未设置", "未指定", "未設定", "無", "无", "없음", "미정"),
)
_BLANKS = frozenset(word.casefold() for word in (*_OF_PROGRAMS, *_OF_PEOPLE))
_CORE = frozenset(_OF_PROGRAMS)
_FILLING = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212_=.,;:?!*/|~\u00b7\u2022\u2026'\"`"
_BRACKETS = "()[]{}<>\u00ab\u00bb\u201c\u201d\u2018\u2019"
_PARTING = re.compile(r"[\s,;|]+")
_LONGEST = 64  # no blank word is longer; a long text is only asked whether it shows anything at all
_NAMES = frozenset(("NaTType", "NAType"))  # of pandas, which nothing here imports
_PLAIN = (int, bytes, bytearray, list, tuple, dict, set, frozenset)


def blank_to_none(value: Any) -> Any:
    """None for NaN, infinite numbers, "N/A", "null", "-", empty, white or invisible text; all else unchanged."""
    if value is None or isinstance(value, str):
        return None if value is None or _shows_nothing(value) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return value if isinstance(value, _PLAIN) or not _is_no_value(value) else None


def _is_no_value(value: Any) -> bool:
    """Whether a value of another library is one that stands for none: it does not equal itself."""
    if type(value).__name__ in _NAMES:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - that is what tells NaN and NaT
    except Exception:  # noqa: BLE001 - whatever a guest's class does when it is compared
        return False


def _shows_nothing(text: str) -> bool:
    shown = visible(text[:_LONGEST]).strip()
    if not shown and len(text) > _LONGEST:
        shown = visible(text).strip()
    if not shown:
        return True
    return len(text) <= _LONGEST and _is_blank_word(shown.casefold())


def _is_blank_word(shown: str) -> bool:
    bare = shown.strip(_FILLING + " ")
    if not bare or shown in _BLANKS:
        return True
    inner = bare.strip(_BRACKETS + " ")
    if not inner or inner in _BLANKS or inner.strip(_FILLING + " ") in _BLANKS:
        return True
    return all(part in _CORE or not part.strip(_FILLING) for part in _PARTING.split(inner))
