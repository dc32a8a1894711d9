-- As described of pgwatch (2026-08), blocking_locks, and of postgres.ai (2026-02), lock_waits: a self-join over relation or transaction,
-- without idle sessions.
SELECT w.pid AS waiter_pid,
       h.pid AS blocker_pid,
       w.mode AS waiter_mode,
       h.mode AS blocker_mode,
       wa.query AS waiter_query,
       ha.query AS blocker_query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_locks AS h ON (h.relation = w.relation OR h.transactionid = w.transactionid) AND h.pid <> w.pid
  JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = w.pid
  JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = h.pid
 WHERE NOT w.granted AND h.granted AND wa.state <> 'idle' AND ha.state <> 'idle'
