-- What is looked at long is looked at before the lock: is something in the way?
DO :'way_back';
