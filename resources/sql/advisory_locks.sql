-- Every advisory lock, gathered by holder: one row for each backend, mode and database carries all its keys, so 100 000
-- locks of 100 backends travel as 100 rows. pg_blocking_pids runs once for each waiting backend and never for holders.
-- Numbers leave as int8 because libpq's oid and xid are text to most readers, and a timestamp loses microseconds.
SELECT l.pid,
       l.virtualtransaction,
       l.database::int8,
       l.mode,
       l.granted,
       l.objsubid,
       (extract(epoch FROM l.waitstart) OPERATOR(pg_catalog.*) 1000000)::int8 AS wait_start,
       CASE WHEN NOT l.granted THEN pg_catalog.pg_blocking_pids(l.pid) END AS blockers,
       pg_catalog.array_agg(l.classid::int8 << 32 | l.objid::int8) AS keys
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype = 'advisory'
 GROUP BY l.pid, l.virtualtransaction, l.database, l.mode, l.granted, l.objsubid, l.waitstart
