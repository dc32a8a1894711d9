-- As described of heroku-pg-extras and ruby-pg-extras (2026-07), "blocking": a self-join over the transaction only.
SELECT w.pid AS waiter_pid,
       h.pid AS blocker_pid,
       wa.query AS waiter_query,
       ha.query AS blocker_query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_locks AS h ON h.transactionid = w.transactionid AND h.pid <> w.pid
  JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = w.pid
  JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = h.pid
 WHERE NOT w.granted
