"""Hundreds of thousands of jobs in little time: a few hundred texts of 2 kB, recombined with titles and places."""

from __future__ import annotations

import random
from typing import Any

from workers.demo.words import COUNTRIES, FIELDS

_TEXTS = 500
_WORDS = 9_000  # different ones
_TEXT_CHARACTERS = 2_000
_SYLLABLES = "ba ce di fo gu ha ki lo mi ne po ru sa ti ve wo ya zu ler ton ing ment ion ver ster".split()
_EACH_TIME = 50_000


def write_jobs(connection: Any, count: int) -> None:
    """Insert so many into a migrated database of the benchmark's own, where texts need no longer be taken to pieces.

    A search vector of 2 kB costs more than everything else together: it is computed once for each text.
    """
    connection.execute("alter table jobs alter column search drop expression")
    connection.execute("drop index jobs_search_idx")
    connection.execute("create table texts (id int primary key, title text, description text, search tsvector)")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into texts values (%s, %s, %s, to_tsvector('english', %s))",
            [(number, title, text, text) for number, (title, text) in enumerate(_texts())],
        )
    for first in range(0, count, _EACH_TIME):
        connection.execute(_INSERT, {"first": first, "last": min(first + _EACH_TIME, count) - 1, "texts": _TEXTS})
    connection.execute("insert into job_seen (job_id, last_run_id) select id, 7 from jobs")
    connection.execute("vacuum (analyze) jobs")
    connection.execute("vacuum (analyze) job_seen")


def _texts() -> list[tuple[str, str]]:
    chance = random.Random(7)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(_WORDS)]
    often = [1 / (rank + 2) for rank in range(_WORDS)]
    roles = [role for field in FIELDS for role in field.roles]
    return [
        (chance.choice(roles), " ".join(chance.choices(words, often, k=_TEXT_CHARACTERS // 6))) for _ in range(_TEXTS)
    ]


_PLACES = [(city, region, country.code, country.currency) for country in COUNTRIES for city, region in country.cities]
_INSERT = f"""
insert into jobs (url, source, external_id, title, company, description, location_raw, locations, city, region, country,
                  countries, remote, job_type, salary_min, salary_max, salary_currency, salary_period, posted_at,
                  posted_precision, first_seen_at, content_hash, fingerprint, search)
select format('https://jobs.example.org/%%s/apply', i), 'board-' || i %% 40, i::text, t.title || ' ' || i %% 977,
       'Company ' || i %% 20011, t.description, p.city || ', ' || p.region,
       jsonb_build_array(jsonb_build_object('city', p.city, 'region', p.region, 'country', p.country)),
       p.city, p.region, case when i %% 11 > 0 then p.country end, array[p.country],
       case i %% 5 when 0 then true when 1 then false end, case when i %% 3 = 0 then 'Full-time' end,
       case when i %% 4 = 0 then 40000 + i %% 900 * 50 end, case when i %% 4 = 0 then 60000 + i %% 900 * 50 end,
       case when i %% 4 = 0 then p.currency end, case when i %% 4 = 0 then 'year' end,
       case when i %% 10 > 0 then now() - make_interval(secs => i * 5) end, case when i %% 10 > 0 then 'exact' end,
       now() - make_interval(secs => i * 5), md5(i::text) || md5((i + 1)::text), md5((i / 3)::text), t.search
from generate_series(%(first)s::int, %(last)s::int) i
join texts t on t.id = (i::bigint * 7919) %% %(texts)s::int
join (values {
    ", ".join(
        f"({number}, '{city}', '{region}', '{code}', '{currency}')"
        for number, (city, region, code, currency) in enumerate(_PLACES)
    )
})
     p (id, city, region, country, currency) on p.id = i %% {len(_PLACES)}
"""  # noqa: S608 - words of our own
