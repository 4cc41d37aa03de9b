-- Three roles: the owner migrates, dumps and restores; the app serves; public reads the read model and nothing else.
-- Run by a superuser (or a role that may create roles) before the first migration; running it again changes nothing.
DO $$
DECLARE
  name text;
  may_bypass boolean := (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user);
BEGIN
  FOREACH name IN ARRAY ARRAY['hotline_owner', 'hotline_app', 'hotline_public'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name);
    END IF;
  END LOOP;

  -- Row-level security is forced on everybody but the owner, or a dump would leave rows out.
  IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'hotline_owner') THEN
    IF may_bypass THEN
      ALTER ROLE hotline_owner BYPASSRLS;
    ELSE
      RAISE WARNING 'hotline_owner has no BYPASSRLS: let a superuser run ALTER ROLE hotline_owner BYPASSRLS';
    END IF;
  END IF;

  -- With a login of the operator's, that login becomes the owner by SET ROLE.
  IF NOT pg_has_role(current_user, 'hotline_owner', 'MEMBER') THEN
    EXECUTE format('GRANT hotline_owner TO %I', current_user);
  END IF;

  -- Tiles and lists: JIT and parallel workers cost them more than they give. Public only ever reads.
  FOREACH name IN ARRAY ARRAY['hotline_app', 'hotline_public'] LOOP
    EXECUTE format('ALTER ROLE %I SET jit = off', name);
    EXECUTE format('ALTER ROLE %I SET max_parallel_workers_per_gather = 0', name);
  END LOOP;
  ALTER ROLE hotline_public SET default_transaction_read_only = on;
  ALTER ROLE hotline_public SET statement_timeout = '30s';
END $$;
