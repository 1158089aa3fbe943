-- The new name goes; whatever somebody has built on it stops this.
DO :'check_expanded';
DROP VIEW :later;
