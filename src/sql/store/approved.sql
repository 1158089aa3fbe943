-- What the session's user last said of a phase, when it still counts.
SELECT a.consent FROM orchestrate.approvals($1::bigint, $2::integer) a WHERE a.approver = session_user AND a.void IS NULL;
