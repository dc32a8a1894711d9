-- Limits how long this session can wait should its program be killed: times in milliseconds. A role's own statement_timeout would end
-- takes that the run wants to wait. One statement for every version: there is no row for what came with 14, and outside Linux some
-- servers refuse any value for it.
SELECT pg_catalog.set_config(s.name,
                             CASE WHEN s.name OPERATOR(pg_catalog.=) 'lock_timeout' THEN ':lock_timeout'
                                  WHEN s.name OPERATOR(pg_catalog.=) 'statement_timeout' THEN '0'
                                  ELSE ':check_interval' END,
                             false)
  FROM pg_catalog.pg_settings AS s
 WHERE s.name OPERATOR(pg_catalog.=) ANY ('{lock_timeout,statement_timeout}'::pg_catalog.text[])
    OR (s.name OPERATOR(pg_catalog.=) 'client_connection_check_interval'
        AND pg_catalog.version() OPERATOR(pg_catalog.~) 'linux')
