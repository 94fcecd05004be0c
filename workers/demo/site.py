"""The demo's postings: made from word lists and a seed, the same for the same seed everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from workers.demo.words import (
    COUNTRIES,
    FIELDS,
    FIRST_NAMES,
    JOB_TYPES,
    LEVELS,
    OFFERS,
    OPENINGS,
    SECOND_NAMES,
    WISHES,
    Country,
    Field,
)

HOURS_A_YEAR = 1800
REMOTE_SHARE = 0.2
UNPAID_SHARE = 0.25  # of postings that say nothing about pay
HOURLY_BELOW = 45  # thousand a year: such pay is sometimes told by the hour
OLDEST_DAYS = 45
THIRTY_DAYS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Pay:
    """What a posting offers, in whole units of its currency."""

    low: int
    high: int
    currency: str  # ISO 4217
    period: str  # YEAR or HOUR
    text: str  # as the site writes it


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One posting of the board."""

    number: int  # from 1; its address is /jobs/NUMBER
    field: str
    title: str
    company: str
    city: str
    region: str
    country: Country
    remote: bool
    job_type: str
    pay: Pay | None
    age_hours: int  # when the board opened
    description: str

    @property
    def place(self) -> str:
        """The place as the site writes it."""
        if self.remote:
            return f"Remote ({self.country.name})"
        return f"{self.city}, {self.region}, {self.country.name}"

    @property
    def posted(self) -> str:
        """The age as the site writes it: relative and rounded."""
        return age_text(self.age_hours)


def make_jobs(seed: int, count: int) -> list[Job]:
    """All postings of a board, by number; the first ones are the same however many are asked for."""
    return [make_job(seed, number) for number in range(1, count + 1)]


def make_job(seed: int, number: int) -> Job:
    """Posting `number` of the board grown from `seed`; fields of work take turns."""
    dice = Random(f"{seed}/{number}")
    field, country = FIELDS[(number - 1) % len(FIELDS)], dice.choice(COUNTRIES)
    city, region = dice.choice(country.cities)
    title = dice.choice(LEVELS) + dice.choice(field.roles)
    company = f"{dice.choice(FIRST_NAMES)} {dice.choice(SECOND_NAMES)} {field.noun} {country.form}"
    return Job(
        number=number,
        field=field.key,
        title=title,
        company=company,
        city=city,
        region=region,
        country=country,
        remote=dice.random() < REMOTE_SHARE,
        job_type=dice.choice(JOB_TYPES),
        pay=make_pay(dice, field, country),
        age_hours=dice.randrange(OLDEST_DAYS * 24),
        description=make_description(dice, field, title=title, company=company, place=city),
    )


def make_pay(dice: Random, field: Field, country: Country) -> Pay | None:
    """Pay around the field's usual figure, scaled to the country; None for those who keep it to themselves."""
    if dice.random() < UNPAID_SHARE:
        return None
    yearly = field.yearly * dice.uniform(0.8, 1.3) * country.scale  # thousands
    if field.yearly < HOURLY_BELOW and dice.random() < 1 / 2:
        low = round(yearly * 1000 / HOURS_A_YEAR)
        return _pay(low, low + max(2, low // 10), country, "HOUR")
    return _pay(round(yearly) * 1000, round(yearly * 1.25) * 1000, country, "YEAR")


def _pay(low: int, high: int, country: Country, period: str) -> Pay:
    text = f"{country.sign}{low:,} - {country.sign}{high:,} {'an hour' if period == 'HOUR' else 'a year'}"
    return Pay(low=low, high=high, currency=country.currency, period=period, text=text)


def make_description(dice: Random, field: Field, **names: str) -> str:
    """About 600 characters in three paragraphs, separated by newlines."""
    article = "an" if names["title"][0] in "AEIOU" else "a"
    opening = dice.choice(OPENINGS).format(a=article, **names)
    work = [opening, *dice.sample(field.duties, 3)]
    return "\n".join(" ".join(part) for part in (work, dice.sample(WISHES, 2), dice.sample(OFFERS, 3)))


def age_text(hours: int) -> str:
    """An age in the words of a job board: `5 hours ago`, `3 days ago`, `30+ days ago`."""
    if hours < 1:
        return "Just posted"
    if hours < 24:
        return f"{hours} hour{'s' * (hours > 1)} ago"
    days = hours // 24
    return f"{days} day{'s' * (days > 1)} ago" if days < THIRTY_DAYS else "30+ days ago"
