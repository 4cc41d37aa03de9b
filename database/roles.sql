-- Three roles: the owner migrates, dumps and restores; the app serves; public reads the read model and nothing else.
-- Run by a superuser (or a role that may create roles) before the first migration; running it again changes nothing.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['hotline_owner', 'hotline_app', 'hotline_public'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name);
    END IF;
  END LOOP;
END $$;
