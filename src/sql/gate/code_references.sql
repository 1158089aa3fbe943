-- Whether a name is still in the code cannot be seen from here: whoever asks looks, in
-- the folder in which the command was called, and this answer is replaced.
SELECT false AS open,
       pg_catalog.format('whether %s is still in the code is seen where the code is: call advance in its checkout',
                         $3::jsonb ->> 'name') AS reason,
       $3::jsonb AS evidence, NULL::timestamptz AS until;
