-- Triggers of the user that fire on UPDATE OF the original: with `both` they get the
-- twin into their list, so that writes by its name fire them too; without, it is
-- taken out again.  Postgres cannot alter such a list: each is dropped and made again
-- from the server's own text, with its state and comment.
DECLARE
    t record;
    prefix text;
    definition text;
    rest text;
BEGIN
    FOR t IN
        SELECT g.oid, g.tgname, g.tgenabled, g.tgconstraint <> 0 AS is_constraint,
               pg_catalog.obj_description(g.oid, 'pg_trigger') AS comment,
               l.present, l.wanted,
               (SELECT pg_catalog.array_agg(e.extname) FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                 WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = g.oid
                   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'x') AS extensions
          FROM pg_catalog.pg_trigger g
          JOIN pg_catalog.pg_attribute twin
            ON twin.attrelid = g.tgrelid AND twin.attname = :'twin' AND twin.attnum <> :attnum
          CROSS JOIN LATERAL (
               SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.n) AS present,
                      pg_catalog.concat_ws(', ',
                          pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.n) FILTER (WHERE x.attnum <> twin.attnum),
                          CASE WHEN :'both' <> '' THEN pg_catalog.quote_ident(:'twin') END) AS wanted
                 FROM pg_catalog.unnest(g.tgattr::pg_catalog.int2[]) WITH ORDINALITY AS x (attnum, n)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = x.attnum) l
         WHERE g.tgrelid = :relid AND NOT g.tgisinternal AND g.tgname !~ :'our_triggers'
           AND :attnum = ANY (g.tgattr::pg_catalog.int2[])
           AND (twin.attnum = ANY (g.tgattr::pg_catalog.int2[])) = (:'both' = '')
         ORDER BY g.tgname
    LOOP
        prefix = pg_catalog.format('CREATE %sTRIGGER %I ', CASE WHEN t.is_constraint THEN 'CONSTRAINT ' ELSE '' END, t.tgname);
        definition = pg_catalog.pg_get_triggerdef(t.oid);
        rest = pg_catalog.substr(definition, pg_catalog.length(prefix) + 1);
        IF pg_catalog.left(definition, pg_catalog.length(prefix)) <> prefix
           OR pg_catalog.strpos(rest, ' UPDATE OF ' || t.present || ' ') <> pg_catalog.strpos(rest, ' UPDATE OF ')
           OR pg_catalog.strpos(rest, ' UPDATE OF ') = 0 THEN
            RAISE EXCEPTION USING ERRCODE = 'OR010',
                MESSAGE = pg_catalog.format('trigger %I on %s cannot be made anew: %s', t.tgname, :'rel', definition);
        END IF;
        EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', t.tgname, :'rel');
        EXECUTE prefix
             || pg_catalog.left(rest, pg_catalog.strpos(rest, ' UPDATE OF ') + pg_catalog.length(' UPDATE OF ') - 1)
             || t.wanted
             || pg_catalog.substr(rest, pg_catalog.strpos(rest, ' UPDATE OF ') + pg_catalog.length(' UPDATE OF ' || t.present));
        IF t.tgenabled <> 'O' THEN
            EXECUTE pg_catalog.format('ALTER TABLE %s %s TRIGGER %I', :'rel',
                CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname);
        END IF;
        IF t.comment IS NOT NULL THEN
            EXECUTE pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, :'rel', t.comment);
        END IF;
        FOR i IN 1 .. coalesce(pg_catalog.cardinality(t.extensions), 0) LOOP
            EXECUTE pg_catalog.format('ALTER TRIGGER %I ON %s DEPENDS ON EXTENSION %I', t.tgname, :'rel', t.extensions[i]);
        END LOOP;
    END LOOP;
END
