-- Search: words, places and days answered by one GIN index, newest first. Rewrites jobs once.

-- The day of an instant (UTC, days since 1970); what lies outside 1900 to 2262 counts as of its edge.
create function job_day(p_at timestamptz) returns integer language sql immutable parallel safe
return (greatest(least(p_at, '2262-01-01 00:00+00'), '1900-01-01 00:00+00') at time zone 'UTC')::date - '1970-01-01'::date;

-- What can be asked for beside words, as words: no text yields a lexeme with a bar in it, so none can pretend to be one.
-- '|DAY', 'COUNTRY|DAY' of each country, 'c|city' and 'r|region' of each place, 's|source'.
create function job_tags(p_at timestamptz, p_source text, p_country text, p_countries text[], p_city text, p_region text,
                         p_locations jsonb) returns tsvector
language sql immutable parallel safe
as $$
    select array_to_tsvector(array_agg(tag))
    from (
        select '|' || job_day(p_at) as tag
        union all select 's|' || left(p_source, 200)
        union all select left(country, 20) || '|' || job_day(p_at) from unnest(p_countries || p_country) country
        union all select 'c|' || lower(left(p_city, 100))
        union all select 'r|' || lower(left(p_region, 100))
        union all
        select kind || lower(left(name, 100))
        from jsonb_array_elements(case jsonb_typeof(p_locations) when 'array' then p_locations else '[]' end) place
        cross join lateral (values ('c|', place ->> 'city'), ('r|', place ->> 'region')) v (kind, name)) t
    where tag is not null
$$;

-- One lexeme as a query.
create function tag_query(p_tag text) returns text language sql immutable parallel safe
return '''' || replace(replace(p_tag, '\', '\\'), '''', '''''') || '''';

drop index jobs_country_posted_idx, jobs_first_seen_idx;
alter table jobs
    drop column search,  -- and jobs_search_idx
    add column listed_at timestamptz not null generated always as (coalesce(posted_at, first_seen_at)) stored,
    add column search tsvector generated always as (
        setweight(to_tsvector('english', coalesce(title, '')), 'A')
        || setweight(to_tsvector('english', coalesce(company, '')), 'B')
        || setweight(to_tsvector('english', coalesce(left(description, 60000), '')), 'C')
        || job_tags(coalesce(posted_at, first_seen_at), source, country, countries, city, region, locations)) stored;
create index jobs_search_idx on jobs using gin (search);
create index jobs_listed_idx on jobs (listed_at desc, id desc);

-- The newest p_most jobs before (p_at, p_id) and not before p_since, newest first. p_words null: any.
-- No way asks the statistics: each is left when it turns out to be the wrong one. Along the days, looking into each
-- job: right while many of them fit. Else by the index, for one day and then for as many as it will take by what that
-- day gave: the jobs of these places and days, looked into, while many of them have the words (to ask the index for a
-- word of every second job costs more), else with the words.
create function newest_jobs(p_words tsquery, p_countries text[], p_region text, p_city text, p_remote boolean,
                            p_pay double precision, p_currency text, p_period text, p_source text,
                            p_since timestamptz, p_at timestamptz, p_id bigint, p_most integer)
returns table (id bigint, listed_at timestamptz)
language plpgsql stable rows 50
set enable_seqscan = off set enable_sort = off set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
    v_tags tsquery := (select string_agg(tag_query(kind || lower(left(name, 100))), ' & ')
                       from (values ('c|', p_city), ('r|', p_region)) v (kind, name) where name is not null);
    v_source tsquery := tag_query('s|' || left(p_source, 200));
    v_countries text[] := coalesce(p_countries, '{""}');
    v_widest integer := greatest(1, 64 / cardinality(coalesce(p_countries, '{""}')));
    v_width integer := 1;
    v_most integer := p_most;
    v_found integer := 0;
    v_looked integer := 0;
    v_tried integer := 0;  -- looked into for words, and
    v_hits integer := 0;  -- had them
    v_patience integer := case when p_most <= 100 then 12 else 2 end;
    v_try boolean;
    v_fits boolean;
    v_more boolean := false;
    v_dense boolean;
    v_oldest integer;
    v_first integer;
    v_last integer;
    v_query tsquery;
