-- The checksum of a phase, of all that it consists of as it is stored: what is approved
-- is bound to it, and whoever writes a phase could claim any.  It reads like the JSON
-- from which register_phases.sql makes it (store_phases_json), so that each knows the
-- other's; an object of jsonb has one form, in whatever order it was put together.

CREATE FUNCTION orchestrate.steps_json(of_run bigint, of_phase integer, of_undo boolean) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(s) - '{run,phase,undo,ord}'::text[] ORDER BY s.ord), '[]')
      FROM orchestrate.step s
     WHERE s.run = of_run AND s.phase = of_phase AND s.undo = of_undo
$$;

CREATE FUNCTION orchestrate.gates_json(of_run bigint, of_phase integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(g) - '{run,phase,ord,must_hold}'::text[]
                              || jsonb_build_object('check', g.must_hold) ORDER BY g.ord), '[]')
      FROM orchestrate.gate g
     WHERE g.run = of_run AND g.phase = of_phase
$$;

CREATE FUNCTION orchestrate.promises_json(of_run bigint, of_phase integer) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(p) - '{run,phase,ord}'::text[] ORDER BY p.ord), '[]')
      FROM orchestrate.promise p
     WHERE p.run = of_run AND p.phase = of_phase
$$;

-- code_new is the plan's; it is asked of the phase's deploys.
CREATE FUNCTION orchestrate.phase_checksum(f orchestrate.phase, code_new text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT encode(sha256(convert_to((to_jsonb(f) - '{run,ord,checksum}'::text[]
                                     || jsonb_build_object('code_new', code_new,
                                            'steps', orchestrate.steps_json(f.run, f.ord, false),
                                            'undo_steps', orchestrate.steps_json(f.run, f.ord, true),
                                            'gates', orchestrate.gates_json(f.run, f.ord),
                                            'promises', orchestrate.promises_json(f.run, f.ord)))::text,
                                    'UTF8')), 'hex')
$$;
