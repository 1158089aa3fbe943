-- The server has zone data of its own, and it is the server that will look at the clock.
SELECT true AS invalid, pg_catalog.format('the server knows no time zone %s', $1::jsonb ->> 'zone') AS message,
       'Those it knows: SELECT name FROM pg_timezone_names' AS hint
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names z WHERE z.name = $1::jsonb ->> 'zone');
