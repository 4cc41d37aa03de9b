-- A report costs the database less once more: what `script/bench import` showed its indexes to take.

-- Boxes in degrees are boxes on the Mercator map too, so one spatial index answers both; every statement asks the one
-- that the tiles need. Keeping a second one up to date took as long as keeping four of the others.
DROP INDEX public_incident_4326, public_report_4326;

-- The code of a public row is the copy of its incident's, which is unique, and nobody looks a public incident up by it:
-- codes are looked up among reports.
ALTER TABLE public_incident DROP CONSTRAINT public_incident_code_key;
