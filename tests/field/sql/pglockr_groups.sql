-- As described of pglockr (2026-06), lock inspector: what each group of locks is called.
SELECT l.pid,
       coalesce(l.relation::regclass::text, l.locktype) AS shown
  FROM pg_catalog.pg_locks AS l
 WHERE l.granted AND l.locktype IN ('advisory', 'relation')
 ORDER BY l.pid
