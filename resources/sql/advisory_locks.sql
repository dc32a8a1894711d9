-- Every advisory lock, gathered by holder: one row for each backend, mode and database carries all its keys, so 100 000
-- locks of 100 backends travel as 100 rows. pg_blocking_pids runs once for each waiting backend and never for holders.
-- Numbers leave as int8 because libpq's oid and xid are text to most readers, and a timestamp loses microseconds.
-- Waiting rows of other types come along, to tell that a chain of waiting crosses types: then all_locks.sql is asked. So does the
-- transaction of each prepared one, which has no pid and is known by that row alone. Rows of other types have no objsubid here (the type
-- itself in each group would cost more), and their keys are transaction ids or nothing.
-- The function is what the view pg_locks reads. Unlike the view it needs no row of pg_class, which somebody may have locked.
SELECT l.pid,
       l.virtualtransaction,
       l.database::int8,
       l.mode,
       l.granted,
       CASE WHEN l.locktype = 'advisory' THEN l.objsubid END AS objsubid,
       (extract(epoch FROM l.waitstart) OPERATOR(pg_catalog.*) 1000000)::int8 AS wait_start,
       CASE WHEN NOT l.granted THEN pg_catalog.pg_blocking_pids(l.pid) END AS blockers,
       pg_catalog.array_agg(coalesce(l.classid::int8 << 32 | l.objid::int8, l.transactionid::text::int8)) AS keys
  FROM pg_catalog.pg_lock_status() AS l
 WHERE l.locktype = 'advisory'
    OR NOT l.granted
    OR (l.pid IS NULL AND l.locktype = 'transactionid')
 GROUP BY l.pid, l.virtualtransaction, l.database, l.mode, l.granted, CASE WHEN l.locktype = 'advisory' THEN l.objsubid END, l.waitstart
