-- Who else holds one advisory key of this database at this moment: classid %1, objid %2, objsubid %3, digits only.
-- pid is NULL for a prepared transaction. The database is read from the own backend, not from pg_database: a shared
-- catalog needs a lock table entry, and there may be none left.
SELECT l.pid, a.application_name, l.mode
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.granted
   AND l.classid::int8 = %1
   AND l.objid::int8 = %2
   AND l.objsubid = %3
   AND l.database = (SELECT own.datid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own)
   AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
 ORDER BY l.pid
