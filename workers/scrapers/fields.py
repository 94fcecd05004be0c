"""Which of a feed's or an export's own names mean which field of a posting, in several languages.

A record is a list of (path, text): ("company", "name") → "Acme". A name here is the end of such a path in lower case
without `_` and `-`; one that begins with "/" stands at the top of the record; one that ends in "*" is a beginning.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from workers.clean.places import parse_location
from workers.records import Posting
from workers.scrapers.selectors import squeezed

Record = list[tuple[tuple[str, ...], str]]

NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "jobtitle", "positiontitle", "vacancytitle", "functiontitle", "intitule", "titel",
              "stellentitel", "stellenbezeichnung", "titulo", "puesto", "cargo", "titolo", "nazev", "stanowisko",
              "/position", "/poste", "/name", "/headline"),
    "url": ("url", "link", "joburl", "detailurl", "directurl", "offerurl", "vacancyurl", "postingurl", "permalink",
            "lien", "enlace", "applyurl", "applicationurl"),
    "external_id": ("jobid", "/id", "offerid", "vacancyid", "referencenumber", "reference*", "requisitionid",
                    "documentid", "positionid", "externalid", "kennziffer", "codigo", "/guid"),
    "company": ("company/name", "companyname", "company", "companytitle", "employer/name", "employername", "employer",
                "nomentreprise", "entreprise", "organizationname", "organization", "organisation",
                "hiringorganization/name", "hiringorganization", "advertiser", "firma", "unternehmen", "arbeitgeber",
                "empresa", "azienda", "societe", "werkgever", "bedrijf", "pracodawca", "subcompany", "/startup"),
    "description": ("htmldescription", "content", "description", "jobdescription", "texteoffre", "beschreibung",
                    "descripcion", "descrizione", "descricao", "omschrijving", "popis", "opis", "body",
                    "jobsummary", "summary", "/desc",
                    "jobdescription/value"),
    "location": ("joblocation", "location", "locationname", "libellelieu", "lieu", "standort", "arbeitsort",
                 "einsatzort", "dienstort", "standplaats", "ort", "ubicacion", "luogo", "cities/city", "locality",
                 "office"),
    "remote": ("remote", "isremote", "remotelevel", "remotestatus", "remotetype", "workplacetype", "workmode",
               "workmodel", "telecommute", "telecommuting", "telework", "teletravail", "teletrabajo", "homeoffice"),
    "job_type": ("jobtypes/jobtype", "jobtype", "employmenttype", "employmenttypes", "employmentstatus",
                 "contracttype", "typecontrat", "contract", "contrat", "tipocontrato", "contrato", "vertragsart",
                 "dienstverband", "jobtime", "worktype", "workinghours", "positionscheduletypecode", "anstellungsart",
                 "schedule", "/type"),
    "salary": ("salary", "salarytext", "compensation", "salaireaffiche", "salaire", "gehalt", "salario", "stipendio"),
    "posted": ("published", "pubdate", "dateposted", "postedat", "posteddate", "postdate", "publishedat",
               "publisheddate", "publishdate", "publicationdate", "datepublished", "datepublication", "dateparution",
               "positionperiod/startdate/formatteddatetime", "listdate", "dateonline", "datesinceonline",
               "activationdate", "firstactivatedat", "createdat", "creationdate", "createddate", "created",
               "date", "datum", "fecha", "fechapublicacion", "plaatsingsdatum", "datapublikacji",
               "datapublicacao", "datapubblicazione", "/data", "updated", "lastupdate", "lastmodified",
               "modificationdate"),
    "valid_through": ("validthrough", "expiresat", "expires", "expire", "expirationdate", "expirydate", "validuntil",
                      "validto", "closingdate", "closedate", "deadline", "applicationdeadline",
                      "advertisetodatetime*", "positionperiod/enddate/formatteddatetime", "dateexpiration",
                      "bewerbungsfrist", "datelimite"),
}  # fmt: skip
OTHER_PLACES = ("additionaloffices/office", "additionallocations/location", "secondarylocations/location")
CITY = ("city", "address/city", "cityname", "locationcity", "municipality", "ville", "stadt", "town", "ciudad",
        "cidade", "citta", "plaats", "miejscowosc", "miasto", "mesto")  # fmt: skip
PLACE_PARTS = (
    CITY,
    ("state", "region", "province", "bundesland", "provincia", "estado", "locationstate", "locationregion"),
    ("country", "locationcountryname", "locationcountry", "countrycode", "pays", "land", "pais", "paese", "kraj"),
)
NEAR = frozenset(
    {(), ("address",), ("location",), ("locations",), ("joblocation",), ("joblocations",), ("lieu",)},
)
PERIODS = {"PA": "year", "PH": "hour", "PD": "day", "WEE": "week", "MON": "month"}
PAY = {
    "min": ("salarymin", "minimumsalary", "salary/min", "minsalary", "salaryfrom", "remunerationminimumamount"),
    "max": ("salarymax", "maximumsalary", "salary/max", "maxsalary", "salaryto", "remunerationmaximumamount"),
    "currency": ("salarycurrency", "salary/currency", "salarycurrencycode", "currency"),
    "period": ("salaryinterval", "salaryperiod", "salary/period", "salaryfrequency", "salaryunit",
               "remunerationrateintervalcode"),
}  # fmt: skip
REMOTE = {"fully": "remote", "full": "remote", "none": "no", "temporary": "hybrid", "partial": "hybrid",
          "partially": "hybrid", "partiel": "hybrid", "teilweise": "hybrid", "parcial": "hybrid"}  # fmt: skip


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
    values["remote"] = REMOTE.get((values["remote"] or "").casefold(), values["remote"])
    values["salary"] = values["salary"] or _pay(record)
    values["job_type"] = ", ".join(every(record, names["job_type"])) or None
    values["description"] = "\n".join(every(record, ("jobdescription/value",))) or values["description"]
    return Posting(**values)


def overridden(name: str) -> str:
    """A name that a person wrote, with the slashes of a path kept."""
    return "/".join(normal(part) for part in name.split("/"))


def first(record: Record, names: Iterable[str]) -> str | None:
    """The first text under the first name that has any."""
    return next(iter(every(record, names)), None)


def every(record: Record, names: Iterable[str]) -> list[str]:
    """All different texts under the first name that has any, of those least deep."""
    by_end: dict[str, Record] = {}
    for path, text in record:
        by_end.setdefault(path[-1], []).append((path, text))
    for name in names:
        found = _under(by_end, name)
        if found:
            top = min(depth for depth, _ in found)
            return list(dict.fromkeys(text for depth, text in found if depth == top))
    return []


@cache
def _parts(name: str) -> tuple[str, ...]:
    return tuple(name.lstrip("/").split("/"))


def _under(by_end: dict[str, Record], name: str) -> list[tuple[int, str]]:
    """The texts under a name, with the depth of each; most of some three hundred names are in no record."""
    if name.endswith("*"):
        begun = (fields for end, fields in by_end.items() if end.startswith(name[:-1]))
        return [(len(path), text) for fields in begun for path, text in fields]
    wanted = _parts(name)
    found = [(path, text) for path, text in by_end.get(wanted[-1], ()) if path[-len(wanted) :] == wanted]
    return [(len(path), text) for path, text in found if len(path) == len(wanted) or not name.startswith("/")]


def _places(record: Record, names: Iterable[str]) -> dict[str, Any]:
    texts = list(dict.fromkeys([*every(record, names), *every(record, OTHER_PLACES)]))
    if len(texts) > 1:
        return {"location": None, "locations": texts}
    scope = first(record, ("/region",))
    if not texts and scope and first(record, ("/state",)) and _is_scope(scope):
        return {"location": scope}  # from where a job may be done; the state is that of the company
    # A bare city ("Lansing") is worth the state and country beside it; deeper ones belong to somebody else's address.
    around = NEAR | _above(record, texts)
    near = [(path, text) for path, text in record if path[:-1] in around]
    complete = any("," in text for text in texts)
    parts = [part for table in PLACE_PARTS for part in [first(near, table)] if part and not complete]
    whole = ", ".join(dict.fromkeys([*texts, *parts]))
    return {"location": squeezed(whole)}


def _above(record: Record, texts: list[str]) -> set[tuple[str, ...]]:
    """The elements around the one that names the place."""
    paths = [path for path, text in record if text in texts]
    return {path[:-up] for path in paths for up in (1, 2) if len(path) > up}


def _is_scope(region: str) -> bool:
    return region.casefold().endswith("only") or parse_location(region).remote is True


def _pay(record: Record) -> dict[str, str | None] | None:
    pay = {key: first(record, names) for key, names in PAY.items()}
    if not any(character.isdigit() for key in ("min", "max") for character in pay[key] or ""):
        return None  # "Not displayed", or a currency alone
    return pay | {"period": PERIODS.get(pay["period"] or "", pay["period"])}


def _permalink(record: Record) -> str | None:
    texts = (text for path, text in record if path in {("id",), ("guid",)})
    return next((text for text in texts if text.startswith(("http://", "https://"))), None)
