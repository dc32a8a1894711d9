-- The settings that decide how long a stuck lock lives, as SHOW prints them, with where they come from. A version that does
-- not have one has no row of it. %1: their names, written by the console.
SELECT s.name,
       pg_catalog.current_setting(s.name, true),
       s.source,
       s.pending_restart
  FROM pg_catalog.pg_show_all_settings() AS s
 WHERE s.name = ANY ('{%1}'::text[])
