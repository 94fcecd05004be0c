-- Pages kept for conditional requests: what a URL answered when it was last fetched whole, so that "not modified" is
-- as good as the page itself. Losing a row costs one transfer.
create table kept_pages (
    node_id bigint not null constraint kept_pages_node_id_fkey references nodes on delete cascade,
    -- As it was sent, with secrets as ${NAME}. Keys of an index have to be short.
    url text not null constraint kept_pages_url_short check (octet_length(url) <= 2000),
    etag text,
    last_modified text,                   -- as the host wrote it: it wants it back letter by letter
    headers jsonb not null default '{}',
    body bytea,                           -- compressed (zlib); null: not worth keeping, do not try again
    size bigint not null default 0        -- of the body before compression
        constraint kept_pages_size_not_negative check (size >= 0),
    digest bytea,                         -- of the body before compression
    -- Fetched whole so many times in a row although asked whether it had changed.
    changes integer not null default 0
        constraint kept_pages_changes_not_negative check (changes >= 0),
    fetched_at timestamptz not null default clock_timestamp(),
    used_at timestamptz not null default clock_timestamp(),  -- to the day: a page that is used is not written each time
    constraint kept_pages_pkey primary key (node_id, url),
    constraint kept_pages_body_has_validator
        check (body is null or (digest is not null and num_nonnulls(etag, last_modified) > 0))
) with (fillfactor = 80);

-- The body is compressed already: the server would only try in vain.
alter table kept_pages alter column body set storage external;

-- What a run has to know to ask conditionally: [url, etag, last_modified, digest, changes, bytes kept] of the pages
-- that its node used last. The bodies stay where they are until they are wanted.
create function kept_validators(p_node_id bigint, p_most integer) returns json language sql stable as $$
    select coalesce(json_agg(json_build_array(k.url, k.etag, k.last_modified, encode(k.digest, 'hex'), k.changes,
                                              coalesce(octet_length(k.body), 0))), '[]')
    from (select * from kept_pages where node_id = p_node_id order by used_at desc limit p_most) k
$$;

-- Keeps pages of a run; the arrays run in parallel. Whoever comes later has the newer page. Nobody waits for it: a row
-- that somebody holds stays as it is.
create function keep_pages(p_node_id bigint, p_urls text[], p_etags text[], p_last_modified text[], p_headers text[],
                           p_bodies bytea[], p_sizes bigint[], p_digests bytea[], p_changes integer[])
returns void language plpgsql as $$
begin
    perform set_config('lock_timeout', '200ms', true);
    insert into kept_pages as k (node_id, url, etag, last_modified, headers, body, size, digest, changes)
    select p_node_id, x.url, x.etag, x.last_modified, x.headers::jsonb, x.body, x.size, x.digest, x.changes
    from unnest(p_urls, p_etags, p_last_modified, p_headers, p_bodies, p_sizes, p_digests, p_changes)
        as x (url, etag, last_modified, headers, body, size, digest, changes)
    order by x.url collate "C"
    on conflict (node_id, url) do update
    set etag = excluded.etag, last_modified = excluded.last_modified, headers = excluded.headers, body = excluded.body,
        size = excluded.size, digest = excluded.digest, changes = excluded.changes,
        fetched_at = excluded.fetched_at, used_at = excluded.used_at;
end
$$;
