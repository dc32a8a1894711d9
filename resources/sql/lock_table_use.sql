-- How many entries of the shared lock table are taken. Fast-path locks (weak locks of tables that nobody contends for) take
-- none. Also who is connected, and how far back the oldest snapshot reaches: vacuum can remove nothing newer. The function is
-- what the view pg_locks reads; unlike the view it needs no row of pg_class, which somebody may have locked.
-- A role without pg_read_all_stats does not see the type of other roles' sessions, but their role and database, which of
-- all other processes only workers of a session have.
SELECT pg_catalog.count(*) FILTER (WHERE NOT l.fastpath),
       pg_catalog.count(*) FILTER (WHERE l.fastpath),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_get_activity(NULL) AS a
         WHERE a.backend_type = 'client backend'
            OR (a.backend_type IS NULL AND a.usesysid IS NOT NULL AND a.datid IS NOT NULL)),
       (SELECT pg_catalog.max(pg_catalog.age(a.backend_xmin)) FROM pg_catalog.pg_stat_get_activity(NULL) AS a
         WHERE a.backend_xmin IS NOT NULL)::int8,
       (extract(epoch FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000000)::int8
  FROM pg_catalog.pg_lock_status() AS l
