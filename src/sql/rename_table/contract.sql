-- The old name goes.  No CASCADE: whatever somebody has built on it stops this.
DO :'check_switched';
DROP VIEW :rel;
