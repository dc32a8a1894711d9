-- Shared memory that nothing has taken yet, into which the lock table grows once it is full. The view exists since 13 and is
-- for superusers and (since 14) members of pg_read_all_stats; others get an error, which the caller takes as "not known".
SELECT s.allocated_size::int8
  FROM pg_catalog.pg_get_shmem_allocations() AS s
 WHERE s.name IS NULL
