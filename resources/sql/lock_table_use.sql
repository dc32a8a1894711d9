-- How many entries of the shared lock table are taken. Fast-path locks (weak locks of tables that nobody contends for) take
-- none. Also who is connected, and how far back the oldest snapshot reaches: vacuum can remove nothing newer.
SELECT pg_catalog.count(*) FILTER (WHERE NOT l.fastpath),
       pg_catalog.count(*) FILTER (WHERE l.fastpath),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_get_activity(NULL) AS a WHERE a.backend_type = 'client backend'),
       (SELECT pg_catalog.max(pg_catalog.age(a.backend_xmin)) FROM pg_catalog.pg_stat_get_activity(NULL) AS a
         WHERE a.backend_xmin IS NOT NULL)::int8,
       (extract(epoch FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000000)::int8
  FROM pg_catalog.pg_locks AS l
