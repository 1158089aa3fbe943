-- The catch-up wrote by the old name; that was no use of it.
SELECT pg_catalog.setval(:'meter'::pg_catalog.regclass, 1, false);
