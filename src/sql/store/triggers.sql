-- Which guard stands at which table.  All are ENABLE ALWAYS: see guard_plan.sql.

-- As for tables, at the end of schema.sql.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA orchestrate TO CURRENT_USER;

DO $$
DECLARE
    t text;
    kept text[] := '{transition,step_record,event,attempt,gate_evidence,approval,amendment,fsm}';
    program text[] := '{phase,step,gate,promise}';
BEGIN
    FOREACH t IN ARRAY kept LOOP
        EXECUTE format('CREATE TRIGGER kept BEFORE UPDATE OR DELETE ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.append_only()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER kept', t);
    END LOOP;
    FOREACH t IN ARRAY kept || program || '{plan,claim}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER kept_whole BEFORE TRUNCATE ON orchestrate.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION orchestrate.append_only()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER kept_whole', t);
    END LOOP;
    FOREACH t IN ARRAY program LOOP
        EXECUTE format('CREATE TRIGGER sealed BEFORE INSERT OR UPDATE OR DELETE ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.program_write()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER sealed', t);
    END LOOP;
    FOREACH t IN ARRAY '{event,gate_evidence}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER stamp BEFORE INSERT ON orchestrate.%I '
                       'FOR EACH ROW EXECUTE FUNCTION orchestrate.stamp()', t);
        EXECUTE format('ALTER TABLE orchestrate.%I ENABLE ALWAYS TRIGGER stamp', t);
    END LOOP;
END
$$;

CREATE TRIGGER kept BEFORE DELETE ON orchestrate.plan
    FOR EACH ROW EXECUTE FUNCTION orchestrate.append_only();
CREATE TRIGGER kept BEFORE DELETE ON orchestrate.claim
    FOR EACH ROW EXECUTE FUNCTION orchestrate.claim_delete();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.plan
    FOR EACH ROW EXECUTE FUNCTION orchestrate.plan_insert();
CREATE TRIGGER guard_update BEFORE UPDATE ON orchestrate.plan
    FOR EACH ROW EXECUTE FUNCTION orchestrate.plan_update();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.transition
    FOR EACH ROW EXECUTE FUNCTION orchestrate.transition_insert();
CREATE TRIGGER ends AFTER INSERT ON orchestrate.transition
    FOR EACH ROW EXECUTE FUNCTION orchestrate.transition_inserted();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.step_record
    FOR EACH ROW EXECUTE FUNCTION orchestrate.step_record_insert();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.approval
    FOR EACH ROW EXECUTE FUNCTION orchestrate.approval_insert();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.attempt
    FOR EACH ROW EXECUTE FUNCTION orchestrate.attempt_insert();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON orchestrate.checkpoint
    FOR EACH ROW EXECUTE FUNCTION orchestrate.checkpoint_write();
CREATE TRIGGER sealed BEFORE INSERT ON orchestrate.claim
    FOR EACH ROW EXECUTE FUNCTION orchestrate.claim_insert();
CREATE TRIGGER guard BEFORE INSERT ON orchestrate.amendment
    FOR EACH ROW EXECUTE FUNCTION orchestrate.amendment_insert();
CREATE TRIGGER ends AFTER INSERT ON orchestrate.amendment
    FOR EACH ROW EXECUTE FUNCTION orchestrate.amendment_inserted();
CREATE CONSTRAINT TRIGGER holds AFTER INSERT ON orchestrate.amendment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'plan') EXECUTE FUNCTION orchestrate.amendment_holds();
CREATE TRIGGER guard BEFORE INSERT OR UPDATE ON orchestrate.claim
    FOR EACH ROW EXECUTE FUNCTION orchestrate.claim_write();
ALTER TABLE orchestrate.plan ENABLE ALWAYS TRIGGER kept;
ALTER TABLE orchestrate.claim ENABLE ALWAYS TRIGGER kept;
ALTER TABLE orchestrate.plan ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.plan ENABLE ALWAYS TRIGGER guard_update;
ALTER TABLE orchestrate.transition ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.transition ENABLE ALWAYS TRIGGER ends;
ALTER TABLE orchestrate.step_record ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.approval ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.attempt ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.checkpoint ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.claim ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.claim ENABLE ALWAYS TRIGGER sealed;
ALTER TABLE orchestrate.amendment ENABLE ALWAYS TRIGGER guard;
ALTER TABLE orchestrate.amendment ENABLE ALWAYS TRIGGER ends;
ALTER TABLE orchestrate.amendment ENABLE ALWAYS TRIGGER holds;
