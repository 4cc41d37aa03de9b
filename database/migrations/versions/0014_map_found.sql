-- What tiles and the list beside the map say in the same way, in one place.

-- A cell's disc: at the mean of its members, kept off the outer 22% of the cell so that discs do not overlap.
CREATE FUNCTION map_disc(level integer, "column" bigint, "row" bigint, east double precision, north double precision)
  RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN ST_SetSRID(ST_MakePoint(
    least(greatest(east, ("column" + 0.22) * 40075016.685578488 / 2 ^ level - 20037508.342789244),
          ("column" + 0.78) * 40075016.685578488 / 2 ^ level - 20037508.342789244),
    least(greatest(north, 20037508.342789244 - ("row" + 0.78) * 40075016.685578488 / 2 ^ level),
          20037508.342789244 - ("row" + 0.22) * 40075016.685578488 / 2 ^ level)), 3857);

-- Whether the filters let something through; one that is null lets everything through.
CREATE FUNCTION map_wanted(state text, kind text, category text, at timestamptz, states text[], kinds text[],
                           categories text[], since timestamptz, until timestamptz)
  RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN state IS NOT NULL AND (states IS NULL OR state = ANY(states)) AND (kinds IS NULL OR kind = ANY(kinds))
    AND (categories IS NULL OR category = ANY(categories)) AND (since IS NULL OR at >= since)
    AND (until IS NULL OR at < until);

-- The incidents of some cells (numbers at `at_level`) as they stand at `moment`, for a tile's single marks and for the
-- list beside the map: by way of the counts of the finest level, which say in which square they lie and of which kind they
-- are, so that a filter which leaves three of ten thousand does not read ten thousand. What has changed since the counts
-- were made, or passed its due date, is looked at by itself.
CREATE FUNCTION map_found(cells integer[], at_level integer, moment timestamptz, kinds text[], categories text[],
                          states text[])
  RETURNS TABLE (id bigint, code text, kind text, hero text, reports integer, "precision" text, geom_3857 geometry,
                 cell integer, state text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 AS $$
#variable_conflict use_column
DECLARE finer integer := 2 * (15 - at_level);
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT unnest(cells) AS cell
  ), candidate AS (
    SELECT found.id
    FROM wanted
    CROSS JOIN LATERAL (
      SELECT DISTINCT fine.cell, fine.kind, fine.state = 'resolved' AS resolved
      FROM map_count AS fine
      WHERE fine.layer = 'incidents' AND fine.grain = 'category' AND fine.level = 15 AND fine.n > 0
        AND fine.cell BETWEEN wanted.cell::bigint << finer AND ((wanted.cell::bigint + 1) << finer) - 1
        AND (states IS NULL OR fine.state = ANY(states))
        AND (kinds IS NULL OR fine.kind = ANY(kinds))
        AND (categories IS NULL OR fine.category = ANY(categories))
    ) AS fine
    CROSS JOIN LATERAL (
      SELECT incident.id FROM public_incident AS incident
      WHERE incident.map_cell = fine.cell AND incident.kind = fine.kind AND incident.status = ANY(
        CASE WHEN fine.resolved THEN ARRAY['resolved', 'closed']
             ELSE ARRAY['received', 'classified', 'assigned', 'accepted', 'in_progress', 'returned', 'reopened'] END)
      OFFSET 0
    ) AS found
    UNION
    SELECT change.id FROM map_change AS change
    WHERE change.layer = 'incidents' AND change.sign = 1 AND change.cell >> finer IN (SELECT wanted.cell FROM wanted)
    UNION
    SELECT passed.id FROM map_clock, map_passed(map_clock.at, moment) AS passed
    WHERE passed.layer = 'incidents' AND passed.sign = 1 AND passed.cell >> finer IN (SELECT wanted.cell FROM wanted)
  )
  SELECT incident.id, incident.code, incident.kind, incident.hero, incident.reports, incident.precision,
         incident.geom_3857, incident.map_cell >> finer, s.state
  FROM candidate
  CROSS JOIN LATERAL (SELECT * FROM public_incident WHERE public_incident.id = candidate.id OFFSET 0) AS incident
  CROSS JOIN LATERAL (
    SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, moment) AS state) AS s
  WHERE s.state IS NOT NULL AND incident.map_cell >> finer IN (SELECT wanted.cell FROM wanted)
    AND (states IS NULL OR s.state = ANY(states))
    AND (kinds IS NULL OR incident.kind = ANY(kinds))
    AND (categories IS NULL OR coalesce(incident.category, '') = ANY(categories));
END $$;
