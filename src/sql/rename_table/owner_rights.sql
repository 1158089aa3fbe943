-- Who may read some columns only, may through a view that looks at its owner's rights, as
-- all views before 15 do: what he has on the view is what he has on the table.  Looked up
-- when it runs, so that what was granted since the start counts.
BEGIN
    IF pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000
       AND EXISTS (
:partial_readers
       ) AND NOT EXISTS (
:invoker_needed
       )
    THEN
        ALTER VIEW :view RESET (security_invoker);
    END IF;
END
