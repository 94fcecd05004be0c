-- The search that people ask for: words as in a search box, only what is still open where asked, cursors that hold at
-- every instant, no error but a sentence.

-- An instant as whole microseconds, and back, the two infinities too: a cursor that stood for a nearer instant would
-- pass over jobs, or show them again for ever.
create function to_micros(p_at timestamptz) returns bigint language sql immutable parallel safe
return case p_at when 'infinity' then 9223372036854775807
                 when '-infinity' then -9223372036854775807
                 else least(extract(epoch from p_at) * 1000000, 9223372036854775806)::bigint end;

create function from_micros(p_micros bigint) returns timestamptz language sql immutable parallel safe
return case when p_micros = 9223372036854775807 then 'infinity'
            when p_micros < -210866803200000000 then '-infinity'  -- no finite instant lies there
            else ('1970-01-01'::timestamp + (p_micros / 86400000000) * interval '1 day'
                  + (p_micros % 86400000000) * interval '1 microsecond') at time zone 'UTC' end;

-- The words of a search as people type them: "a phrase", or, -without; null where there are none. A text that the
-- server's parser gives up is refused like any other that makes no sense.
create function search_words(p_query text) returns tsquery
language plpgsql immutable
as $$
declare
    v_words tsquery;
begin
    if coalesce(p_query, '') !~ '\S' then
        return null;
    end if;
    if octet_length(p_query) > 1000 then
        raise exception 'the search text is too long: at most 1000 bytes' using errcode = '22023';
    end if;
    begin
        v_words := websearch_to_tsquery('english', p_query);
    exception when internal_error or program_limit_exceeded or statement_too_complex then
        raise exception 'the search text has too many signs in a row: "%"; leave some out', left(p_query, 60)
            using errcode = '22023';
    end;
    if numnode(v_words) = 0 then
        raise exception 'there is no word to search for in "%": name one that is not as common as "the"', left(p_query, 60)
            using errcode = '22023';
    end if;
    return v_words;
end
$$;

-- The parts of a cursor; null where none is given. Numbers that are out of range are refused with the same sentence.
create function search_position(p_after text, p_order text) returns text[]
language plpgsql immutable
as $$
declare
    v_parts text[];
begin
    if p_order not in ('newest', 'relevance') or p_order is null then
        raise exception 'there is no order "%": it is newest or relevance', left(p_order, 60) using errcode = '22023';
    end if;
    if p_after is null then
        return null;
    end if;
    v_parts := string_to_array(p_after, '_');
    begin
        if p_after !~ '^(newest_-?\d{1,19}_\d{1,18}|relevance(_-?\d{1,19}_\d{1,18}){3}_\d{1,3}(\.\d{1,12})?(e[+-]\d{1,2})?)$'
           or num_nulls(v_parts[2]::bigint, v_parts[4]::bigint, v_parts[6]::bigint, v_parts[8]::real) = 4 then
            raise invalid_text_representation;
        end if;
    exception when invalid_text_representation or numeric_value_out_of_range then
        raise exception 'this is no cursor of a search: "%"; take the last one that was printed', left(p_after, 60)
            using errcode = '22023';
    end;
    if v_parts[1] <> p_order then
        raise exception 'the cursor belongs to a search by %, this one is by %', v_parts[1], p_order
            using errcode = '22023';
    end if;
    return v_parts;
end
$$;

-- newest_jobs, with p_open only those that are not closed. What is closed is found out of growing batches: most jobs
-- that are new are open, and each look costs a row of job_seen.
create function newest_open_jobs(p_open boolean, p_words tsquery, p_countries text[], p_region text, p_city text,
                                 p_remote boolean, p_pay double precision, p_currency text, p_period text,
                                 p_source text, p_since timestamptz, p_at timestamptz, p_id bigint, p_most integer)
returns table (id bigint, listed_at timestamptz)
language plpgsql stable rows 50
as $$
declare
    v_looks jsonb;
    v_batch integer := least(p_most, 1000);
    v_found integer := 0;
    v_read integer;
    v_open boolean;
begin
    if not coalesce(p_open, false) then
        return query select n.id, n.listed_at
                     from newest_jobs(p_words, p_countries, p_region, p_city, p_remote, p_pay, p_currency, p_period,
                                      p_source, p_since, p_at, p_id, p_most) n;
        return;
    end if;
    select jsonb_object_agg(l.source, l.looked_since) into v_looks
    from source_looks l where p_source is null or l.source = p_source;
    loop
        v_read := 0;
        for id, listed_at, v_open in
            select n.id, n.listed_at,
                   job_closed_reason(j.valid_through, s.last_seen_at, (v_looks ->> j.source)::timestamptz) is null
            from newest_jobs(p_words, p_countries, p_region, p_city, p_remote, p_pay, p_currency, p_period, p_source,
                             p_since, p_at, p_id, v_batch) with ordinality n (id, listed_at, place)
            cross join lateral (select valid_through, source from jobs where jobs.id = n.id limit 1) j
            left join lateral (select last_seen_at from job_seen where job_id = n.id limit 1) s on true
            order by n.place
        loop
            v_read := v_read + 1;
            p_at := listed_at;
            p_id := id;
            if v_open then
                return next;
                v_found := v_found + 1;
                exit when v_found = p_most;
            end if;
        end loop;
        exit when v_found = p_most or v_read < v_batch;
        v_batch := least(v_batch * 4, 10000);
    end loop;
