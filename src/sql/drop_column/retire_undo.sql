-- The name comes back, with its meters.
DO :'gone_check';
:unbury
:make_meters
