-- As described of pglockr (2026-06), the snapshot that its forest is made of: client backends with pg_blocking_pids and the start of the wait;
-- blockers that are not among them are left out. The tool asks for pg_monitor when it starts.
WITH sessions AS (
    SELECT a.pid,
           a.query,
           pg_catalog.pg_blocking_pids(a.pid) AS blocked_by,
           (SELECT pg_catalog.min(l.waitstart) FROM pg_catalog.pg_locks AS l WHERE l.pid = a.pid AND NOT l.granted) AS wait_start
      FROM pg_catalog.pg_stat_activity AS a
     WHERE a.backend_type = 'client backend'
)
SELECT s.pid AS waiter_pid,
       b.pid AS blocker_pid,
       s.wait_start
  FROM sessions AS s
 CROSS JOIN LATERAL pg_catalog.unnest(s.blocked_by) AS b (pid)
 WHERE b.pid IN (SELECT pid FROM sessions)
