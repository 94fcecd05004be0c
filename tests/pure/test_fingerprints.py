"""The same job has one fingerprint wherever it is found, and strangers have none in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.clean.fingerprints import company_essence, fingerprint, title_essence
from workers.clean.places import Place

BERLIN = (Place(city="Berlin", country="DE"),)


def of(title: str = "Baker", company: str | None = "ACME", places: tuple[Place, ...] = BERLIN, **more: bool) -> str:
    found = fingerprint(title, company, places, remote=more.get("remote"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("variants", "essence"),
    [
        (("Tischler (m/w/d)", "TISCHLER m/w/d", "Tischler:in", "Tischler*in (w/m/x)", "Tischler (gn*)"), "tischler"),
        (("Tischler (all genders)", "Tischler (m|w|d) - Vollzeit", "Tischler/-in (80-100%)"), "tischler"),
        (("Cuisinier H/F", "Cuisinier (F/H/X) - CDI", "Cuisinier (h/f), temps plein"), "cuisinier"),
        (("Kuchař (m/ž)", "Kuchař/ka", "Kuchar"), "kuchar"),
        (("Verpleegkundige (m/v/x)", "Verpleegkundige"), "verpleegkundige"),
        (("Nurse, Full Time", "Part-time Nurse", "Nurse (Remote)", "Nurse | Permanent", "Nurse - Berlin"), "nurse"),
        (("Sr. Clerk (Req-48213)", "Senior Clerk", "Senior Clerk - Berlin, Germany"), "senior clerk"),
        (("Full-Stack Developer", "Fullstack developer"), "fullstack developer"),
    ],
)  # fmt: skip
def test_a_title_is_the_same_whoever_writes_it(variants: tuple[str, ...], essence: str) -> None:
    found = {variant: title_essence(variant, ["Berlin", "Germany"]) for variant in variants}
    assert found == dict.fromkeys(found, essence)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C Developer", "C++ Developer"),
        ("C++ Developer", "C# Developer"),
        ("Contract Manager", "Manager"),
        ("A/V Technician", "Technician"),
        ("H/W Engineer", "Engineer"),
        ("Sales Lead (Cloud)", "Sales Lead (Data)"),
        ("Engineer II", "Engineer III"),
        ("前端工程师", "后端工程师"),
    ],
)
def test_titles_of_other_jobs_stay_apart(one: str, other: str) -> None:
    assert title_essence(one) != title_essence(other)


@pytest.mark.parametrize(
    ("variants", "essence"),
    [
        (("Acme", "ACME, Inc.", "acme GmbH & Co. KG", "Acme (formerly Emca)", "The Acme Co., Ltd."), "acme"),
        (("Dům s.r.o.", "Dum, spol. s r.o.", "DŮM sp. z o.o.", "Dům a.s."), "dum"),
        (("Nordisk A/S", "Nordisk AS", "Nordisk Aps", "nordisk S.p.A."), "nordisk"),
        (("Tienda S.A. de C.V.", "Tienda, S.L.U."), "tienda"),
        (("株式会社ひかり", "ひかり"), "ひかり"),
        (("AG",), "ag"),
        (("Smith & Sons Ltd", "Smith and Sons"), "smith and sons"),
    ],
)  # fmt: skip
def test_a_company_is_the_same_under_every_legal_form(variants: tuple[str, ...], essence: str) -> None:
    assert {variant: company_essence(variant) for variant in variants} == dict.fromkeys(variants, essence)


def test_companies_with_other_names_stay_apart() -> None:
    assert (
        len({company_essence(name) for name in ("Acme", "Acme Labs", "Acme Group", "Macy's", "Macy", "T Mobile")}) == 6
    )


@pytest.mark.parametrize(
    ("company", "places", "remote"),
    [(None, BERLIN, None), ("", BERLIN, True), ("...", BERLIN, None), ("ACME", (), None), ("ACME", (), False)],
)
def test_a_job_of_nobody_or_nowhere_has_none(
    company: str | None, places: tuple[Place, ...], remote: bool | None
) -> None:
    assert fingerprint("Baker", company, places, remote=remote) is None


def test_places_count_without_order_and_with_regions_only_where_towns_share_names() -> None:
    paris = Place(city="Paris", country="FR")
    assert of(places=(*BERLIN, paris)) == of(places=(paris, *BERLIN, paris))
    assert of(places=(Place(city="Berlin", region="Berlin", country="DE"),)) == of()
    springfield = {of(places=(Place(city="Springfield", region=state, country="US"),)) for state in ("IL", "MO", "MA")}
    assert len({*springfield, of(), of(places=(paris,)), of(places=(), remote=True)}) == 6


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=20))
def test_any_text_has_an_essence_that_stands_still(title: str, company: str, city: str) -> None:
    essence = title_essence(title, [city])
    assert essence == " ".join(essence.split())
    assert company_essence(company) == " ".join(company_essence(company).split())
    assert fingerprint(title, company, (Place(city=city),), remote=None) == fingerprint(
        f" {title}  ", f"{company} ", (Place(city=city),), remote=None
    )
