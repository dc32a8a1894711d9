-- One look of the release watch. First the backend :pid with its start in microseconds (0: not known; a start that this role may
-- not see proves nothing, so the pid alone counts), then the advisory locks of that backend and of those that waited for it.
-- Two functions are one statement but not one snapshot: a backend may vanish between them.
SELECT 0 AS part,
       a.pid,
       NULL::bool AS granted,
       NULL::int8 AS classid,
       NULL::int8 AS objid,
       NULL::int8 AS objsubid
  FROM pg_catalog.pg_stat_get_activity(:pid) AS a
 WHERE :backend_start = 0
    OR coalesce((extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 = :backend_start, true)
 UNION ALL
SELECT 1,
       l.pid,
       l.granted,
       l.classid::int8,
       l.objid::int8,
       l.objsubid::int8
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype = 'advisory'
   AND l.pid = ANY ('{:watched}'::int4[])
