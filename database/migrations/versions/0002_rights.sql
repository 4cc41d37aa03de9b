-- Log-in, rights, limits.

-- Failed log-ins count by the name that was typed, whether there is such an account or not: the same row is written
-- for both, so neither the answer nor its timing tells which names exist. `name` is a keyed hash.
CREATE TABLE login_attempt (
  name         bytea PRIMARY KEY,
  failed       integer NOT NULL,
  failed_at    timestamptz NOT NULL,
  locked_until timestamptz
);
ALTER TABLE account DROP COLUMN failed, DROP COLUMN locked_until,
  ADD COLUMN label text NOT NULL DEFAULT '',       -- what the account is for: a role or a desk, never a person's name
  ADD COLUMN password_set_at timestamptz NOT NULL DEFAULT app_now();
ALTER TABLE account ADD CONSTRAINT account_roles CHECK (
  roles <@ ARRAY['call_taker', 'unit', 'area', 'planner', 'administrator']
  AND ('unit' = ANY(roles)) = (unit_id IS NOT NULL) AND ('area' = ANY(roles)) = (area_id IS NOT NULL));
CREATE INDEX account_session_account ON account_session (account_id);
CREATE INDEX account_session_end ON account_session (expires_at);

-- One may change one's own password, and the log-in renews a hash; what an account may do is somebody else's to say.
CREATE FUNCTION keep_account_rights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'hotline_app'
     AND NOT coalesce(string_to_array(current_setting('hotline.roles', true), ',')
                      && ARRAY['administrator', 'operator'], false)
     AND (new.id, new.username, new.roles, new.unit_id, new.area_id, new.disabled, new.demo)
         IS DISTINCT FROM (old.id, old.username, old.roles, old.unit_id, old.area_id, old.disabled, old.demo) THEN
    RAISE EXCEPTION 'an account does not change its own rights' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN new;
END $$;
CREATE TRIGGER account_rights_kept BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION keep_account_rights();

-- An area's officers see what lies in their area today.
CREATE INDEX public_incident_now_district ON public_incident (now_district_id, opened_at DESC);

-- How often an address has asked in the current window, for all processes and machines of the site. Unlogged: after a
-- crash counting starts again. Granted to nobody; these two functions, the owner's, are the only way to it.
CREATE UNLOGGED TABLE rate_count (
  key     text PRIMARY KEY,
  n       integer NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX rate_count_end ON rate_count (ends_at);
CREATE FUNCTION count_request(counted text, seconds integer, amount integer) RETURNS integer
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO public.rate_count AS kept (key, n, ends_at)
  VALUES (counted, amount, clock_timestamp() + make_interval(secs => seconds))
  ON CONFLICT (key) DO UPDATE SET
    n = CASE WHEN kept.ends_at <= clock_timestamp() THEN excluded.n ELSE kept.n + excluded.n END,
    ends_at = CASE WHEN kept.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE kept.ends_at END
  RETURNING n
$$;
CREATE FUNCTION requests_counted(counted text, OUT n integer, OUT ends_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT kept.n, kept.ends_at FROM public.rate_count AS kept
  WHERE kept.key = counted AND kept.ends_at > clock_timestamp()
$$;
CREATE FUNCTION forget_requests(counted text) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM public.rate_count WHERE ends_at < clock_timestamp() OR key = counted RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION count_request, requests_counted, forget_requests FROM PUBLIC;
