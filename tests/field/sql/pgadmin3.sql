-- As described of pgAdmin III (2016-11): the smallest pid of any granted lock on the same relation or transaction.
SELECT w.pid AS waiter_pid,
       (SELECT pg_catalog.min(h.pid)
          FROM pg_catalog.pg_locks AS h
         WHERE h.granted AND (h.relation = w.relation OR h.transactionid = w.transactionid)) AS blocker_pid
  FROM pg_catalog.pg_locks AS w
 WHERE NOT w.granted
