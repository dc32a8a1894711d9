-- As described of postgres_dba (2026-02), l2: pg_blocking_pids of every session that is not idle, walked from those who block and do not wait,
-- with the start of the wait. What it draws are the pairs that the walk comes along.
WITH RECURSIVE activity AS (
    SELECT a.pid,
           a.query,
           pg_catalog.pg_blocking_pids(a.pid) AS blocked_by
      FROM pg_catalog.pg_stat_activity AS a
     WHERE a.state IS DISTINCT FROM 'idle'
),
pairs AS (
    SELECT a.pid AS waiter, b.pid AS blocker
      FROM activity AS a
     CROSS JOIN LATERAL pg_catalog.unnest(a.blocked_by) AS b (pid)
),
walk (pid) AS (
    SELECT a.pid
      FROM activity AS a
     WHERE a.blocked_by = '{}' AND a.pid IN (SELECT blocker FROM pairs)
     UNION
    SELECT p.waiter
      FROM pairs AS p
      JOIN walk AS t ON t.pid = p.blocker
),
starts AS (
    SELECT l.pid, pg_catalog.min(l.waitstart) AS wait_start
      FROM pg_catalog.pg_locks AS l
     WHERE NOT l.granted
     GROUP BY l.pid
)
SELECT p.waiter AS waiter_pid,
       p.blocker AS blocker_pid,
       s.wait_start
  FROM pairs AS p
  JOIN walk AS t ON t.pid = p.blocker
  LEFT JOIN starts AS s ON s.pid = p.waiter
