-- Triggers of the user, where they are not as they have to be at this point.  With
-- `both`, those on UPDATE OF the original have the twin in their list, so that writes
-- by its name fire them too.  With `guarded`, those that the backfill would fire have
-- a condition by which they do not.  Postgres can alter neither: each is dropped and
-- made again from the server's own text, with its state and comments.  Partitions may
-- have triggers of their own; clones of the parent's come and go with it.
DECLARE
    t record;
    guard CONSTANT text := pg_catalog.format('(NOT %s())', :'filling');
    -- At the front of a condition: the guard of another change of the plan.
    others CONSTANT text := '^(WHEN \(+)(\(NOT [^)]*_orch_[0-9_]+_filling\(\)\))';
    prefix text;
    definition text;
    head text; -- up to FOR EACH ROW; what is quoted there may contain anything
    rest text;
BEGIN
    FOR t IN
        WITH RECURSIVE tree AS (
            SELECT :relid::pg_catalog.oid AS relid
            UNION
            SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
        )
        SELECT pg_catalog.format('%I.%I', tn.nspname, tc.relname) AS rel, g.oid, g.tgname, g.tgenabled, g.tgconstraint <> 0 AS is_constraint,
               pg_catalog.obj_description(g.oid, 'pg_trigger') AS comment,
               pg_catalog.obj_description(g.tgconstraint, 'pg_constraint') AS constraint_comment,
               l.present, l.wanted, s.guarded, s.guard,
               (SELECT pg_catalog.array_agg(pg_catalog.format('ALTER TABLE ONLY %s %s TRIGGER %I', k.tgrelid::pg_catalog.regclass,
                           CASE k.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, g.tgname))
                  FROM tree below JOIN pg_catalog.pg_trigger k ON k.tgrelid = below.relid
                 WHERE k.tgparentid <> 0 AND k.tgfoid = g.tgfoid AND k.tgname = g.tgname AND k.tgenabled <> g.tgenabled) AS states, -- of partitions that differ
               (SELECT pg_catalog.array_agg(e.extname) FROM pg_catalog.pg_depend d
                  JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
                 WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = g.oid
                   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'x') AS extensions
          FROM tree
          JOIN pg_catalog.pg_trigger g ON g.tgrelid = tree.relid
          JOIN pg_catalog.pg_class tc ON tc.oid = g.tgrelid
          JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
          JOIN pg_catalog.pg_attribute twin ON twin.attrelid = g.tgrelid AND twin.attname = :'twin'
          JOIN pg_catalog.pg_attribute original ON original.attrelid = g.tgrelid AND original.attname = :'original'
          JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
          CROSS JOIN LATERAL (
               SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.n) AS present,
                      CASE WHEN original.attnum = ANY (g.tgattr::pg_catalog.int2[]) THEN pg_catalog.concat_ws(', ',
                          pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.n) FILTER (WHERE x.attnum <> twin.attnum),
                          CASE WHEN :'both' <> '' THEN pg_catalog.quote_ident(:'twin') END)
                      ELSE pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY x.n) END AS wanted,
                      pg_catalog.bool_or(a.attgenerated = 's') AS computed -- written with any other column, say some versions
                 FROM pg_catalog.unnest(g.tgattr::pg_catalog.int2[]) WITH ORDINALITY AS x (attnum, n)
                 JOIN pg_catalog.pg_attribute a ON a.attrelid = g.tgrelid AND a.attnum = x.attnum) l
          CROSS JOIN LATERAL (
               SELECT EXISTS (SELECT FROM pg_catalog.pg_depend d
                               WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = g.oid
                                 AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                                 AND d.refobjid = pg_catalog.to_regprocedure(:'filling' || '()')) AS guarded,
                      :'guarded' <> '' AND g.tgtype::pg_catalog.int4 & 16 = 16 AND coalesce(l.computed, true)
                      AND g.tgenabled <> 'D' AND (g.tgenabled <> 'O' OR :'may_replicate' = '')
                      -- Those that cannot be made anew are refused by the plan, or accepted.
                      AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(p.pronamespace, 'USAGE')
                      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                       WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = g.oid AND d.deptype = 'e') AS guard) s
         WHERE g.tgparentid = 0 AND NOT g.tgisinternal AND g.tgname !~ :'our_triggers'
           AND (l.present <> l.wanted OR s.guarded <> s.guard)
         ORDER BY g.tgrelid, g.tgname
    LOOP
        prefix = pg_catalog.format('CREATE %sTRIGGER %I ', CASE WHEN t.is_constraint THEN 'CONSTRAINT ' ELSE '' END, t.tgname);
        definition = pg_catalog.pg_get_triggerdef(t.oid);
        head = pg_catalog.substring(definition, '^(?:[^"]|"[^"]*")*? FOR EACH (?:ROW|STATEMENT) ');
        rest = pg_catalog.substr(definition, pg_catalog.length(head) + 1);
        head = CASE WHEN pg_catalog.left(head, pg_catalog.length(prefix)) = prefix THEN pg_catalog.substr(head, pg_catalog.length(prefix) + 1) END;
        IF t.present <> t.wanted THEN
            head = CASE WHEN pg_catalog.strpos(head, ' UPDATE OF ' || t.present || ' ') BETWEEN 1 AND pg_catalog.strpos(head, ' UPDATE OF ')
                        THEN pg_catalog.left(head, pg_catalog.strpos(head, ' UPDATE OF ') + pg_catalog.length(' UPDATE OF ') - 1)
                             || t.wanted
                             || pg_catalog.substr(head, pg_catalog.strpos(head, ' UPDATE OF ') + pg_catalog.length(' UPDATE OF ' || t.present)) END;
        END IF;
        IF t.guard AND NOT t.guarded THEN
            rest = CASE WHEN rest ~ others -- beside that of another change, so that each can be taken out
                        THEN pg_catalog.regexp_replace(rest, others, '\1' || pg_catalog.replace(guard, '\', '\\') || ' AND \2')
                        WHEN pg_catalog.starts_with(rest, 'WHEN (')
                        THEN 'WHEN (' || guard || ' AND ' || pg_catalog.substr(rest, pg_catalog.length('WHEN (') + 1)
                        ELSE 'WHEN (' || guard || ') ' || rest END;
        ELSIF t.guarded AND NOT t.guard THEN
            rest = CASE WHEN pg_catalog.strpos(rest, guard || ' AND (NOT ') > 0
                        THEN pg_catalog.replace(rest, guard || ' AND ', '')
                        WHEN pg_catalog.strpos(rest, ') AND ' || guard) > 0
                        THEN pg_catalog.replace(rest, ' AND ' || guard, '')
                        WHEN pg_catalog.starts_with(rest, 'WHEN (' || guard || ') ')
                        THEN pg_catalog.substr(rest, pg_catalog.length('WHEN (' || guard || ') ') + 1)
                        WHEN pg_catalog.starts_with(rest, 'WHEN ((' || guard || ' AND') -- a CASE begins a new line there
                        THEN 'WHEN ((' || pg_catalog.substr(rest, pg_catalog.length('WHEN ((' || guard || ' AND') + 1) END;
        END IF;
        IF head IS NULL OR rest IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'OR010',
                MESSAGE = pg_catalog.format('trigger %I on %s cannot be made anew: %s', t.tgname, t.rel, definition),
                HINT = 'Make it anew yourself without what orchestrate added, then try again.';
        END IF;
        EXECUTE pg_catalog.format('DROP TRIGGER %I ON %s', t.tgname, t.rel);
        EXECUTE prefix || head || rest;
        IF t.tgenabled <> 'O' THEN
            EXECUTE pg_catalog.format('ALTER TABLE %s %s TRIGGER %I', t.rel,
                CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname);
        END IF;
        IF t.comment IS NOT NULL THEN
            EXECUTE pg_catalog.format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, t.rel, t.comment);
        END IF;
        IF t.constraint_comment IS NOT NULL THEN
            EXECUTE pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', t.tgname, t.rel, t.constraint_comment);
        END IF;
        FOR i IN 1 .. coalesce(pg_catalog.cardinality(t.states), 0) LOOP
            EXECUTE t.states[i];
        END LOOP;
        FOR i IN 1 .. coalesce(pg_catalog.cardinality(t.extensions), 0) LOOP
            EXECUTE pg_catalog.format('ALTER TRIGGER %I ON %s DEPENDS ON EXTENSION %I', t.tgname, t.rel, t.extensions[i]);
        END LOOP;
    END LOOP;
END