end
$$;

-- Jobs with these words, in these places, listed (posted, else first seen) from p_since to p_until; p_open: not closed.
-- Order newest: by that time, then id. Order relevance: the newest 500 that match, by rank, then the newest first.
-- cursor: as p_after it continues behind its row; rows that come in meanwhile shift nothing.
create function search_jobs(
    p_query text default '', p_countries text[] default null, p_region text default null, p_city text default null,
    p_remote boolean default null, p_pay double precision default null, p_currency text default null,
    p_period text default null, p_source text default null, p_since timestamptz default null,
    p_until timestamptz default null, p_order text default 'newest', p_limit integer default 50,
    p_after text default null, p_snippets boolean default false, p_open boolean default false)
returns table (id bigint, url text, source text, title text, company text, location_raw text, city text, region text,
               country text, countries text[], remote boolean, job_type text, salary_min double precision,
               salary_max double precision, salary_currency text, salary_period text, posted_at timestamptz,
               posted_precision text, first_seen_at timestamptz, listed_at timestamptz, rank real, snippet text,
               cursor text)
language plpgsql stable rows 50
set enable_seqscan = off set jit = off set plan_cache_mode = force_generic_plan
set extra_float_digits = 1  -- a rank in a cursor has to be exactly that rank
as $$
declare
    v_words tsquery := search_words(p_query);
    v_from text[] := search_position(p_after, p_order);
    v_countries text[] := (select array_agg(distinct upper(c)) from unnest(p_countries) c where c ~ '\S');
    v_since timestamptz := coalesce(p_since, '-infinity');
    v_at timestamptz := coalesce(p_until, 'infinity');
    v_id bigint := 9223372036854775807;
    v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 10000);
    v_ids bigint[];
    v_ranks real[];
    v_ends text;
begin
    if p_order = 'relevance' then
        if v_words is null then
            raise exception 'order relevance needs words to search for' using errcode = '22023';
        end if;
        if v_from is not null then
            -- The candidates stay those of the first page.
            v_at := from_micros(v_from[4]::bigint);
            v_id := v_from[5]::bigint + 1;
            v_since := greatest(v_since, from_micros(v_from[6]::bigint));
        end if;
        with candidates as materialized (
            select n.id, n.listed_at
            from newest_open_jobs(p_open, v_words, v_countries, p_region, p_city, p_remote, p_pay, upper(p_currency),
                                  lower(p_period), p_source, v_since, v_at, v_id,
                                  case when v_from is null then 500 else 1000 end) n
            where v_from is null or (to_micros(n.listed_at), n.id) >= (v_from[6]::bigint, v_from[7]::bigint)
        ), ends as (
            select (array_agg(to_micros(c.listed_at) || '_' || c.id order by c.listed_at desc, c.id desc))[1] || '_'
                   || (array_agg(to_micros(c.listed_at) || '_' || c.id order by c.listed_at, c.id))[1] as both_ends
            from candidates c
        ), ranked as (
            select c.id, c.listed_at, ts_rank(j.search, v_words) as rank
            from candidates c join jobs j on j.id = c.id
        ), page as (
            select r.id, r.listed_at, r.rank from ranked r
            where v_from is null
               or (r.rank, to_micros(r.listed_at), r.id) < (v_from[8]::real, v_from[2]::bigint, v_from[3]::bigint)
            order by r.rank desc, r.listed_at desc, r.id desc
            limit v_limit
        )
        select array_agg(p.id order by p.rank desc, p.listed_at desc, p.id desc),
               array_agg(p.rank order by p.rank desc, p.listed_at desc, p.id desc),
               coalesce((select both_ends from ends), '')
        into v_ids, v_ranks, v_ends from page p;
    else
        if v_from is not null then
            v_at := least(v_at, from_micros(v_from[2]::bigint));
            v_id := case when v_at = from_micros(v_from[2]::bigint) then v_from[3]::bigint else v_id end;
        end if;
        select array_agg(n.id)
        into v_ids
        from newest_open_jobs(p_open, v_words, v_countries, p_region, p_city, p_remote, p_pay, upper(p_currency),
                              lower(p_period), p_source, v_since, v_at, v_id, v_limit) n;
    end if;
    return query
    select j.id, j.url, j.source, j.title, j.company, j.location_raw, j.city, j.region, j.country, j.countries, j.remote,
           j.job_type, j.salary_min, j.salary_max, j.salary_currency, j.salary_period, j.posted_at, j.posted_precision,
           j.first_seen_at, j.listed_at, v_ranks[i.place::integer],
           case when p_snippets then
               ts_headline('english', left(j.description, 10000), coalesce(v_words, '''|'''),
                           'MaxFragments=1, MaxWords=30, MinWords=15')
           end,
           p_order || '_' || to_micros(j.listed_at) || '_' || j.id
               || case when p_order = 'relevance'
                       then '_' || coalesce(v_from[4] || '_' || v_from[5] || '_' || v_from[6] || '_' || v_from[7], v_ends)
                            || '_' || v_ranks[i.place::integer]
                       else '' end
    from unnest(v_ids) with ordinality i (id, place) join jobs j on j.id = i.id
    order by i.place;
end
$$;
