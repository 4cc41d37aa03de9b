-- What the map's tiles below zoom 13 are made of: how many of each kind, category and state lie in a cell.
-- How it stays right, and why this way: docs/decisions/0016-counts-that-are-never-late.md.

-- The cell of a point at level 15: the Mercator map cut into 32,768 × 32,768 squares of 1,223 m, columns from the west
-- and rows from the north as tiles are, their bits interleaved (y x y x …). The cell that holds it at a level above is
-- this number without its last 2 × (15 - level) bits, so every tile is one unbroken range of numbers.
CREATE FUNCTION map_cell(point geometry) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  c int := greatest(0, least(32767, floor((public.ST_X(point) + 20037508.342789244) * (32768 / 40075016.685578488::double precision))::int));
  r int := greatest(0, least(32767, floor((20037508.342789244 - public.ST_Y(point)) * (32768 / 40075016.685578488::double precision))::int));
BEGIN
  c := (c | (c << 8)) & 16711935; c := (c | (c << 4)) & 252645135; c := (c | (c << 2)) & 858993459; c := (c | (c << 1)) & 1431655765;
  r := (r | (r << 8)) & 16711935; r := (r | (r << 4)) & 252645135; r := (r | (r << 2)) & 858993459; r := (r | (r << 1)) & 1431655765;
  RETURN c | (r << 1);
END $$;

ALTER TABLE public_incident ADD COLUMN map_cell integer GENERATED ALWAYS AS (map_cell(geom_3857)) STORED;
ALTER TABLE public_report ADD COLUMN map_cell integer GENERATED ALWAYS AS (map_cell(geom_3857)) STORED;
CREATE INDEX public_incident_cell ON public_incident (map_cell, kind, status, resolved_at);
CREATE INDEX public_report_cell ON public_report (map_cell, status);
-- What changes its state by itself as time goes on, the due date passes (a resolved incident leaves the map by
-- public_incident_resolved).
CREATE INDEX public_report_open ON public_report (due_at)
  WHERE status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged');
-- Circles of what is known to its ward only reach far into other tiles.
CREATE INDEX public_incident_of_ward ON public_incident USING gist (geom_3857) WHERE precision IN ('ward', 'district');
-- No statement has the condition that it needs.
DROP INDEX public_incident_open_3857;

-- It takes days off a moment, which only an immutable function may not: as "stable" the planner puts its body in place of
-- the call, and a row costs a tenth of a microsecond instead of nine.
ALTER FUNCTION incident_state STABLE;

-- The state that a row has on a layer of the map, null where it is not drawn.
CREATE FUNCTION map_state(layer text, status text, due_at timestamptz, resolved_at timestamptz, at timestamptz)
  RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN layer = 'incidents' THEN incident_state(status, due_at, resolved_at, at)
              WHEN status <> 'withdrawn' THEN coalesce(incident_state(status, due_at, NULL, at), 'gone') END $$;

-- Counts as of map_clock.at. x and y are sums of the points' Mercator coordinates in decimetres: whole numbers, so that
-- a million additions and subtractions leave nothing behind.
CREATE TABLE map_count (
  layer    text NOT NULL CHECK (layer IN ('incidents', 'reports')),
  grain    text NOT NULL CHECK (grain IN ('hero', 'kind', 'category')),  -- the same in three grains, for fewer rows a tile
  level    smallint NOT NULL,                      -- 9 to 15: three more than the zoom that draws it
  cell     integer NOT NULL,
  kind     text NOT NULL,                          -- incidents: public_incident.kind or hero; reports: the field
  category text NOT NULL,                          -- in the finest grain; '' for none
  state    text NOT NULL,
  n        integer NOT NULL,
  x        bigint NOT NULL,
  y        bigint NOT NULL,
  PRIMARY KEY (layer, grain, level, cell, kind, category, state)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- What happened to public rows since, written in the same transaction: what was there (-1) and what is there now (+1).
-- Appended only, so no writer waits for another; the worker folds it into the counts.
CREATE TABLE map_change (
  layer       text NOT NULL,
  id          bigint NOT NULL,                     -- of the public row
  sign        smallint NOT NULL,
  cell        integer NOT NULL,                    -- at level 15
  kind        text NOT NULL,
  category    text NOT NULL,
  status      text NOT NULL,
  due_at      timestamptz,
  resolved_at timestamptz,
  x           integer NOT NULL,
  y           integer NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 1);
CREATE TABLE map_clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at   timestamptz NOT NULL
);
INSERT INTO map_clock (at) VALUES (app_now());
ANALYZE map_clock;

