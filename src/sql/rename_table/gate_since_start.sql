-- since_start: what the plan would have been refused for, had it been so when it was
-- started.  What there was then has been accepted (facts.sql: known).
WITH found AS (
    SELECT 'publication ' || p.oid AS key, 'publication ' || pg_catalog.quote_ident(p.pubname) AS what,
           pg_catalog.format('publication %I has it, so that its rows arrive as those of %I from switch on', p.pubname, :'to') AS effect
      FROM pg_catalog.pg_class c, pg_catalog.pg_publication p
     WHERE c.oid = :relid
       AND (p.puballtables
            OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel pr
                        WHERE pr.prpubid = p.oid
                          AND (pr.prrelid = c.oid OR pr.prrelid IN (SELECT a.relid FROM pg_catalog.pg_partition_ancestors(c.oid) AS a (relid))))
            OR EXISTS (SELECT FROM pg_catalog.pg_depend d -- a publication of a schema, see findings.sql
                         JOIN pg_catalog.pg_class k ON k.oid = d.classid AND k.relname = 'pg_publication_namespace' AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                        WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = c.relnamespace
                          AND EXISTS (SELECT FROM pg_catalog.pg_depend o
                                       WHERE o.classid = d.classid AND o.objid = d.objid AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid)))
     UNION ALL
    SELECT 'subscription', 'subscription', 'a subscription writes to it, whose rows go to no view: it stops at switch'
     WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = :relid)
     UNION ALL
    SELECT 'child ' || i.inhrelid, 'child ' || i.inhrelid::pg_catalog.regclass::text,
           pg_catalog.format('%s inherits from it, and through a view ONLY means nothing: DELETE FROM ONLY would reach its rows', i.inhrelid::pg_catalog.regclass)
      FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent AND c.relkind = 'r'
     WHERE i.inhparent = :relid
     UNION ALL
    SELECT 'reader ' || r.name, 'reader ' || r.name,
           pg_catalog.format('%s may read some of its columns only, which a view that obeys row level security denies: by %s that is so from switch on', r.name, :'rel')
      FROM (
:partial_readers
      ) AS r
     WHERE pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000
       AND EXISTS (
:invoker_needed
     )
), fresh AS (
    SELECT found.what, found.effect FROM found WHERE NOT pg_catalog.jsonb_exists(:'known'::pg_catalog.jsonb, found.key)
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nothing has come since the start for which %s would have been refused', :'rel')
            ELSE pg_catalog.format('since the plan was started, %s has changed: %s; take that back until contract is done, or see to it and override this gate',
                                   :'rel', pg_catalog.string_agg(fresh.effect, '; ' ORDER BY fresh.what)) END AS reason,
       pg_catalog.jsonb_build_object('since_start', coalesce(pg_catalog.jsonb_agg(fresh.what ORDER BY fresh.what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM fresh;
