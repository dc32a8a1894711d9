-- As described of temBoard (2025-12), locks of the activity page: pg_blocking_pids, and of each blocker its row of an exclusive kind on what
-- is waited for. Which columns make the object depends on the type; of advisory locks objid and objsubid.
SELECT w.pid AS waiter_pid,
       h.pid AS blocker_pid,
       w.waitstart,
       wa.query AS waiter_query,
       ha.query AS blocker_query
  FROM pg_catalog.pg_locks AS w
 CROSS JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS b (pid)
  JOIN pg_catalog.pg_locks AS h
    ON h.pid = b.pid
   AND h.mode LIKE '%Exclusive%'
   AND h.locktype = w.locktype
   AND CASE w.locktype
           WHEN 'relation' THEN h.database = w.database AND h.relation = w.relation
           WHEN 'extend' THEN h.database = w.database AND h.relation = w.relation
           WHEN 'page' THEN h.database = w.database AND h.relation = w.relation AND h.page = w.page
           WHEN 'tuple' THEN h.database = w.database AND h.relation = w.relation AND h.page = w.page AND h.tuple = w.tuple
           WHEN 'transactionid' THEN h.transactionid = w.transactionid
           WHEN 'virtualxid' THEN h.virtualxid = w.virtualxid
           WHEN 'advisory' THEN h.objid = w.objid AND h.objsubid = w.objsubid
           ELSE h.classid = w.classid AND h.objid = w.objid
       END
  JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = w.pid
  JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = h.pid
 WHERE NOT w.granted
