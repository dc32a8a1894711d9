-- advisory_locks.sql for PostgreSQL 13 and older, which do not know since when a lock is waited for.
SELECT l.pid,
       l.virtualtransaction,
       l.database::int8,
       l.mode,
       l.granted,
       l.objsubid,
       NULL::int8 AS wait_start,
       CASE WHEN NOT l.granted THEN pg_catalog.pg_blocking_pids(l.pid) END AS blockers,
       pg_catalog.array_agg(l.classid::int8 << 32 | l.objid::int8) AS keys
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype = 'advisory'
 GROUP BY l.pid, l.virtualtransaction, l.database, l.mode, l.granted, l.objsubid
