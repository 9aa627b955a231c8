-- Which rendition was delivered, as JSON: source, operations, format, variant, traceable. Rows of requests that had no picture, and
-- those from before there was this column, have none.
ALTER TABLE audit ADD COLUMN picture TEXT;
