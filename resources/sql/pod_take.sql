-- Asks for an advisory key (:key is "5" or "-5,7") and, when it is granted, draws a fencing token while it is held. txid_current()
-- gives this statement's own transaction its number when it is called, so after the lock was granted: the transaction has none
-- before, because the statement is not part of a larger one. Numbers are handed out one after another, 64 bits wide, so whoever
-- gets the key later draws a higher one; no table or sequence is made. MATERIALIZED by nature: a WITH query that calls a volatile
-- function is run once and first. A standby hands out no transaction numbers: there the token is NULL. The numbers start again
-- from an older one only where the server does: after a restore to an earlier moment, or a failover that lost transactions.
WITH taken AS (SELECT pg_catalog.pg_try_advisory_lock(:key) AS granted)
SELECT taken.granted,
       CASE WHEN taken.granted AND NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.txid_current() END AS token
  FROM taken
