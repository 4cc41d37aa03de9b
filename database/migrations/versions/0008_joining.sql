-- "I see it too": a report becomes part of an incident that is there already.
--
-- Whoever reports without a log-in sees no incident and changes none (policies.sql); these two functions do no more than
-- joining takes. The first locks the incident, as everybody does who writes about it; its exact place leaves the
-- database for the question "is that near?" alone. The second counts.
CREATE FUNCTION incident_to_join(of_report text)
  RETURNS TABLE (id bigint, code text, category text, status text, unit_id integer, unit_code text, due_at timestamptz,
                 lon double precision, lat double precision, accuracy_m real)
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT incident.id, incident.code, incident.category, incident.status, incident.unit_id, unit.code, shown.due_at,
         ST_X(incident.geom), ST_Y(incident.geom), incident.accuracy_m
  FROM report
  JOIN incident ON incident.id = report.incident_id
  JOIN public_incident AS shown ON shown.id = incident.id
  JOIN unit ON unit.id = incident.unit_id
  WHERE report.code = of_report
  FOR UPDATE OF incident
$$;

CREATE FUNCTION count_joined(joined bigint, how_many integer, at timestamptz) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE incident SET reports = reports + how_many, updated_at = greatest(updated_at, at) WHERE id = joined;
  UPDATE public_incident SET reports = reports + how_many, updated_at = greatest(updated_at, at) WHERE id = joined;
$$;
REVOKE ALL ON FUNCTION incident_to_join, count_joined FROM PUBLIC;
