-- The settings that decide how long a stuck lock lives, as SHOW prints them, with where they come from. A version that does
-- not have one has no row of it. %1: their names, written by the console.
-- The console's own session has some of them for itself, which says nothing of others: of those what the session began
-- with, in milliseconds as they all are, made readable the way SHOW does it.
SELECT s.name,
       CASE WHEN s.source OPERATOR(pg_catalog.<>) 'session' OR s.unit IS NULL
              OR s.unit OPERATOR(pg_catalog.<>) 'ms'
            THEN pg_catalog.current_setting(s.name, true)
            WHEN s.reset_val OPERATOR(pg_catalog.=) '0' THEN '0'
            WHEN s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog.%) 86400000::pg_catalog.int8 OPERATOR(pg_catalog.=) 0
            THEN pg_catalog.concat(s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog./) 86400000::pg_catalog.int8, 'd')
            WHEN s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog.%) 3600000::pg_catalog.int8 OPERATOR(pg_catalog.=) 0
            THEN pg_catalog.concat(s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog./) 3600000::pg_catalog.int8, 'h')
            WHEN s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog.%) 60000::pg_catalog.int8 OPERATOR(pg_catalog.=) 0
            THEN pg_catalog.concat(s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog./) 60000::pg_catalog.int8, 'min')
            WHEN s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog.%) 1000::pg_catalog.int8 OPERATOR(pg_catalog.=) 0
            THEN pg_catalog.concat(s.reset_val::pg_catalog.int8 OPERATOR(pg_catalog./) 1000::pg_catalog.int8, 's')
            ELSE pg_catalog.concat(s.reset_val, 'ms') END,
       CASE WHEN s.source OPERATOR(pg_catalog.<>) 'session' THEN s.source
            WHEN s.reset_val OPERATOR(pg_catalog.=) s.boot_val THEN 'default'
            ELSE 'configuration, database or role' END,
       s.pending_restart
  FROM pg_catalog.pg_show_all_settings() AS s
 WHERE s.name = ANY ('{%1}'::text[])
