-- As described of PgHero (2026-08), blocked queries: sessions of this database that wait, outer join to any row, granted or not, of the same
-- transaction, or of the same relation and type, and from there to sessions of the same database. Relations by regclass; sessions whose
-- query is hidden are left out.
SELECT w.pid AS waiter_pid,
       ha.pid AS blocker_pid,
       coalesce(h.relation::regclass::text, h.locktype) AS locked,
       wa.query AS waiter_query,
       ha.query AS blocker_query
  FROM pg_catalog.pg_locks AS w
  JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = w.pid
  LEFT JOIN pg_catalog.pg_locks AS h
    ON (h.transactionid = w.transactionid OR (h.relation = w.relation AND h.locktype = w.locktype)) AND h.pid <> w.pid
  LEFT JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = h.pid AND ha.datid = wa.datid
 WHERE NOT w.granted AND wa.query <> '<insufficient privilege>' AND wa.datname = pg_catalog.current_database()
