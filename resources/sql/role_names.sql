-- Roles, and for each whether this console has its rights: that is what the server asks before it lets one role cancel or terminate
-- a session of another (has_privs_of_role; only a superuser may do it to a superuser).
SELECT r.oid::int8, r.rolname, r.rolsuper, pg_catalog.pg_has_role(r.oid, 'USAGE') FROM pg_catalog.pg_roles AS r
