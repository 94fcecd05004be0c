"""Words that come and go around one and the same job: gender marks, workloads, kinds of contract, legal forms."""

from __future__ import annotations

import re

_MAN, _WOMAN = "m", "[fwvkz]"  # man, Mann; femme, Frau, woman, vrouw, kobieta, zena
_OTHER = r"(?:[dxinaoutqg*]|div(?:ers[e]?)?|gn|nb|all|alle)"
_SIGN = r"\s?[/|,:;.*+\\]\s?"
_PAIR = f"(?:{_MAN}{_SIGN}{_WOMAN}|{_WOMAN}{_SIGN}{_MAN}|h{_SIGN}f|f{_SIGN}h)"
_MARK = (
    f"(?:(?:{_OTHER}{_SIGN})?{_PAIR}(?:{_SIGN}{_OTHER}){{0,3}}"
    f"|{_MAN}{_SIGN}{_OTHER}{_SIGN}{_WOMAN}|{_WOMAN}{_SIGN}{_OTHER}{_SIGN}{_MAN})"
)
_ALL_GENDERS = (
    r"(?:(?:f\.?u\.?r\.?\s)?(?:all|any|every|alle|tous|toutes|tutti)\s(?:genders?|geschlechter|genres?)|gn\*?|gender\s?neutral"
    r"|geschlechtsneutral|divers|mwd|wmd|mfd|fmd|dmw|mwx|mfx|fmx|hfx|fhx|hf|fh|mf|fm|mw|wm)"
)
GENDER_MARKS = re.compile(
    rf"[(\[{{]\s*(?:{_MARK}|{_ALL_GENDERS}|[mhfwdx*])\s*[*]?\s*[)\]}}]"
    rf"|(?<![\w/&+]){_MARK}(?![\w/&+])|\ball genders\b",
)
# Written onto the word: Entwickler:in, Entwickler*innen, Developpeur(se), Ingeniero/a, charge.e
ATTACHED_ENDING = re.compile(
    r"(?<=[^\W\d_]{4})(?:[*:_\u00b7\u2022/]-?|\(-?)(?:in|innen|e|ne|se|euse|rice|trice|a|as|o|os|ka)\b\)?(?![\w/])"
)
_KIND = r"(?:(?:full|part)[\s-]?time|vollzeit|teilzeit|cdi|cdd)"
WORKLOAD = re.compile(
    r"\d{2,3}\s?%?\s?(?:-|\u2013|bis|to|a|/)\s?\d{2,3}\s?%|\d{2,3}\s?%|\b\d{2}\s?h\b"
    rf"|(?:\bin\s)?\b{_KIND}(?:\s?(?:/|,|oder|und|or|ou)\s?{_KIND})*\b"
)
ONE_WORD = re.compile(r"\b(full|front|back|dev|home|on)[\s-](stack|end|ops|office|site)\b")

SYNONYMS = {"sr": "senior", "snr": "senior", "jr": "junior", "jnr": "junior", "mgr": "manager", "eng": "engineer"}
_NOISE = frozenset(
    """full part time fulltime parttime permanent temporary temp contract contractor freelance employment job position
    vollzeit teilzeit unbefristet befristet festanstellung in oder und or and ou et y e o i a
    cdi cdd temps plein partiel interim tiempo completo parcial jornada completa indefinido
    tempo indeterminato determinato pieno parziale voltijd deeltijd fulltijd heltid deltid
    plny castecny uvazek hpp dpp dpc pelny etat umowa
    remote hybrid onsite on site office home homeoffice mobile wfh teletravail teletrabajo remoto hibrido hybride
    distance 100 fully partly based work from anywhere
    new hiring urgent now immediate start starting asap""".split()
)
LEGAL_FORMS = frozenset(
    """inc incorporated llc ltd limited plc corp corporation co company lp llp pllc pc pbc
    gmbh mbh ggmbh ag se kg kgaa ug haftungsbeschrankt ohg gbr ev eg
    sa sas sasu sarl eurl scop snc sc srl srls spa sapa sl slu sau sll cv sab sapi ltda eireli
    bv nv vof cvba bvba ab as asa aps oy oyj hf ehf ans
    sro ro s spol vos ks z oo spzoo sp spk kft zrt nyrt bt doo dd ad ood eood ead sia uab ou tov
    pty pte pvt private public kk gk bhd sdn tbk jsc pjsc cjsc fze fzco dmcc""".split()
)
LEADING_FORMS = frozenset("the ooo oao zao pao pt cv ооо оао зао пао ао".split())
UNSPACED_FORMS = (
    "株式会社",
    "有限会社",
    "合同会社",
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "주식회사",
    "(주)",
    "(株)",
)


def noise(words: str) -> bool:
    """Whether words in lower case, with blanks between, all only say how much, how long or from where one works."""
    return all(word in _NOISE for word in words.split())
