-- The name goes, the data stays: whoever still uses it fails, and nothing is lost.
DO :'present_check';
:remove_meters
:bury
