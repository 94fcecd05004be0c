-- Dates that a site stated and nobody could read: samples, so that what is missing is seen before it is missed.
create table unread_values (
    source text not null,
    field text not null,
    sample text not null,                 -- '': all that are not among the samples
    count bigint not null,                -- how often it was met
    last_seen_at timestamptz not null default clock_timestamp(),
    constraint unread_values_pkey primary key (source, field, sample),
    -- Of the other fields the table of jobs itself keeps what the site said.
    constraint unread_values_field_known check (field in ('posted', 'valid_through')),
    -- Nobody reads more of one, and the key has to stay short.
    constraint unread_values_sample_short check (length(sample) <= 200),
    -- What was never met has no row.
    constraint unread_values_count_positive check (count > 0)
);

-- Adds what a run could not read. Of each source and field the twenty met last stay; the others are only counted.
create function note_unread(p_run_id bigint, p_epoch bigint, p_values jsonb) returns void language plpgsql as $$
declare
    v_source text;
begin
    select source into v_source from scrape_runs where id = p_run_id and epoch = p_epoch and finished_at is null;
    if not found then
        return;
    end if;
    perform set_config('lock_timeout', '200ms', true);  -- it is not worth waiting for
    insert into unread_values as u (source, field, sample, count)
    select v_source, x.field, x.sample, x.count
    from jsonb_to_recordset(p_values) as x (field text, sample text, count bigint)
    order by x.field, x.sample collate "C"
    on conflict (source, field, sample) do update
    set count = u.count + excluded.count, last_seen_at = clock_timestamp();

    with ranked as (
        select field, sample, row_number() over (partition by field order by last_seen_at desc, sample) as place
        from unread_values
        where source = v_source and sample <> ''
    ), gone as (
        delete from unread_values u using ranked r
        where u.source = v_source and u.field = r.field and u.sample = r.sample and r.place > 20
        returning u.field, u.count
    )
    insert into unread_values as u (source, field, sample, count)
    select v_source, field, '', sum(count) from gone group by field
    on conflict (source, field, sample) do update
    set count = u.count + excluded.count, last_seen_at = clock_timestamp();
end
$$;
