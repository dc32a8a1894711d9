-- The advisory locks of this very session, granted and awaited. A backend takes advisory locks in its own database
-- only, so the pid is enough. On a server without free lock table entries this still answers: nothing is joined.
SELECT l.classid::int8, l.objid::int8, l.objsubid, l.mode, l.granted
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype = 'advisory'
   AND l.pid = pg_catalog.pg_backend_pid()
   AND l.objsubid IN (1, 2)
 ORDER BY l.objsubid, l.classid, l.objid, l.mode
