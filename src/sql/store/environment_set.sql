-- $1 the environment; a name that was given before stays.
UPDATE orchestrate.meta SET environment = $1 WHERE environment IS NULL;