begin
    v_tags := case when v_tags is null then v_source when v_source is null then v_tags else v_tags && v_source end;
    v_tags := case when v_tags is null then p_words when p_words is null then v_tags else v_tags && p_words end;
    for id, listed_at, v_try, v_fits in
        select n.id, n.listed_at, n.try, case when n.try then v_tags is null or n.search @@ v_tags else false end
        from (
            select j.id, j.listed_at, j.search,
                   coalesce((p_countries is null or j.countries && p_countries or j.country = any(p_countries))
                            and (p_remote is null or j.remote = p_remote)
                            and (p_pay is null or greatest(j.salary_min, j.salary_max) >= p_pay)
                            and (p_currency is null or j.salary_currency = p_currency)
                            and (p_period is null or j.salary_period = p_period), false) as try
            from jobs j
            where (j.listed_at, j.id) < (p_at, p_id) and j.listed_at >= p_since
            order by j.listed_at desc, j.id desc) n
    loop
        p_at := listed_at;
        p_id := id;
        v_looked := v_looked + 1;
        v_tried := v_tried + v_try::integer;
        if v_fits then
            return next;
            v_found := v_found + 1;
        end if;
        v_more := v_found < p_most and (v_tags is not null or p_countries is not null)
                  and (v_looked >= 400 and v_found * 12 < v_looked
                       or v_tags is not null and v_tried >= 60 and v_found * v_patience < v_tried);
        exit when v_found = p_most or v_more;
    end loop;
    if not v_more then
        return;
    end if;
    v_most := p_most - v_found;
    v_hits := v_found;

    select job_day(greatest(p_since, j.listed_at)) into v_oldest
    from jobs j order by j.listed_at, j.id limit 1;
    loop
        -- Days without any job are passed over.
        select job_day(j.listed_at) into v_last
        from jobs j where (j.listed_at, j.id) < (p_at, p_id) and j.listed_at >= p_since
        order by j.listed_at desc, j.id desc limit 1;
        exit when v_last is null;
        v_first := greatest(v_oldest, v_last - v_width + 1);
        select string_agg(tag_query(country || '|' || day), ' | ')::tsquery into v_query
        from unnest(v_countries) country, generate_series(v_first, v_last) day;
        v_dense := v_tags is null or p_countries is not null and p_remote is null and p_pay is null
                                     and v_hits * v_patience >= v_tried;
        v_found := 0;
        v_more := false;
        for id, listed_at, v_fits in
            with matches as materialized (
                select j.id, j.listed_at, j.search
                from jobs j
                where j.search @@ (case when v_dense then v_query else v_tags && v_query end)
                    and (p_remote is null or j.remote = p_remote)
                    and (p_pay is null or greatest(j.salary_min, j.salary_max) >= p_pay)
                    and (p_currency is null or j.salary_currency = p_currency)
                    and (p_period is null or j.salary_period = p_period)
            ), sorted as (
                select m.id, m.listed_at, m.search
                from matches m
                where (m.listed_at, m.id) < (p_at, p_id) and m.listed_at >= p_since
                order by m.listed_at desc, m.id desc
                offset 0)
            select s.id, s.listed_at, not v_dense or v_tags is null or s.search @@ v_tags from sorted s
        loop
            v_tried := v_tried + v_dense::integer;
            if v_fits then
                return next;
                v_found := v_found + 1;
                v_hits := v_hits + v_dense::integer;
            end if;
            v_more := v_dense and v_tags is not null and v_tried >= 60 and v_hits * v_patience < v_tried;
            exit when v_found = v_most or v_more;
        end loop;
        if v_more and v_found < v_most then
            v_most := v_most - v_found;
            p_at := listed_at;
            p_id := id;
            continue;
        end if;
        v_most := v_most - v_found;
        exit when v_most = 0 or v_first <= v_oldest;
        p_at := ('1970-01-01'::date + v_first)::timestamp at time zone 'UTC';
        p_id := 0;
        v_width := least(v_widest, v_width * 8, greatest(1, v_width * v_most * 5 / 4 / greatest(v_found, 1)));
    end loop;
end
$$;
