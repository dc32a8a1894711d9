-- Who holds advisory keys of this database at this moment, for keys whose halves are among :classid and :objid (the caller picks the
-- very pairs). Starts of backends in microseconds since 1970, because the operating system gives a pid out again. pid is NULL for a
-- prepared transaction. The own database is read from the own backend: pg_database could not be read while the lock table is full.
SELECT l.pid,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS backend_start,
       l.classid::int8,
       l.objid::int8,
       l.objsubid::int8,
       a.application_name
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.granted
   AND l.database = (SELECT own.datid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own)
   AND l.classid::int8 = ANY ('{:classid}'::int8[])
   AND l.objid::int8 = ANY ('{:objid}'::int8[])
 ORDER BY l.objsubid, l.classid, l.objid, l.pid
