-- What the backends of a pool hold, session- and transaction-level alike: pg_locks does not tell them apart. A backend takes
-- advisory locks in its own database only, so the pid is enough. Nothing is joined, so this answers with a full lock table, too.
SELECT l.pid, l.classid::int8, l.objid::int8, l.objsubid
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype = 'advisory'
   AND l.granted
   AND l.objsubid IN (1, 2)
   AND l.pid = ANY ('{:watched}'::int4[])
 ORDER BY l.pid, l.objsubid, l.classid, l.objid
