-- How many sessions wait for an advisory key of one class: the queue of a contention run, whose keys are pairs with that
-- first number. classid is an oid, so the number is given as the unsigned value of its bits. The own database is read from the own
-- backend: pg_database could not be read while the lock table is full.
SELECT pg_catalog.count(*) AS waiting
  FROM pg_catalog.pg_locks AS l
 WHERE l.locktype = 'advisory'
   AND NOT l.granted
   AND l.objsubid = 2
   AND l.classid::pg_catalog.int8 = :class
   AND l.database = (SELECT own.datid FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own)
