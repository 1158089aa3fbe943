-- The point of no return.  No CASCADE: whatever somebody has built on it stops this.
DO :'check_retired';
DROP TABLE :later;
DROP SEQUENCE IF EXISTS :meter;
