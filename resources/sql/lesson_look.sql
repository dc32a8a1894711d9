-- What a lesson looks at. First its own backends, by pid: start in microseconds, state, application_name, and whom they wait for,
-- whatever they wait for (wait_event is set a moment after a lock was queued for, so every active one is asked). Then every
-- advisory lock of those backends or on one of the lesson's keys (as classid, objid and objsubid, in three lists of the same length)
-- in any database, and for a prepared transaction its name, found by the row of its transaction id: pg_prepared_xact() does not
-- tell the virtual transaction that the other rows carry.
SELECT 0 AS part,
       a.pid,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS backend_start,
       a.state,
       a.application_name,
       CASE WHEN a.state = 'active' THEN pg_catalog.pg_blocking_pids(a.pid)::text ELSE '{}' END AS blockers,
       NULL::bool AS granted,
       NULL::text AS database,
       NULL::int8 AS classid,
       NULL::int8 AS objid,
       NULL::int8 AS objsubid,
       NULL::text AS gid
  FROM pg_catalog.pg_stat_get_activity(NULL) AS a
 WHERE a.pid = ANY ('{:lesson_backends}'::int4[])
 UNION ALL
SELECT 1,
       l.pid,
       NULL,
       l.mode,
       a.application_name,
       CASE WHEN l.granted THEN '{}' ELSE pg_catalog.pg_blocking_pids(l.pid)::text END,
       l.granted,
       d.datname::text,
       l.classid::int8,
       l.objid::int8,
       l.objsubid::int8,
       CASE WHEN l.pid IS NULL
            THEN (SELECT pg_catalog.min(p.gid)
                    FROM pg_catalog.pg_locks AS t
                    JOIN pg_catalog.pg_prepared_xact() AS p ON p.transaction = t.transactionid
                   WHERE t.locktype = 'transactionid'
                     AND t.pid IS NULL
                     AND t.virtualtransaction = l.virtualtransaction)
       END
  FROM pg_catalog.pg_locks AS l
  LEFT JOIN pg_catalog.pg_stat_get_activity(NULL) AS a ON a.pid = l.pid
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = l.database
 WHERE l.locktype = 'advisory'
   AND (l.pid = ANY ('{:lesson_backends}'::int4[])
        OR EXISTS (SELECT
                     FROM ROWS FROM (pg_catalog.unnest('{:lesson_classids}'::int8[]),
                                     pg_catalog.unnest('{:lesson_objids}'::int8[]),
                                     pg_catalog.unnest('{:lesson_objsubids}'::int8[])) AS k(classid, objid, objsubid)
                    WHERE k.classid = l.classid::int8
                      AND k.objid = l.objid::int8
                      AND k.objsubid = l.objsubid::int8))
