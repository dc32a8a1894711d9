-- Who holds one advisory key of this database or waits for it, and behind whom. pid is NULL for a prepared transaction.
-- The own database is read from the own backend: pg_database could not be read while the lock table is full.
SELECT l.pid,
       l.granted,
       l.mode,
       CASE WHEN l.granted THEN '{}' ELSE pg_catalog.pg_blocking_pids(l.pid)::text END AS blockers,
       a.application_name
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.database = (SELECT own.datid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own)
   AND l.classid::int8 = :classid
   AND l.objid::int8 = :objid
   AND l.objsubid = :objsubid
 ORDER BY l.granted DESC, l.pid
