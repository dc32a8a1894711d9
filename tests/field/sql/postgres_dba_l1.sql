-- As described of postgres_dba (2026-02), l1: waiting rows joined to granted ones of the same object by "is not distinct from", walked from
-- those who do not wait, or who stand in a cycle. Modes are compared in a way that never matches, so they are left out here. What it draws
-- are the pairs that the walk comes along.
WITH RECURSIVE locks AS (
    SELECT l.pid,
           l.granted,
           ROW (l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid::text, l.classid, l.objid, l.objsubid) AS object
      FROM pg_catalog.pg_locks AS l
),
pairs AS (
    SELECT DISTINCT w.pid AS waiter, h.pid AS blocker
      FROM locks AS w
      JOIN locks AS h ON h.object IS NOT DISTINCT FROM w.object AND h.granted AND h.pid <> w.pid
     WHERE NOT w.granted
),
reaches (first, last) AS (
    SELECT blocker, waiter
      FROM pairs
     UNION
    SELECT r.first, p.waiter
      FROM reaches AS r
      JOIN pairs AS p ON p.blocker = r.last
),
walk (pid) AS (
    SELECT p.blocker
      FROM pairs AS p
     WHERE NOT EXISTS (SELECT 1 FROM pairs AS o WHERE o.waiter = p.blocker)
        OR EXISTS (SELECT 1 FROM reaches AS r WHERE r.first = p.blocker AND r.last = p.blocker)
     UNION
    SELECT p.waiter
      FROM pairs AS p
      JOIN walk AS t ON t.pid = p.blocker
)
SELECT p.waiter AS waiter_pid,
       p.blocker AS blocker_pid,
       wa.query AS waiter_query,
       ha.query AS blocker_query
  FROM pairs AS p
  JOIN walk AS t ON t.pid = p.blocker
  JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = p.waiter
  JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = p.blocker
