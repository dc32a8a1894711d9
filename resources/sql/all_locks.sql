-- Every lock of every type, one row each. No names: a look-up in pg_class waits behind whoever has locked it, and so may the view
-- pg_locks, which is a row of pg_class itself; the function is what it reads. The reader leaves itself out.
SELECT l.pid,
       l.virtualtransaction,
       l.database::int8,
       l.mode,
       l.granted,
       l.objsubid,
       (extract(epoch FROM l.waitstart) OPERATOR(pg_catalog.*) 1000000)::int8 AS wait_start,
       CASE WHEN NOT l.granted THEN pg_catalog.pg_blocking_pids(l.pid) END AS blockers,
       l.classid::int8,
       l.objid::int8,
       l.locktype,
       l.relation::int8,
       l.page,
       l.tuple,
       l.virtualxid,
       l.transactionid
  FROM pg_catalog.pg_lock_status() AS l
 WHERE l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
