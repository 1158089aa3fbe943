-- Approvals and consent given beforehand: who may, and which of them still count.

-- Is this role, by itself or through others, a member?  A superuser is one only if
-- somebody made it one: whoever logs in as such is not the release manager by that.
CREATE FUNCTION orchestrate.is_member(who name, of_role name) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE roles AS (
        SELECT r.oid FROM pg_roles r WHERE r.rolname = who
        UNION
        SELECT m.roleid FROM pg_auth_members m JOIN roles r ON m.member = r.oid
    )
    SELECT EXISTS (SELECT FROM roles JOIN pg_roles r USING (oid) WHERE r.rolname = of_role)
$$;

-- What this role has done to the plan that somebody else has to look at; NULL: nothing.
CREATE FUNCTION orchestrate.wrote(of_run bigint, who text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN p.started_by = who THEN 'started'
                WHEN EXISTS (SELECT FROM orchestrate.amendment a
                              WHERE a.run = p.run AND a.kind = 'plan' AND a.actor = who) THEN 'edited' END
      FROM orchestrate.plan p WHERE p.run = of_run
$$;

-- What each approver last said of a phase, and why it does not count, if it does not.
-- Any undo takes back all that was approved before it: what was looked at is not so
-- any more.  An edit takes back what was approved of the phases that it changes, for good:
-- when a later one puts the phase back, nobody has looked at it in the plan as it is then.
CREATE FUNCTION orchestrate.approvals(of_run bigint, of_phase integer)
    RETURNS TABLE (approver text, at timestamptz, because text, consent boolean, revoked boolean, void text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT DISTINCT ON (a.approver) a.approver, a.at, a.because, a.consent, a.revokes,
           CASE WHEN a.revokes THEN 'took it back'
                WHEN a.phase_checksum <> f.checksum
                     OR EXISTS (SELECT FROM orchestrate.amendment e
                                 WHERE e.run = a.run AND e.kind <> 'forget' AND e.at > a.at
                                   AND e.detail -> 'phases' ->> a.phase::text IS DISTINCT FROM a.phase_checksum)
                THEN 'gave it before the plan was edited'
                WHEN EXISTS (SELECT FROM orchestrate.transition u
                              WHERE u.run = a.run AND u.to_state = 'undoing' AND u.at > a.at)
                THEN 'gave it before an undo' END
      FROM orchestrate.approval a
      JOIN orchestrate.phase f ON f.run = a.run AND f.ord = a.phase
     WHERE a.run = of_run AND a.phase = of_phase
     ORDER BY a.approver, a.id DESC
$$;

-- Who approves is who is connected, at the time it is; of a phase that has not begun,
-- in the text that it has now.  Taking back is always possible.
CREATE FUNCTION orchestrate.approval_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p orchestrate.plan;
    f orchestrate.phase;
    wanted jsonb;
BEGIN
    NEW.at := clock_timestamp();
    NEW.approver := session_user;
    NEW.phase_name := orchestrate.phase_name(NEW.run, NEW.phase);
    IF NEW.revokes THEN
        RETURN NEW;
    END IF;
    SELECT * INTO p FROM orchestrate.plan q WHERE q.run = NEW.run;
    SELECT * INTO f FROM orchestrate.phase q WHERE q.run = NEW.run AND q.ord = NEW.phase;
    IF p.ended_at IS NOT NULL OR coalesce(orchestrate.has_begun(NEW.run, NEW.phase), false) THEN
        RAISE EXCEPTION 'phase % of % has begun: there is nothing to approve', f.name, p.name USING ERRCODE = 'OR003';
    END IF;
    IF NEW.phase_checksum IS DISTINCT FROM f.checksum THEN
        RAISE EXCEPTION 'phase % of % is not what was approved', f.name, p.name USING ERRCODE = 'OR003';
    END IF;
    IF NEW.consent THEN
        IF f.undo <> 'never' THEN
            RAISE EXCEPTION 'phase % of % can be undone: no consent is needed', f.name, p.name
                USING ERRCODE = 'OR003';
        END IF;
        RETURN NEW;
    END IF;
    SELECT g.args::jsonb INTO wanted
      FROM orchestrate.gate g WHERE g.run = NEW.run AND g.phase = NEW.phase AND g.name = 'approval';
    IF wanted IS NULL THEN
        RAISE EXCEPTION 'phase % of % wants no approval', f.name, p.name USING ERRCODE = 'OR003';
    END IF;
    IF orchestrate.wrote(p.run, session_user) IS NOT NULL THEN
        RAISE EXCEPTION '% has % %, and may not approve it', session_user, orchestrate.wrote(p.run, session_user), p.name
            USING ERRCODE = 'OR005', HINT = format('Another member of %s has to.', wanted ->> 'role');
    END IF;
    IF NOT orchestrate.is_member(session_user, (wanted ->> 'role')::name) THEN
        RAISE EXCEPTION '% is no member of %, whose approval phase % of % wants',
            session_user, wanted ->> 'role', f.name, p.name
            USING ERRCODE = 'OR005', HINT = format('GRANT %I TO %I;', wanted ->> 'role', session_user);
    END IF;
    RETURN NEW;
END
$$;
