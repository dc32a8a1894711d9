-- As described of the statement in the PostgreSQL wiki and its many copies: a self-join over all ten columns of the object, with the sessions
-- of both sides.
SELECT w.pid AS waiter_pid,
       h.pid AS blocker_pid,
       wa.query AS waiter_query,
       ha.query AS blocker_query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = w.pid
  JOIN pg_catalog.pg_locks AS h
    ON h.locktype IS NOT DISTINCT FROM w.locktype
   AND h.database IS NOT DISTINCT FROM w.database
   AND h.relation IS NOT DISTINCT FROM w.relation
   AND h.page IS NOT DISTINCT FROM w.page
   AND h.tuple IS NOT DISTINCT FROM w.tuple
   AND h.virtualxid IS NOT DISTINCT FROM w.virtualxid
   AND h.transactionid IS NOT DISTINCT FROM w.transactionid
   AND h.classid IS NOT DISTINCT FROM w.classid
   AND h.objid IS NOT DISTINCT FROM w.objid
   AND h.objsubid IS NOT DISTINCT FROM w.objsubid
   AND h.pid <> w.pid
  JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = h.pid
 WHERE NOT w.granted
