-- replication: nobody has come to send or to receive the table since the start.  A column
-- that is called otherwise stops subscribers that get all columns; one that is gone stops
-- those that are sent it.  `burying`: the phase gives the column another name.
WITH place AS (
    SELECT :relid::pg_catalog.oid AS relid
     UNION
    SELECT a.relid FROM pg_catalog.pg_partition_ancestors(:relid) AS a (relid)
     UNION
    SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t
), whole AS ( -- as in facts.sql
    SELECT p.pubname
      FROM pg_catalog.pg_publication p
     WHERE p.puballtables
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r JOIN place ON place.relid = r.prrelid
                    WHERE r.prpubid = p.oid AND coalesce(pg_catalog.to_jsonb(r) -> 'prattrs', 'null') = 'null')
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                     JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                      AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid
                    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                      AND d.refobjid IN (SELECT c.relnamespace FROM pg_catalog.pg_class c JOIN place ON place.relid = c.oid))
), problem (text) AS (
    SELECT pg_catalog.format('%s has come to be published with all its columns (%s): %s', :'rel', pg_catalog.string_agg(pg_catalog.quote_ident(whole.pubname), ', ' ORDER BY whole.pubname),
                             CASE WHEN :'burying' <> '' THEN pg_catalog.format('its subscribers would stop at the name that retire gives column %I. Take the table out of the publication; or roll back and start anew, then the column keeps its name', :'column')
                                  ELSE 'take the table out of the publication, or see to it that its subscribers do without the column' END)
      FROM whole WHERE :'gone' <> :'column' HAVING pg_catalog.count(*) > 0
     UNION ALL
    SELECT pg_catalog.format('%s has come to receive rows from a publisher: replication stops when it sends column %I, which is not there. Drop it on the publisher, or take it out of the publication, first', :'rel', :'column')
     WHERE :'received' = '' AND EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s JOIN place ON place.relid = s.srrelid)
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nobody has come to send or receive %s since the start', :'rel')
            ELSE pg_catalog.string_agg(text, '; ') END AS reason,
       pg_catalog.jsonb_build_object('problems', coalesce(pg_catalog.jsonb_agg(text), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM problem;
