-- Code may omit the column from here on, and whoever still writes it is counted.
DO :'present_check';
:relax
:place
:make_meters
