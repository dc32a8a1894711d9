-- As described of DBeaver CE (2024-10), lock manager: waiting rows joined to granted ones of the same type that conflict by a table of
-- modes and have the same text of transaction, relation, page and tuple. It keeps one blocker for each waiter, of the weakest mode;
-- among several nothing says which: tests look at all that it chooses from. It connects for each refresh.
WITH conflicts (requested, held) AS (
    VALUES ('AccessShareLock', 'AccessExclusiveLock'),
           ('RowShareLock', 'ExclusiveLock'),
           ('RowShareLock', 'AccessExclusiveLock'),
           ('RowExclusiveLock', 'ShareLock'),
           ('RowExclusiveLock', 'ShareRowExclusiveLock'),
           ('RowExclusiveLock', 'ExclusiveLock'),
           ('RowExclusiveLock', 'AccessExclusiveLock'),
           ('ShareUpdateExclusiveLock', 'ShareUpdateExclusiveLock'),
           ('ShareUpdateExclusiveLock', 'ShareLock'),
           ('ShareUpdateExclusiveLock', 'ShareRowExclusiveLock'),
           ('ShareUpdateExclusiveLock', 'ExclusiveLock'),
           ('ShareUpdateExclusiveLock', 'AccessExclusiveLock'),
           ('ShareLock', 'RowExclusiveLock'),
           ('ShareLock', 'ShareUpdateExclusiveLock'),
           ('ShareLock', 'ShareRowExclusiveLock'),
           ('ShareLock', 'ExclusiveLock'),
           ('ShareLock', 'AccessExclusiveLock'),
           ('ShareRowExclusiveLock', 'RowExclusiveLock'),
           ('ShareRowExclusiveLock', 'ShareUpdateExclusiveLock'),
           ('ShareRowExclusiveLock', 'ShareLock'),
           ('ShareRowExclusiveLock', 'ShareRowExclusiveLock'),
           ('ShareRowExclusiveLock', 'ExclusiveLock'),
           ('ShareRowExclusiveLock', 'AccessExclusiveLock'),
           ('ExclusiveLock', 'RowShareLock'),
           ('ExclusiveLock', 'RowExclusiveLock'),
           ('ExclusiveLock', 'ShareUpdateExclusiveLock'),
           ('ExclusiveLock', 'ShareLock'),
           ('ExclusiveLock', 'ShareRowExclusiveLock'),
           ('ExclusiveLock', 'ExclusiveLock'),
           ('ExclusiveLock', 'AccessExclusiveLock'),
           ('AccessExclusiveLock', 'AccessShareLock'),
           ('AccessExclusiveLock', 'RowShareLock'),
           ('AccessExclusiveLock', 'RowExclusiveLock'),
           ('AccessExclusiveLock', 'ShareUpdateExclusiveLock'),
           ('AccessExclusiveLock', 'ShareLock'),
           ('AccessExclusiveLock', 'ShareRowExclusiveLock'),
           ('AccessExclusiveLock', 'ExclusiveLock'),
           ('AccessExclusiveLock', 'AccessExclusiveLock')
),
strengths (mode, strength) AS (
    VALUES ('AccessShareLock', 1),
           ('RowShareLock', 2),
           ('RowExclusiveLock', 3),
           ('ShareUpdateExclusiveLock', 4),
           ('ShareLock', 5),
           ('ShareRowExclusiveLock', 6),
           ('ExclusiveLock', 7),
           ('AccessExclusiveLock', 8)
),
locks AS (
    SELECT l.pid,
           l.locktype,
           l.mode,
           l.granted,
           pg_catalog.concat(l.transactionid, ':', l.relation, ':', l.page, ':', l.tuple) AS identity
      FROM pg_catalog.pg_locks AS l
),
blocking AS (
    SELECT w.pid AS waiter_pid,
           h.pid AS blocker_pid,
           wa.query AS waiter_query,
           ha.query AS blocker_query,
           pg_catalog.row_number() OVER (PARTITION BY w.pid ORDER BY s.strength) AS choice
      FROM locks AS w
      JOIN conflicts AS c ON c.requested = w.mode
      JOIN locks AS h ON h.mode = c.held AND h.locktype = w.locktype AND h.identity = w.identity AND h.pid <> w.pid AND h.granted
      JOIN strengths AS s ON s.mode = h.mode
      JOIN pg_catalog.pg_stat_activity AS wa ON wa.pid = w.pid
      JOIN pg_catalog.pg_stat_activity AS ha ON ha.pid = h.pid
     WHERE NOT w.granted
)
SELECT waiter_pid,
       blocker_pid,
       waiter_query,
       blocker_query
  FROM blocking
 WHERE choice = 1
