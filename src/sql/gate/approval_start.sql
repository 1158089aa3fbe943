-- A role that does not exist, or that nobody else is in, would hold the phase for ever.
WITH RECURSIVE members AS (
    SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = $1::jsonb ->> 'role'
    UNION
    SELECT m.member FROM pg_catalog.pg_auth_members m JOIN members r ON m.roleid = r.oid
), people AS (
    SELECT pg_catalog.count(*) AS n
      FROM members m JOIN pg_catalog.pg_roles r USING (oid)
     WHERE r.rolcanlogin AND r.rolname <> session_user
)
SELECT false AS invalid,
       CASE WHEN NOT EXISTS (SELECT FROM members)
            THEN pg_catalog.format('there is no role %s here: nobody can approve', $1::jsonb ->> 'role')
            ELSE pg_catalog.format('%s approvals are wanted, but besides %s only %s of role %s can log in',
                                   $1::jsonb ->> 'count', session_user, p.n, $1::jsonb ->> 'role') END AS message,
       CASE WHEN NOT EXISTS (SELECT FROM members)
            THEN pg_catalog.format('CREATE ROLE %I; GRANT it to those who approve.', $1::jsonb ->> 'role')
            ELSE pg_catalog.format('GRANT %I TO those who approve; whoever starts a plan cannot.',
                                   $1::jsonb ->> 'role') END AS hint
  FROM people p
 WHERE p.n < ($1::jsonb ->> 'count')::integer;
