-- $2: the keys that the edited plan no longer has, as JSON; $3: those it changed.
UPDATE orchestrate.control
   SET settings = (settings - ARRAY(SELECT pg_catalog.jsonb_array_elements_text($2::jsonb))) || $3::jsonb
 WHERE run = $1::bigint;
