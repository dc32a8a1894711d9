-- What the release watch must know before a client ends: what backend :pid holds, and everybody who waits for an advisory lock.
SELECT l.pid,
       l.granted,
       l.database::int8,
       l.classid::int8,
       l.objid::int8,
       l.objsubid::int8,
       a.application_name
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND (l.pid = :pid OR NOT l.granted)
