-- As described of pg_activity (2026-06), blocking view: granted rows of the same type, of any mode, on the transaction, virtual transaction
-- or relation that somebody waits for, relations by regclass. It lists the holders; the pairs are those of its joins.
SELECT w.pid AS waiter_pid,
       h.pid AS blocker_pid,
       h.relation::regclass,
       h.mode,
       a.query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_locks AS h ON h.transactionid = w.transactionid AND h.locktype = w.locktype
  JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid
 WHERE NOT w.granted AND h.granted AND h.pid <> w.pid
 UNION
SELECT w.pid,
       h.pid,
       h.relation::regclass,
       h.mode,
       a.query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_locks AS h ON h.virtualxid = w.virtualxid AND h.locktype = w.locktype
  JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid
 WHERE NOT w.granted AND h.granted AND h.pid <> w.pid
 UNION
SELECT w.pid,
       h.pid,
       h.relation::regclass,
       h.mode,
       a.query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_locks AS h ON h.database = w.database AND h.relation = w.relation AND h.locktype = w.locktype
  JOIN pg_catalog.pg_stat_activity AS a ON a.pid = h.pid
 WHERE NOT w.granted AND h.granted AND h.pid <> w.pid
