-- Who holds the keys of a probe in this database, or waits for them: its pair and the bigint with the same bits (objsubid 1).
-- The own database is read from the own backend: pg_database could not be read while the lock table is full.
SELECT l.pid,
       l.objsubid,
       a.application_name
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.database = (SELECT own.datid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own)
   AND l.classid::int8 = :classid
   AND l.objid::int8 = :objid
   AND l.objsubid IN (1, 2)
 ORDER BY l.objsubid, l.pid
