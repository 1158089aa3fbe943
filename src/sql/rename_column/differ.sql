-- Which rows the backfill still has to write; by image, so that no difference is too small.
pg_catalog.record_image_ne(ROW(:"to":cast), ROW(:"from":cast))
