-- Hosts: politeness, robots.txt and circuit breakers, shared by all processes and machines.

-- When each host may be asked next. Written with every request, so nothing but the key is indexed.
create table politeness (
    -- As in circuit_breakers: the name in lower case, with ":port" unless it is the scheme's own.
    host text primary key
        constraint politeness_host_printable check (host ~ '\S' and length(host) <= 300),
    next_allowed_at timestamptz not null,  -- the first moment that nobody has taken yet
    held_until timestamptz,                -- the host asked to be left alone until then (Retry-After)
    updated_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

-- robots.txt of each origin, for all processes.
create table robots (
    -- scheme://host, with ":port" unless it is the scheme's own.
    origin text primary key
        constraint robots_origin_printable check (origin ~ '\S' and length(origin) <= 310),
    http_status integer,               -- 5xx: nothing is to be fetched for now
    body text                          -- null: no rules
        constraint robots_body_bounded check (length(body) <= 500000),
    crawl_delay_s double precision     -- for our user agent
        constraint robots_crawl_delay_not_negative check (crawl_delay_s >= 0),
    fetched_at timestamptz,
    expires_at timestamptz,            -- null: never read
    fetching_run_id bigint,            -- who is fetching it now, so that nobody else does
    fetching_until timestamptz         -- after that it is taken for dead
);

alter table circuit_breakers
    -- The failures that count, oldest first; a count alone could not tell which of them are still within the window.
    add column failure_times timestamptz[] not null default '{}';

-- Rows that a person changes by hand stay whole: closing forgets what was, opening ends some time.
create function circuit_breakers_before_write() returns trigger language plpgsql as $$
begin
    new.host := lower(new.host);
    new.updated_at := clock_timestamp();
    if new.state = 'closed' and tg_op = 'UPDATE' and old.state <> 'closed' then
        new.failures := 0;
        new.failure_times := '{}';
        new.window_started_at := null;
        new.openings := 0;
        new.open_until := null;
        new.probe_run_id := null;
        new.probe_until := null;
    elsif new.state = 'open' then
        if tg_op = 'UPDATE' and old.state = 'half_open' and new.open_until is not distinct from old.open_until then
            new.open_until := null;  -- that time is over
        end if;
        new.opened_at := coalesce(new.opened_at, clock_timestamp());
        -- Not infinity: the loop counts the seconds until then.
        new.open_until := least(coalesce(new.open_until, clock_timestamp() + interval '30 minutes'),
                                clock_timestamp() + interval '10 years');
        new.probe_run_id := null;
        new.probe_until := null;
    end if;
    return new;
end
$$;

create trigger circuit_breakers_before_write before insert or update on circuit_breakers
    for each row execute function circuit_breakers_before_write();

-- Whether a run that has taken something on itself may still bring it to an end.
create function is_at_work(p_run_id bigint, p_until timestamptz) returns boolean language sql as $$
    select p_until > clock_timestamp()
       and exists (select from scrape_runs where id = p_run_id and finished_at is null);
$$;

-- What a run asks before each request: may the host be asked, and when? One statement for breaker, robots.txt and turn.
--   p_origin: whose robots.txt the run does not know yet; null: it does, or obeys none.
--   verdict: go (wait_s seconds until its turn, which is taken); open (leave the host alone for wait_s seconds);
--            held (the host asked for that); crowded (more than p_most_queue_s seconds of turns are taken);
--            not_now (robots.txt cannot be read); soon (another run is reading robots.txt);
--            read_robots (this run is to read it, and to keep it for all).
--   probing: this run alone tries whether the host is well again, and is to say what came of it.
create function ask_host(
    p_run_id bigint, p_host text, p_origin text, p_gap_s double precision, p_probe_s double precision,
    p_robots_s double precision, p_most_held_s double precision, p_most_queue_s double precision,
    out verdict text, out wait_s double precision, out probing boolean, out reason text, out robots_status integer,
    out robots_body text, out robots_left_s double precision)
language plpgsql
as $$
declare
    v_breaker circuit_breakers;
    v_robots robots;
    v_turn politeness;
    v_gap interval := make_interval(secs => p_gap_s);
    v_start timestamptz;
begin
    -- A person may hold any of these rows in an open transaction: the run then goes by its own gaps.
    perform set_config('lock_timeout', '500ms', true);
    probing := false;
    wait_s := 0;

    select * into v_breaker from circuit_breakers b where b.host = p_host;
    if v_breaker.state <> 'closed' then
        -- Of many at once one gets the row; the others see it locked or taken.
        update circuit_breakers b
        set state = 'half_open', probe_run_id = p_run_id,
            probe_until = clock_timestamp() + make_interval(secs => p_probe_s)
        where b.host in (select c.host from circuit_breakers c where c.host = p_host for no key update skip locked)
          and (b.state = 'open' and b.open_until <= clock_timestamp()
               or b.state = 'half_open' and (b.probe_run_id = p_run_id
                                             or is_at_work(b.probe_run_id, b.probe_until) is not true));
        probing := found;
        if not probing then
            select * into v_breaker from circuit_breakers b where b.host = p_host;
        end if;
        if not probing and v_breaker.state <> 'closed' then
            verdict := 'open';
            reason := v_breaker.last_error;
            wait_s := greatest(1, extract(epoch from case v_breaker.state when 'open' then v_breaker.open_until
                                                     else v_breaker.probe_until end - clock_timestamp()));
            return;
        end if;
    end if;

    if p_origin is not null then
        select * into v_robots from robots r where r.origin = p_origin;
        if v_robots.expires_at > clock_timestamp() then
            robots_status := v_robots.http_status;
            robots_body := v_robots.body;
            robots_left_s := extract(epoch from v_robots.expires_at - clock_timestamp());
            if v_robots.http_status >= 500 then
                verdict := 'not_now';
                wait_s := robots_left_s;
                return;
            end if;
            v_gap := greatest(v_gap, make_interval(secs => coalesce(v_robots.crawl_delay_s, 0)));
        else
            insert into robots as r (origin, fetching_run_id, fetching_until)
            values (p_origin, p_run_id, clock_timestamp() + make_interval(secs => p_robots_s))
            on conflict (origin) do update
            set fetching_run_id = excluded.fetching_run_id, fetching_until = excluded.fetching_until
            where coalesce(r.expires_at <= clock_timestamp(), true)
              and is_at_work(r.fetching_run_id, r.fetching_until) is not true;
            verdict := case when found then 'read_robots' else 'soon' end;
            return;
        end if;
    end if;

    verdict := 'go';
    if v_gap <= interval '0' then
        select * into v_turn from politeness p where p.host = p_host;
        v_start := v_turn.held_until;
        if v_start > clock_timestamp() + make_interval(secs => p_most_held_s) then
            verdict := 'held';
        end if;
    else
        loop
            update politeness p
            set next_allowed_at = greatest(p.next_allowed_at, p.held_until, clock_timestamp()) + v_gap,
                updated_at = clock_timestamp()
            where p.host = p_host
              and p.next_allowed_at <= clock_timestamp() + make_interval(secs => p_most_queue_s)
              and coalesce(p.held_until <= clock_timestamp() + make_interval(secs => p_most_held_s), true)
            returning p.next_allowed_at - v_gap into v_start;
            exit when found;
            insert into politeness (host, next_allowed_at) values (p_host, clock_timestamp() + v_gap)
            on conflict do nothing;
            exit when found;
            select * into v_turn from politeness p where p.host = p_host;
            if v_turn.held_until > clock_timestamp() + make_interval(secs => p_most_held_s) then
                verdict := 'held';
                v_start := v_turn.held_until;
            elsif v_turn.next_allowed_at > clock_timestamp() + make_interval(secs => p_most_queue_s) then
                verdict := 'crowded';
                v_start := v_turn.next_allowed_at;
            end if;
            exit when verdict <> 'go';
        end loop;
    end if;
    if v_start is not null then
        -- A person may have written infinity, from which not every Postgres can subtract.
        v_start := least(v_start, clock_timestamp() + interval '10 years');
        wait_s := greatest(0, extract(epoch from v_start - clock_timestamp()));
    end if;
end
$$;

-- One request to a host has failed for good. Opens the breaker at p_failures within p_window_s seconds, and again when
-- the run that tried an open one has failed; `opened` says that this failure did it, for `open_s` seconds.
create function note_host_failure(
    p_run_id bigint, p_host text, p_error text, p_failures integer, p_window_s double precision,
    p_open_s double precision, p_open_max_s double precision,
    out opened boolean, out open_s double precision, out failures integer, out openings integer)
language plpgsql
as $$
declare
    v_breaker circuit_breakers;
    v_times timestamptz[];
begin
    perform set_config('lock_timeout', '500ms', true);
    insert into circuit_breakers (host) values (p_host) on conflict do nothing;
    select * into v_breaker from circuit_breakers b where b.host = p_host for no key update;
    -- No more than count are kept.
    v_times := array(
        select t from (
            select t from unnest(v_breaker.failure_times || clock_timestamp()) t
            where t > clock_timestamp() - make_interval(secs => p_window_s)
            order by t desc limit p_failures) newest
        order by t);
    failures := cardinality(v_times);
    openings := v_breaker.openings;
    -- Whoever was still under way when the breaker opened says nothing new.
    opened := (v_breaker.state = 'closed' and failures >= p_failures)
              or (v_breaker.state = 'half_open' and v_breaker.probe_run_id = p_run_id);
    if opened then
        openings := openings + 1;
        open_s := least(p_open_s * power(2, least(openings - 1, 30)), p_open_max_s);
    end if;
    update circuit_breakers b
    set failures = note_host_failure.failures, failure_times = v_times, window_started_at = v_times[1],
        last_error = left(p_error, 500), last_failure_at = clock_timestamp(),
        openings = note_host_failure.openings,
        state = case when opened then 'open' else b.state end,
        opened_at = case when opened then clock_timestamp() else b.opened_at end,
        open_until = case when opened then clock_timestamp() + make_interval(secs => note_host_failure.open_s)
                          else b.open_until end,
        opened_by_run_id = case when opened then p_run_id else b.opened_by_run_id end
    where b.host = p_host;
end
$$;

-- The host has answered the run that tried it: everybody may ask it again. Answers whether that closed the breaker.
create function note_host_success(p_run_id bigint, p_host text) returns boolean language plpgsql as $$
begin
    perform set_config('lock_timeout', '500ms', true);
    update circuit_breakers b set state = 'closed'
    where b.host = p_host and b.state = 'half_open' and b.probe_run_id = p_run_id;
    return found;
end
$$;

-- The host asked to be left alone for so many seconds: nobody asks it before, but not for longer than half an hour.
create function hold_host(p_host text, p_hold_s double precision) returns void language plpgsql as $$
begin
    perform set_config('lock_timeout', '500ms', true);
    insert into politeness as p (host, next_allowed_at, held_until)
    values (p_host, clock_timestamp(), clock_timestamp() + make_interval(secs => least(p_hold_s, 1800)))
    on conflict (host) do update
    set held_until = greatest(p.held_until, excluded.held_until), updated_at = clock_timestamp();
end
$$;

-- Keeps what robots.txt said for p_keep_s seconds; without a status it could not be read, and the next one tries.
create function keep_robots(
    p_run_id bigint, p_origin text, p_status integer, p_body text, p_crawl_delay_s double precision,
    p_keep_s double precision)
returns void
language plpgsql
as $$
begin
    perform set_config('lock_timeout', '500ms', true);
    if p_status is null then
        update robots r set fetching_run_id = null, fetching_until = null
        where r.origin = p_origin and r.fetching_run_id = p_run_id;
        return;
    end if;
    insert into robots as r (origin, http_status, body, crawl_delay_s, fetched_at, expires_at)
    values (p_origin, p_status, p_body, p_crawl_delay_s, clock_timestamp(),
            clock_timestamp() + make_interval(secs => p_keep_s))
    on conflict (origin) do update
    set http_status = excluded.http_status, body = excluded.body, crawl_delay_s = excluded.crawl_delay_s,
        fetched_at = excluded.fetched_at, expires_at = excluded.expires_at, fetching_run_id = null,
        fetching_until = null;
end
$$;
