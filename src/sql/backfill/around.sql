-- What an UPDATE of columns $2 (a JSON array of names) of table $1 (a qualified name), or of
-- what holds its rows, would set going.  rules: rewrite rules on UPDATE; keys: constraints
-- that are kept by triggers of the server, which a replica does not fire: foreign keys of
-- these columns, or to them, and what is checked at the end of a transaction; as_origin,
-- as_replica: triggers of users that fire; ordinary: a replica would not fire all of them.
-- Ours are named after the run.  A generated column may be made of any other.
-- Before 15 triggers that partitions have from their parent count as internal.
WITH RECURSIVE tree AS (
    SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS oid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
), part AS (
    SELECT tree.oid, a.attnum
      FROM tree
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE a.attgenerated <> '' OR $2::pg_catalog.jsonb ? a.attname::text
), trig AS (
    SELECT t.tgname, t.tgenabled
      FROM tree
      JOIN pg_catalog.pg_class c ON c.oid = tree.oid AND c.relkind = 'r'
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.oid
     WHERE (NOT t.tgisinternal OR (t.tgparentid <> 0 AND t.tgconstraint = 0))
       AND t.tgtype::pg_catalog.int4 & 16 = 16
       AND t.tgname !~ '^[!~] ?orchestrate_[0-9]+'
       AND (pg_catalog.cardinality(t.tgattr::pg_catalog.int2[]) = 0
            OR EXISTS (SELECT FROM part WHERE part.oid = tree.oid AND part.attnum = ANY (t.tgattr::pg_catalog.int2[])))
)
SELECT (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(r.rulename), ', ')
          FROM tree JOIN pg_catalog.pg_rewrite r ON r.ev_class = tree.oid
         WHERE r.ev_type = '2' AND r.ev_enabled <> 'D') AS rules,
       (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(k.conname), ', ')
          FROM tree
          JOIN pg_catalog.pg_constraint k ON k.conrelid = tree.oid OR k.confrelid = tree.oid
         WHERE (k.conparentid = 0 OR tree.oid = pg_catalog.to_regclass($1)::pg_catalog.oid)
           AND (k.contype = 'f' OR (k.condeferrable AND k.contype IN ('p', 'u', 'x')))
           AND (k.contype = 'x'
                OR EXISTS (SELECT FROM part WHERE part.oid = tree.oid AND part.oid = k.conrelid AND part.attnum = ANY (k.conkey))
                OR EXISTS (SELECT FROM part WHERE part.oid = tree.oid AND part.oid = k.confrelid AND part.attnum = ANY (k.confkey)))) AS keys,
       (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(trig.tgname), ', ') FROM trig WHERE trig.tgenabled IN ('O', 'A')) AS as_origin,
       (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(trig.tgname), ', ') FROM trig WHERE trig.tgenabled IN ('A', 'R')) AS as_replica,
       EXISTS (SELECT FROM trig WHERE trig.tgenabled = 'O') AS ordinary;
