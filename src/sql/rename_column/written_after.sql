-- After the exchange the twin bears the old name: whoever left it out left it at what
-- it is given.
pg_catalog.record_image_ne(ROW(NEW.:"from":cast), ROW(:given))
