-- :name tables every table of the site that holds rows worth keeping
SELECT tablename FROM pg_tables
WHERE schemaname = 'public' AND tableowner = 'hotline_owner' AND NOT tablename = ANY(%(skipped)s)
ORDER BY tablename

-- :name columns of a table, in their order
SELECT attname FROM pg_attribute
WHERE attrelid = format('public.%%I', %(table)s::text)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
ORDER BY attnum

-- :name last_seal the record's end
SELECT seq, hash FROM seal ORDER BY seq DESC LIMIT 1

-- :name photos every attachment, once
SELECT DISTINCT sha256 FROM photo ORDER BY sha256

-- :name key_ids the keys that people are encrypted with
SELECT DISTINCT key_id FROM person ORDER BY key_id

-- :name schema_revision which schema it is
SELECT version_num FROM alembic_version

-- :name begin the site's own tables and functions are taken out: in the transaction that puts the backup's in
BEGIN;
SET LOCAL client_min_messages = warning;
DO $$
DECLARE thing record;
BEGIN
  FOR thing IN SELECT relname, relkind FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relowner = 'hotline_owner'::regrole AND relkind IN ('r', 'p', 'v', 'm')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e') LOOP
    EXECUTE format(CASE thing.relkind WHEN 'v' THEN 'DROP VIEW IF EXISTS public.%I CASCADE'
                   WHEN 'm' THEN 'DROP MATERIALIZED VIEW IF EXISTS public.%I CASCADE'
                   ELSE 'DROP TABLE IF EXISTS public.%I CASCADE' END, thing.relname);
  END LOOP;
  FOR thing IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
      AND relowner = 'hotline_owner'::regrole AND relkind = 'S' LOOP
    EXECUTE format('DROP SEQUENCE IF EXISTS public.%I CASCADE', thing.relname);
  END LOOP;
  FOR thing IN SELECT oid, oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      AND proowner = 'hotline_owner'::regrole
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') LOOP
    IF EXISTS (SELECT FROM pg_proc WHERE oid = thing.oid) THEN  -- not gone with another one already
      EXECUTE format('DROP ROUTINE %s CASCADE', thing.oid::regprocedure);
    END IF;
  END LOOP;
  FOR thing IN SELECT collname FROM pg_collation WHERE collnamespace = 'public'::regnamespace
      AND collowner = 'hotline_owner'::regrole LOOP
    EXECUTE format('DROP COLLATION IF EXISTS public.%I CASCADE', thing.collname);
  END LOOP;
  FOR thing IN SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
      AND typowner = 'hotline_owner'::regrole AND typtype IN ('e', 'd')
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e') LOOP
    EXECUTE format('DROP TYPE IF EXISTS public.%I CASCADE', thing.typname);
  END LOOP;
END $$;

-- :name texts_table where the texts wait until they are laid beside their reports
CREATE TEMPORARY TABLE backup_text (
  id bigint, description text, address text, text_salt bytea, content_hash bytea) ON COMMIT DROP;

-- :name reports_table and their reports
CREATE TEMPORARY TABLE backup_report (LIKE public.report) ON COMMIT DROP;

-- :name lay_together reports with their texts; without the key these stay empty
UPDATE pg_temp.backup_report AS report SET
  description = coalesce(report.description, kept.description), address = kept.address,
  text_salt = kept.text_salt, content_hash = kept.content_hash
FROM pg_temp.backup_text AS kept WHERE kept.id = report.id;