-- Rows that cannot be drawn, now or later, need no line: closed for good, or resolved too long before map_clock.at.
CREATE FUNCTION note_map_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'public_incident' THEN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO map_change
      SELECT 'incidents', id, 1, map_cell, kind, coalesce(category, ''), status, due_at, resolved_at,
             round(ST_X(geom_3857) * 10), round(ST_Y(geom_3857) * 10)
      FROM came WHERE map_cell IS NOT NULL AND status NOT IN ('rejected', 'withdrawn', 'merged')
        AND (status NOT IN ('resolved', 'closed') OR resolved_at IS NULL
             OR resolved_at > (SELECT at FROM map_clock) - interval '7 days');
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO map_change
      SELECT 'incidents', id, -1, map_cell, kind, coalesce(category, ''), status, due_at, resolved_at,
             round(ST_X(geom_3857) * 10), round(ST_Y(geom_3857) * 10)
      FROM went WHERE map_cell IS NOT NULL;
    ELSE
      INSERT INTO map_change
      SELECT 'incidents', id, each.* FROM went JOIN came USING (id), LATERAL (VALUES
        (-1, went.map_cell, went.kind, coalesce(went.category, ''), went.status, went.due_at, went.resolved_at,
         round(ST_X(went.geom_3857) * 10), round(ST_Y(went.geom_3857) * 10)),
        (1, came.map_cell, came.kind, coalesce(came.category, ''), came.status, came.due_at, came.resolved_at,
         round(ST_X(came.geom_3857) * 10), round(ST_Y(came.geom_3857) * 10))
      ) AS each (sign, cell, kind, category, status, due_at, resolved_at, x, y)
      WHERE each.cell IS NOT NULL
        AND (went.map_cell, went.kind, went.category, went.status, went.due_at, went.resolved_at,
             ST_X(went.geom_3857), ST_Y(went.geom_3857))
            IS DISTINCT FROM (came.map_cell, came.kind, came.category, came.status, came.due_at, came.resolved_at,
                              ST_X(came.geom_3857), ST_Y(came.geom_3857));
    END IF;
  ELSE
    IF TG_OP = 'INSERT' THEN
      INSERT INTO map_change
      SELECT 'reports', id, 1, map_cell, coalesce(field, ''), coalesce(category, ''), status, due_at, NULL,
             round(ST_X(geom_3857) * 10), round(ST_Y(geom_3857) * 10)
      FROM came WHERE map_cell IS NOT NULL AND status <> 'withdrawn';
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO map_change
      SELECT 'reports', id, -1, map_cell, coalesce(field, ''), coalesce(category, ''), status, due_at, NULL,
             round(ST_X(geom_3857) * 10), round(ST_Y(geom_3857) * 10)
      FROM went WHERE map_cell IS NOT NULL;
    ELSE
      INSERT INTO map_change
      SELECT 'reports', id, each.sign, each.cell, each.kind, each.category, each.status, each.due_at, NULL, each.x, each.y
      FROM went JOIN came USING (id), LATERAL (VALUES
        (-1, went.map_cell, coalesce(went.field, ''), coalesce(went.category, ''), went.status, went.due_at,
         round(ST_X(went.geom_3857) * 10), round(ST_Y(went.geom_3857) * 10)),
        (1, came.map_cell, coalesce(came.field, ''), coalesce(came.category, ''), came.status, came.due_at,
         round(ST_X(came.geom_3857) * 10), round(ST_Y(came.geom_3857) * 10))
      ) AS each (sign, cell, kind, category, status, due_at, x, y)
      WHERE each.cell IS NOT NULL
        AND (went.map_cell, went.field, went.category, went.status, went.due_at, ST_X(went.geom_3857),
             ST_Y(went.geom_3857))
            IS DISTINCT FROM (came.map_cell, came.field, came.category, came.status, came.due_at, ST_X(came.geom_3857),
                              ST_Y(came.geom_3857));
    END IF;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION forget_map_counts() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE emptied text := CASE TG_TABLE_NAME WHEN 'public_incident' THEN 'incidents' ELSE 'reports' END;
BEGIN
  DELETE FROM map_count WHERE layer = emptied;
  DELETE FROM map_change WHERE layer = emptied;
  RETURN NULL;
END $$;

