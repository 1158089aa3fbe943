-- Is this a version that the plan calls new code?  NULL: it cannot be told.
SELECT orchestrate.version_satisfies($1, $2) AS satisfies;
