-- References of what comes in by the thousand: checked once a statement, not once a row and column.
--
-- A foreign key looks its row up, and locks it, for each row that is written: 17 of them took 64 of the 148 µs of
-- processor time that the database spent on a report (script/bench import). What they guard against stays guarded:
--
-- 1. Rows that reports refer to stay for ever under their key (`stays_for_ever` below). Areas go out of force, units,
--    categories and deadlines are retired, incidents are merged; none is ever deleted. So a row that a statement has
--    seen cannot be gone when it commits, and looking needs no lock.
-- 2. Every statement that writes incidents, reports or assignments looks up what its rows refer to, each different one
--    once, and fails as a whole (`foreign_key_violation`) where something is not there.
--
-- public_incident and public_report are copies, written with the very row they copy and by no other way; their
-- references are those of the incident and the report.

ALTER TABLE incident
  DROP CONSTRAINT incident_category_fkey, DROP CONSTRAINT incident_field_fkey, DROP CONSTRAINT incident_unit_id_fkey,
  DROP CONSTRAINT incident_ward_id_fkey, DROP CONSTRAINT incident_district_id_fkey,
  DROP CONSTRAINT incident_deadline_rule_id_fkey;
ALTER TABLE report
  DROP CONSTRAINT report_incident_id_fkey, DROP CONSTRAINT report_category_fkey, DROP CONSTRAINT report_ward_id_fkey,
  DROP CONSTRAINT report_district_id_fkey;
ALTER TABLE assignment
  DROP CONSTRAINT assignment_incident_id_fkey, DROP CONSTRAINT assignment_unit_id_fkey,
  DROP CONSTRAINT assignment_area_id_fkey;
ALTER TABLE public_incident DROP CONSTRAINT public_incident_id_fkey, DROP CONSTRAINT public_incident_unit_id_fkey;
ALTER TABLE public_report DROP CONSTRAINT public_report_id_fkey, DROP CONSTRAINT public_report_unit_id_fkey;

-- ---------------------------------------------------------------- 1. what is referred to stays
CREATE FUNCTION stays_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a row of % is never deleted and keeps its key: reports refer to it', TG_TABLE_NAME
    USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME;
END $$;

DO $$
DECLARE kept record;
BEGIN
  FOR kept IN SELECT * FROM (VALUES ('area', 'id'), ('unit', 'id'), ('field', 'code'), ('category', 'code'),
                                    ('deadline_rule', 'id'), ('incident', 'id'), ('report', 'id')) AS t (name, key) LOOP
    EXECUTE format('CREATE TRIGGER %1$s_stays BEFORE DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION stays_for_ever()',
                   kept.name);
    EXECUTE format('CREATE TRIGGER %1$s_keeps_key BEFORE UPDATE OF %2$I ON %1$I FOR EACH ROW
                    WHEN (old.%2$I IS DISTINCT FROM new.%2$I) EXECUTE FUNCTION stays_for_ever()', kept.name, kept.key);
  END LOOP;
END $$;

-- ---------------------------------------------------------------- 2. what is written is there
-- They run as the owner, whom row-level security does not hide rows from, as foreign keys do. Each look-up is a scalar
-- query of its own, so that no plan made while a table was small reads all of it later.
CREATE FUNCTION refuse_missing(owner text, missing text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a row of % refers to what is not there: %', owner, missing
    USING ERRCODE = 'foreign_key_violation', TABLE = owner;
END $$;

CREATE FUNCTION incident_refers() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE missing text;
BEGIN
  SELECT what INTO missing FROM (
    SELECT 'category ' || said.key AS what FROM (SELECT DISTINCT category AS key FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM category WHERE category.code = said.key) IS NULL
    UNION ALL
    SELECT 'field ' || said.key FROM (SELECT DISTINCT field AS key FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM field WHERE field.code = said.key) IS NULL
    UNION ALL
    SELECT 'unit ' || said.key FROM (SELECT DISTINCT unit_id AS key FROM written) AS said
    WHERE (SELECT true FROM unit WHERE unit.id = said.key) IS NULL
    UNION ALL
    SELECT 'area ' || said.key FROM (SELECT ward_id AS key FROM written UNION SELECT district_id FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM area WHERE area.id = said.key) IS NULL
    UNION ALL
    SELECT 'deadline_rule ' || said.key FROM (SELECT DISTINCT deadline_rule_id AS key FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM deadline_rule WHERE deadline_rule.id = said.key) IS NULL
  ) AS absent LIMIT 1;
  IF FOUND THEN PERFORM refuse_missing('incident', missing); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION report_refers() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE missing text;
BEGIN
  SELECT what INTO missing FROM (
    SELECT 'incident ' || written.incident_id AS what FROM written
    WHERE (SELECT true FROM incident WHERE incident.id = written.incident_id) IS NULL
    UNION ALL
    SELECT 'category ' || said.key FROM (SELECT DISTINCT category AS key FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM category WHERE category.code = said.key) IS NULL
    UNION ALL
    SELECT 'area ' || said.key FROM (SELECT ward_id AS key FROM written UNION SELECT district_id FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM area WHERE area.id = said.key) IS NULL
  ) AS absent LIMIT 1;
  IF FOUND THEN PERFORM refuse_missing('report', missing); END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION assignment_refers() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE missing text;
BEGIN
  SELECT what INTO missing FROM (
    SELECT 'incident ' || written.incident_id AS what FROM written
    WHERE (SELECT true FROM incident WHERE incident.id = written.incident_id) IS NULL
    UNION ALL
    SELECT 'unit ' || said.key FROM (SELECT DISTINCT unit_id AS key FROM written) AS said
    WHERE (SELECT true FROM unit WHERE unit.id = said.key) IS NULL
    UNION ALL
    SELECT 'area ' || said.key FROM (SELECT DISTINCT area_id AS key FROM written) AS said
    WHERE said.key IS NOT NULL AND (SELECT true FROM area WHERE area.id = said.key) IS NULL
  ) AS absent LIMIT 1;
  IF FOUND THEN PERFORM refuse_missing('assignment', missing); END IF;
  RETURN NULL;
END $$;

DO $$
DECLARE name text; verb text;
BEGIN
  FOREACH name IN ARRAY ARRAY['incident', 'report', 'assignment'] LOOP
    FOREACH verb IN ARRAY ARRAY['INSERT', 'UPDATE'] LOOP
      EXECUTE format('CREATE TRIGGER %1$s_refers_%2$s AFTER %3$s ON %1$I REFERENCING NEW TABLE AS written
                      FOR EACH STATEMENT EXECUTE FUNCTION %1$s_refers()', name, lower(verb), verb);
    END LOOP;
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION incident_refers, report_refers, assignment_refers FROM PUBLIC;
