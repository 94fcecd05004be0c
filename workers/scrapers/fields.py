"""Which of a feed's or an export's own names mean which field of a posting, in several languages.

A record is a list of (path, text): ("company", "name") → "Acme". A name here is the end of such a path in lower case
without `_` and `-`; one that begins with "/" stands at the top of the record; one that ends in "*" is a beginning.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workers.records import Posting
from workers.scrapers.selectors import squeezed

Record = list[tuple[tuple[str, ...], str]]

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "jobtitle", "positiontitle", "intitule", "titel", "stellentitel", "stellenbezeichnung", "titulo",
              "puesto", "titolo", "nazev", "/position", "/poste", "/name"),
    "url": ("url", "link", "joburl", "detailurl", "applyurl", "applicationurl", "lien", "enlace"),
    "external_id": ("jobid", "/id", "offerid", "referencenumber", "reference*", "requisitionid", "documentid",
                    "positionid", "kennziffer", "/guid"),
    "company": ("company/name", "companyname", "company", "companytitle", "employer/name", "employer", "nomentreprise",
                "entreprise", "organizationname", "hiringorganization/name", "advertiser", "firma", "unternehmen",
                "arbeitgeber", "empresa", "azienda", "/startup"),
    "description": ("htmldescription", "content", "description", "jobdescription", "texteoffre", "beschreibung",
                    "descripcion", "descrizione", "popis", "body", "jobsummary", "summary"),
    "location": ("joblocation", "location", "locationname", "libellelieu", "lieu", "standort", "arbeitsort", "ort",
                 "ubicacion", "luogo", "cities/city", "locality"),
    "remote": ("remote", "isremote", "remotelevel", "workplacetype", "telework", "teletravail", "homeoffice"),
    "job_type": ("jobtypes/jobtype", "jobtype", "employmenttype", "contracttype", "typecontrat", "contract", "contrat",
                 "jobtime", "worktype", "positionscheduletypecode", "anstellungsart", "/type"),
    "salary": ("salary", "salarytext", "compensation", "salaireaffiche", "salaire", "gehalt", "salario", "stipendio"),
    "posted": ("published", "pubdate", "dateposted", "publicationdate", "posteddate", "datepublication", "dateparution",
               "positionperiod/startdate/formatteddatetime", "createdat", "created", "date", "updated", "lastupdate",
               "lastmodified"),
    "valid_through": ("validthrough", "expiresat", "expires", "expirationdate", "expirydate", "closingdate",
                      "advertisetodatetime", "positionperiod/enddate/formatteddatetime", "dateexpiration"),
}  # fmt: skip
CITY = ("city", "address/city", "ville", "stadt", "town", "ciudad")
PLACE_PARTS = (CITY, ("state", "region", "province", "bundesland"), ("country", "countrycode", "pays", "land"))
NEAR = frozenset({(), ("address",), ("location",), ("joblocation",), ("lieu",)})
PERIODS = {"PA": "year", "PH": "hour", "PD": "day", "WEE": "week", "MON": "month"}
PAY = {
    "min": ("salarymin", "minimumsalary", "salary/min", "minsalary", "remunerationminimumamount"),
    "max": ("salarymax", "maximumsalary", "salary/max", "maxsalary", "remunerationmaximumamount"),
    "currency": ("salarycurrency", "salary/currency", "currency"),
    "period": ("salaryinterval", "salaryperiod", "salary/period", "remunerationrateintervalcode"),
}


def normal(name: str) -> str:
    """A name as the tables write it."""
    return name.lower().replace("_", "").replace("-", "")


def posting_of(record: Record, overrides: dict[str, str] | None = None) -> Posting:
    """The posting that a record describes; `overrides` (field → name) go before the tables."""
    names = {field: tuple(table) for field, table in NAMES.items()}
    names |= {field: (overridden(name), *names.get(field, ())) for field, name in (overrides or {}).items()}
    values: dict[str, Any] = {field: first(record, table) for field, table in names.items()}
    values |= _places(record, names["location"])
    values["url"] = values["url"] or _permalink(record)
    values["salary"] = values["salary"] or _pay(record)
    values["job_type"] = ", ".join(every(record, names["job_type"])) or None
    return Posting(**values)


def overridden(name: str) -> str:
    """A name that a person wrote, with the slashes of a path kept."""
    return "/".join(normal(part) for part in name.split("/"))


def first(record: Record, names: Iterable[str]) -> str | None:
    """The first text under the first name that has any."""
    return next(iter(every(record, names)), None)


def every(record: Record, names: Iterable[str]) -> list[str]:
    """All different texts under the first name that has any, of those least deep."""
    for name in names:
        found = [(len(path), text) for path, text in record if _matches(path, name)]
        if found:
            top = min(depth for depth, _ in found)
            return list(dict.fromkeys(text for depth, text in found if depth == top))
    return []


def _matches(path: tuple[str, ...], name: str) -> bool:
    if name.startswith("/"):
        return path == (name[1:],)
    if name.endswith("*"):
        return path[-1].startswith(name[:-1])
    wanted = tuple(name.split("/"))
    return path[-len(wanted) :] == wanted


def _places(record: Record, names: Iterable[str]) -> dict[str, Any]:
    texts = every(record, names)
    if len(texts) > 1:
        return {"location": None, "locations": texts}
    # A bare city ("Lansing") is worth the state and country beside it; deeper ones belong to somebody else's address.
    near = [(path, text) for path, text in record if path[:-1] in NEAR]
    complete = any("," in text for text in texts)
    parts = [part for table in PLACE_PARTS for part in [first(near, table)] if part and not complete]
    whole = ", ".join(dict.fromkeys([*texts, *parts]))
    return {"location": squeezed(whole)}


def _pay(record: Record) -> dict[str, str | None] | None:
    pay = {key: first(record, names) for key, names in PAY.items()}
    if not any(character.isdigit() for key in ("min", "max") for character in pay[key] or ""):
        return None  # "Not displayed", or a currency alone
    return pay | {"period": PERIODS.get(pay["period"] or "", pay["period"])}


def _permalink(record: Record) -> str | None:
    texts = (text for path, text in record if path in {("id",), ("guid",)})
    return next((text for text in texts if text.startswith(("http://", "https://"))), None)
