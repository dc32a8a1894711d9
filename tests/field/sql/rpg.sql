-- As described of rpg (2026-04), \dba locks: a self-join over all ten columns of the object; the other row may be granted or not.
SELECT w.pid AS waiter_pid,
       h.pid AS blocker_pid
  FROM pg_catalog.pg_locks AS w
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
 WHERE NOT w.granted
