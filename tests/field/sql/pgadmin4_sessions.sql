-- As described of pgAdmin 4 (2026-08), sessions of the State tab: every row of pg_stat_activity with what pg_blocking_pids says of it.
SELECT a.pid AS waiter_pid,
       pg_catalog.unnest(pg_catalog.pg_blocking_pids(a.pid)) AS blocker_pid,
       a.state,
       a.query
  FROM pg_catalog.pg_stat_activity AS a
