"""Whether every tick of a node is accounted for exactly once (rule 1), asked of its rows by plain SQL."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow

Connection = psycopg.Connection[DictRow]

# A tick that was run is covered by all its rows together; a skipped row covers as many ticks as it counts.
_TICKS = b"""
with node as (
    select id, created_at, next_run_at, make_interval(secs => %(step_s)s) as step from nodes where name = %(name)s
), covered as (
    select distinct r.tick, 1 as ticks from scrape_runs r join node on node.id = r.node_id where r.attempt > 0
    union all
    select r.tick, r.tick_count from scrape_runs r join node on node.id = r.node_id where r.attempt = 0
), numbered as (
    select extract(epoch from c.tick - node.created_at) / %(step_s)s + n as number
    from covered c cross join node cross join lateral generate_series(0, c.ticks - 1) n
), grid as (
    select n as number from node,
    generate_series(0, (extract(epoch from next_run_at - created_at) / %(step_s)s)::bigint - 1) n
)
select count(*) filter (where g.number is not null) as ticks,
       count(*) filter (where c.times is null) as gaps,
       coalesce(sum(c.times - 1), 0)::bigint as doubles,
       count(*) filter (where g.number is null) as strays
from grid g full join (select number, count(*) as times from numbered group by number) c on c.number = g.number
"""

# Attempts of a tick from 1, parts of an attempt from 0, none left out; an attempt is spent by a charged end only.
_CHAINS = b"""
with chain as (
    select r.*, lead(r.attempt) over w as next_attempt, lead(r.part) over w as next_part,
           lag(r.id) over w is null as is_first,
           r.cause in ('recycled', 'lost', 'fenced', 'shutdown')
               or (r.cause = 'blocked' and r.outcome ->> 'breaker_host' is not null) as is_free
    from scrape_runs r where r.source = %(name)s and r.attempt > 0
    window w as (partition by r.tick order by r.attempt, r.part)
)
select c.id, c.tick, c.attempt, c.part, c.status, c.cause, c.next_attempt, c.next_part from chain c
where (c.is_first and (c.attempt, c.part) <> (1, 0))
   or (c.next_attempt is not null and (c.finished_at is null
       or case when c.is_free then (c.next_attempt, c.next_part) <> (c.attempt, c.part + 1)
               else c.status <> 'error' or (c.next_attempt, c.next_part) <> (c.attempt + 1, 0) end))
   or c.attempt > %(max_attempts)s
order by c.tick, c.attempt, c.part
"""

# A tick that is over came to its end well, on request, or as a dead letter.
_ENDS = b"""
with last as (
    select distinct on (tick) * from scrape_runs
    where source = %(name)s and attempt > 0 order by tick, attempt desc, part desc
)
select count(*) filter (where l.cause = 'done') as done,
       count(*) filter (where l.cause not in ('done', 'requested') and l.stop_seen_at is null) as dead,
       (select coalesce(sum(count), 0)::bigint from dead_letters where source = %(name)s) as letters
from last l left join nodes n on n.id = l.node_id and n.open_tick = l.tick
where n.id is null
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """What the rows of a node say of its ticks, from its creation to before its next one."""

    ticks: int
    gaps: int  # ticks without a row
    doubles: int  # rows too many
    strays: int  # rows of ticks that the schedule does not have
    broken: list[DictRow]  # rows that cannot follow, or be followed by, what they are
    done: int
    dead: int  # ticks that ended neither well nor because somebody had asked for it
    letters: int  # dead ticks that letters tell of

    @property
    def clean(self) -> bool:
        """Each tick once, each row in its place, each dead tick told of."""
        return not (self.gaps or self.doubles or self.strays or self.broken) and self.dead == self.letters


def account_of(connection: Connection, name: str, *, step_s: float, max_attempts: int = 3) -> Account:
    """Ask about a node of schedule `every N`, whose rows all belong to its schedule."""
    given = {"name": name, "step_s": step_s, "max_attempts": max_attempts}
    ticks = connection.execute(_TICKS, given).fetchone() or {}
    ends = connection.execute(_ENDS, given).fetchone() or {}
    return Account(**ticks, **ends, broken=connection.execute(_CHAINS, given).fetchall())
