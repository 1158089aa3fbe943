-- Who may do what.  The role that ran init owns the schema and may do all of it; others
-- are let in with  SELECT orchestrate.admit('deployer', true)  (a runner) or with false
-- (somebody who only looks).  A runner may add to the history, never change it.  With
-- SELECT orchestrate.admit_approver('release_manager')  a role may look and approve.

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA orchestrate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION orchestrate.utc(timestamptz), orchestrate.field(text),
    orchestrate.transition_hash(orchestrate.transition), orchestrate.cycle(bigint, integer, boolean),
    orchestrate.fence(bigint, bigint), orchestrate.version_key(text), orchestrate.version_satisfies(text, text),
    orchestrate.phase_since(bigint, integer), orchestrate.deploys_since(bigint, integer),
    orchestrate.windows(jsonb), orchestrate.window_holds(integer, integer, time, time, timestamp),
    orchestrate.window_open(jsonb, timestamptz), orchestrate.window_opens(jsonb, timestamptz),
    orchestrate.ask(text, text), orchestrate.replicas(), orchestrate.is_member(name, name),
    orchestrate.approvals(bigint, integer), orchestrate.wrote(bigint, text), orchestrate.has_begun(bigint, integer),
    orchestrate.undo_failed(bigint, integer), orchestrate.undone(bigint, integer),
    orchestrate.attempted(bigint, integer, integer), orchestrate.past_return(bigint, integer)
    TO PUBLIC;

CREATE FUNCTION orchestrate.admit(who name, may_run boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA orchestrate TO %I', who);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA orchestrate TO %I', who);
    EXECUTE format('GRANT SELECT ON ALL SEQUENCES IN SCHEMA orchestrate TO %I', who);
    IF may_run THEN
        EXECUTE format('GRANT USAGE ON SEQUENCE orchestrate.run_number TO %I', who);
        EXECUTE format('GRANT INSERT ON orchestrate.plan, orchestrate.phase, orchestrate.step, orchestrate.gate, '
                       'orchestrate.promise, orchestrate.amendment, '
                       'orchestrate.claim, orchestrate.transition, orchestrate.step_record, orchestrate.attempt, '
                       'orchestrate.checkpoint, orchestrate.control, orchestrate.approval, '
                       'orchestrate.gate_evidence, orchestrate.deploy, orchestrate.deploy_target, '
                       'orchestrate.event TO %I', who);
        EXECUTE format('GRANT UPDATE (epoch, holder_pid, holder_backend_start, holder_user, holder_application, '
                       'holder_client, taken_at, description, owner, ticket, source, code_new, canonical, checksum, n_phases) '
                       'ON orchestrate.plan TO %I', who);
        EXECUTE format('GRANT UPDATE (taken_at) ON orchestrate.claim TO %I', who);
        EXECUTE format('GRANT UPDATE (undo, undo_until) ON orchestrate.phase TO %I', who);
        -- Of no use without an amendment in the same transaction, and then for phases only
        -- that have not begun, or for an undo that failed.  Texts of steps are changed by whoever ran init, when a run
        -- is adopted elsewhere.
        EXECUTE format('GRANT DELETE ON orchestrate.phase, orchestrate.step, orchestrate.gate, '
                       'orchestrate.promise, orchestrate.claim TO %I', who);
        EXECUTE format('GRANT UPDATE ON orchestrate.checkpoint, orchestrate.control, orchestrate.deploy, '
                       'orchestrate.deploy_target TO %I', who);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION orchestrate.admit(name, boolean) FROM PUBLIC;

-- What is approved, by whom and when, the approver does not choose.
CREATE FUNCTION orchestrate.admit_approver(who name) RETURNS void
    LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM orchestrate.admit(who, false);
    EXECUTE format('GRANT INSERT (run, phase, phase_checksum, because, consent, revokes) '
                   'ON orchestrate.approval TO %I', who);
END
$$;
REVOKE EXECUTE ON FUNCTION orchestrate.admit_approver(name) FROM PUBLIC;
