-- Stands before a statement that waits, in the same message: two statements in one message are one transaction, so this ends with
-- it and no setting is left on a pooler's server connection. Milliseconds.
SELECT pg_catalog.set_config('lock_timeout', ':waiting', true)
