-- advisory_locks.sql for PostgreSQL 13 and older, which do not know since when a lock is waited for.
SELECT l.pid,
       l.virtualtransaction,
       l.database::int8,
       l.mode,
       l.granted,
       CASE WHEN l.locktype = 'advisory' THEN l.objsubid END AS objsubid,
       NULL::int8 AS wait_start,
       CASE WHEN NOT l.granted THEN pg_catalog.pg_blocking_pids(l.pid) END AS blockers,
       pg_catalog.array_agg(coalesce(l.classid::int8 << 32 | l.objid::int8, l.transactionid::text::int8)) AS keys
  FROM pg_catalog.pg_lock_status() AS l
 WHERE l.locktype = 'advisory'
    OR NOT l.granted
    OR (l.pid IS NULL AND l.locktype = 'transactionid')
 GROUP BY l.pid, l.virtualtransaction, l.database, l.mode, l.granted, CASE WHEN l.locktype = 'advisory' THEN l.objsubid END
