-- Statements on schema_versions: which numbered files a database has had.

-- name: lock_schema
-- One migration at a time; released with the transaction.
select pg_advisory_xact_lock(%(key)s);

-- name: create_versions
-- The table itself, in a database that has none yet.
create table if not exists schema_versions (
    version integer constraint schema_versions_pkey primary key,
    name text not null,
    applied_at timestamptz not null default clock_timestamp()
);

-- name: has_versions
-- Whether this database has ever been migrated.
select to_regclass('schema_versions') is not null as found;

-- name: newest_version
-- The newest file that has been applied; 0: none.
select coalesce(max(version), 0) as version from schema_versions;

-- name: note_version
-- Notes that a file has been applied.
insert into schema_versions (version, name) values (%(version)s, %(name)s);
