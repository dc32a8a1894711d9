-- Settings of an operator session, whatever role and database say: no name is found by a search path, no WARNING is
-- hidden, a text literal is what it looks like, and a wait ends when the person wants it to.
SELECT pg_catalog.set_config('search_path', 'pg_catalog', false),
       pg_catalog.set_config('client_min_messages', 'notice', false),
       pg_catalog.set_config('standard_conforming_strings', 'on', false),
       pg_catalog.set_config('statement_timeout', '0', false),
       pg_catalog.set_config('lock_timeout', '0', false)
