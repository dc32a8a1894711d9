-- As described of pgAdmin 4 (2026-08), locks of the State tab with a database selected: rows of pg_locks whose database has that name,
-- relations and classes by regclass. It names no blocker. Rows that are granted are no waits and have no waiter_pid here.
SELECT CASE WHEN NOT l.granted THEN l.pid END AS waiter_pid,
       NULL::int4 AS blocker_pid,
       l.locktype,
       l.relation::regclass AS relation,
       l.page,
       l.tuple,
       l.virtualxid,
       l.classid::regclass AS class,
       l.objid,
       l.virtualtransaction,
       l.mode,
       l.granted
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = l.database
 WHERE d.datname = pg_catalog.current_database()
 ORDER BY l.pid
