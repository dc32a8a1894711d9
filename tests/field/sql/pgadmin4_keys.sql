-- As described of pgAdmin 4 (2026-08), the locks grid without a selected database: the target of each lock that is held, as the grid shows
-- it. It has no column for objsubid.
SELECT l.pid,
       CASE WHEN l.relation IS NULL THEN l.classid::regclass::text || ' / ' || l.objid ELSE l.relation::regclass::text END AS shown
  FROM pg_catalog.pg_locks AS l
 WHERE l.granted AND l.locktype IN ('advisory', 'relation')
 ORDER BY l.pid