DO $$
DECLARE name text; trigger text;
BEGIN
  FOREACH name IN ARRAY ARRAY['public_incident', 'public_report'] LOOP
    EXECUTE format('CREATE TRIGGER map_came AFTER INSERT ON %I REFERENCING NEW TABLE AS came
                    FOR EACH STATEMENT EXECUTE FUNCTION note_map_change()', name);
    EXECUTE format('CREATE TRIGGER map_moved AFTER UPDATE ON %I REFERENCING OLD TABLE AS went NEW TABLE AS came
                    FOR EACH STATEMENT EXECUTE FUNCTION note_map_change()', name);
    EXECUTE format('CREATE TRIGGER map_went AFTER DELETE ON %I REFERENCING OLD TABLE AS went
                    FOR EACH STATEMENT EXECUTE FUNCTION note_map_change()', name);
    EXECUTE format('CREATE TRIGGER map_emptied AFTER TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION forget_map_counts()', name);
    -- Also where other triggers are passed by (session_replication_role): the counts follow the rows, whoever writes.
    FOREACH trigger IN ARRAY ARRAY['map_came', 'map_moved', 'map_went', 'map_emptied'] LOOP
      EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, trigger);
    END LOOP;
  END LOOP;
END $$;

-- What became of rows by themselves between two moments (in either order): out of one state, into another.
-- Nothing happened to them, only time went by.
CREATE FUNCTION map_passed(before timestamptz, after timestamptz)
  RETURNS TABLE (layer text, id bigint, sign smallint, cell integer, kind text, category text, state text, x integer, y integer)
  LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT row.layer, row.id, turn.sign, row.cell, row.kind, row.category,
         map_state(row.layer, row.status, row.due_at, row.resolved_at, turn.at), row.x, row.y
  FROM (
    SELECT 'incidents' AS layer, id, map_cell AS cell, kind, coalesce(category, '') AS category, status, due_at, resolved_at,
           round(ST_X(geom_3857) * 10)::int AS x, round(ST_Y(geom_3857) * 10)::int AS y
    FROM public_incident
    WHERE status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
      AND due_at >= least(before, after) AND due_at < greatest(before, after) AND map_cell IS NOT NULL
    UNION ALL
    SELECT 'incidents', id, map_cell, kind, coalesce(category, ''), status, due_at, resolved_at,
           round(ST_X(geom_3857) * 10)::int, round(ST_Y(geom_3857) * 10)::int
    FROM public_incident
    WHERE status IN ('resolved', 'closed')
      AND resolved_at > least(before, after) - interval '7 days'
      AND resolved_at <= greatest(before, after) - interval '7 days' AND map_cell IS NOT NULL
    UNION ALL
    SELECT 'reports', id, map_cell, coalesce(field, ''), coalesce(category, ''), status, due_at, NULL,
           round(ST_X(geom_3857) * 10)::int, round(ST_Y(geom_3857) * 10)::int
    FROM public_report
    WHERE status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
      AND due_at >= least(before, after) AND due_at < greatest(before, after) AND map_cell IS NOT NULL
  ) AS row
  CROSS JOIN (VALUES (-1::smallint, before), (1::smallint, after)) AS turn (sign, at)
  WHERE map_state(row.layer, row.status, row.due_at, row.resolved_at, turn.at) IS NOT NULL;
END $$;

-- A kind in a grain.
CREATE FUNCTION map_grain(grain text, layer text, kind text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN grain <> 'hero' THEN kind WHEN layer = 'reports' THEN ''
              WHEN kind IN ('tree', 'subsidence', 'construction') THEN kind ELSE 'other' END $$;

-- The counts at any moment: those kept, what has happened since, and what time has done. Right with and without the
-- worker, which only keeps the second and third short. Cells from `first` to `last` at `at_level`; a filter that is null
-- lets everything through.
CREATE FUNCTION map_counted(of_layer text, of_grain text, at_level integer, first integer, last integer,
                            moment timestamptz, kinds text[], categories text[], states text[])
  RETURNS TABLE (cell integer, kind text, category text, state text, n bigint, x double precision, y double precision)
  LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 500 AS $$
#variable_conflict use_column
DECLARE
  counted_at timestamptz := (SELECT map_clock.at FROM map_clock);
  finer integer := 2 * (15 - at_level);
BEGIN
  RETURN QUERY
  SELECT part.cell, part.kind, part.category, part.state, sum(part.n), sum(part.x), sum(part.y)
  FROM (
    SELECT kept.cell, kept.kind, kept.category, kept.state, kept.n, kept.x::double precision AS x,
           kept.y::double precision AS y
    FROM map_count AS kept
    WHERE kept.layer = of_layer AND kept.grain = of_grain AND kept.level = at_level AND kept.cell BETWEEN first AND last
      AND kept.n <> 0
    UNION ALL
    SELECT change.cell >> finer, map_grain(of_grain, of_layer, change.kind),
           CASE WHEN of_grain = 'category' THEN change.category ELSE '' END,
           map_state(change.layer, change.status, change.due_at, change.resolved_at, counted_at),
           change.sign, change.sign * change.x::double precision, change.sign * change.y::double precision
    FROM map_change AS change
    WHERE change.layer = of_layer AND change.cell >> finer BETWEEN first AND last
    UNION ALL
    SELECT passed.cell >> finer, map_grain(of_grain, of_layer, passed.kind),
           CASE WHEN of_grain = 'category' THEN passed.category ELSE '' END, passed.state,
           passed.sign, passed.sign * passed.x::double precision, passed.sign * passed.y::double precision
    FROM map_passed(counted_at, moment) AS passed
    WHERE passed.layer = of_layer AND passed.cell >> finer BETWEEN first AND last
  ) AS part
  WHERE part.state IS NOT NULL
    AND (states IS NULL OR part.state = ANY(states))
    AND (kinds IS NULL OR part.kind = ANY(kinds))
    AND (categories IS NULL OR part.category = ANY(categories))
  GROUP BY part.cell, part.kind, part.category, part.state
  HAVING sum(part.n) > 0;
END $$;

-- Fold what has changed until `moment` into the counts, in one statement: whoever reads sees it all before or all after.
-- How many lines were folded; -1 where somebody else is at it.
CREATE FUNCTION fold_map_changes(moment timestamptz) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1022003) THEN RETURN -1; END IF;
  WITH clock AS (
    SELECT at AS before, greatest(at, moment) AS after FROM map_clock
  ), taken AS (
    DELETE FROM map_change RETURNING *
  ), difference AS (
    SELECT taken.layer, taken.cell, taken.kind, taken.category,
           map_state(taken.layer, taken.status, taken.due_at, taken.resolved_at, clock.before) AS state,
           taken.sign AS n, taken.sign * taken.x AS x, taken.sign * taken.y AS y
    FROM taken, clock
    UNION ALL
    SELECT passed.layer, passed.cell, passed.kind, passed.category, passed.state,
           passed.sign, passed.sign * passed.x, passed.sign * passed.y
    FROM clock, map_passed(clock.before, clock.after) AS passed
  ), finest AS (
    SELECT layer, cell, kind, category, state, sum(n) AS n, sum(x) AS x, sum(y) AS y
    FROM difference WHERE state IS NOT NULL
    GROUP BY layer, cell, kind, category, state
  ), written AS (
    INSERT INTO map_count AS kept (layer, grain, level, cell, kind, category, state, n, x, y)
    SELECT layer, grain, level, cell >> (2 * (15 - level)), map_grain(grain, layer, kind),
           CASE WHEN grain = 'category' THEN category ELSE '' END, state, sum(n), sum(x), sum(y)
    FROM finest
    CROSS JOIN generate_series(9, 15) AS level
    CROSS JOIN unnest(ARRAY['hero', 'kind', 'category']) AS grain
    WHERE (n, x, y) <> (0, 0, 0)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ORDER BY 1, 2, 3, 4, 5, 6, 7 -- those of one tile lie together
    ON CONFLICT (layer, grain, level, cell, kind, category, state)
      DO UPDATE SET n = kept.n + excluded.n, x = kept.x + excluded.x, y = kept.y + excluded.y
  ), moved AS (
    UPDATE map_clock SET at = clock.after FROM clock
  )
  SELECT count(*) INTO folded FROM taken;
  RETURN folded;
END $$;
REVOKE ALL ON FUNCTION fold_map_changes FROM PUBLIC;

-- What is there already. Written here and not by the triggers, which are younger than the rows.
INSERT INTO map_change
SELECT 'incidents', id, 1, map_cell, kind, coalesce(category, ''), status, due_at, resolved_at,
       round(ST_X(geom_3857) * 10), round(ST_Y(geom_3857) * 10)
FROM public_incident WHERE map_cell IS NOT NULL
UNION ALL
SELECT 'reports', id, 1, map_cell, coalesce(field, ''), coalesce(category, ''), status, due_at, NULL,
       round(ST_X(geom_3857) * 10), round(ST_Y(geom_3857) * 10)
FROM public_report WHERE map_cell IS NOT NULL;
SELECT fold_map_changes(app_now());
