-- As described of the pganalyze collector (2026-08), without the helper functions one may install for it: one pass over pg_stat_activity,
-- pg_blocking_pids of those whose wait event is a lock.
SELECT a.pid AS waiter_pid,
       pg_catalog.unnest(CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(a.pid) END) AS blocker_pid,
       a.backend_start,
       a.state,
       a.query
  FROM pg_catalog.pg_stat_activity AS a
