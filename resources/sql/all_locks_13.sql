-- all_locks.sql for PostgreSQL 13 and older, which do not know since when a lock is waited for.
SELECT l.pid,
       l.virtualtransaction,
       l.database::int8,
       l.mode,
       l.granted,
       l.objsubid,
       NULL::int8 AS wait_start,
       CASE WHEN NOT l.granted THEN pg_catalog.pg_blocking_pids(l.pid) END AS blockers,
       l.classid::int8,
       l.objid::int8,
       l.locktype,
       l.relation::int8,
       l.page,
       l.tuple,
       l.virtualxid,
       l.transactionid
  FROM pg_catalog.pg_lock_status() AS l
 WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
