-- Which cluster this is: the same on a primary and its standbys. The right to ask can be withheld.
SELECT system_identifier::text
  FROM pg_catalog.pg_control_system()
