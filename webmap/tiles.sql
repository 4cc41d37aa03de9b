-- :name incidents_clustered below zoom 13: cells of one eighth of a tile's side; four and more become a cluster
WITH tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS envelope
), cell AS (
  SELECT envelope, ST_XMin(envelope) AS west, ST_YMin(envelope) AS south,
         ST_XMax(envelope) AS east, ST_YMax(envelope) AS north,
         (ST_XMax(envelope) - ST_XMin(envelope)) / 8 AS side
  FROM tile
), shown AS (
  SELECT incident.code, incident.kind, incident.hero, incident.reports AS n, incident.precision, incident.geom_3857,
         ST_X(incident.geom_3857) AS east, ST_Y(incident.geom_3857) AS north, s.state,
         floor((ST_X(incident.geom_3857) - cell.west) / cell.side)::int AS "column",
         floor((ST_Y(incident.geom_3857) - cell.south) / cell.side)::int AS "row"
  FROM cell
  JOIN public_incident AS incident ON incident.geom_3857 && cell.envelope
    -- half open, so that a point on a tile's edge is counted in one tile
    AND ST_X(incident.geom_3857) >= cell.west AND ST_X(incident.geom_3857) < cell.east
    AND ST_Y(incident.geom_3857) >= cell.south AND ST_Y(incident.geom_3857) < cell.north
  CROSS JOIN LATERAL (
    SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS s
  WHERE s.state IS NOT NULL
    AND (cast(:states AS text[]) IS NULL OR s.state = ANY(:states))
    AND (cast(:kinds AS text[]) IS NULL OR incident.kind = ANY(:kinds))
    AND (cast(:categories AS text[]) IS NULL OR incident.category = ANY(:categories))
    AND (cast(:since AS timestamptz) IS NULL OR incident.opened_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR incident.opened_at < :until)
), counted AS (
  SELECT "column", "row", count(*) AS total, count(*) FILTER (WHERE state = 'late') AS late,
         avg(east) AS east, avg(north) AS north,
         count(*) FILTER (WHERE hero = 'tree') AS tree,
         count(*) FILTER (WHERE hero = 'subsidence') AS subsidence,
         count(*) FILTER (WHERE hero = 'construction') AS construction
  FROM shown GROUP BY "column", "row"
), feature AS (
  SELECT NULL::text AS code, NULL::text AS kind, NULL::text AS hero, 'cluster' AS state, NULL::int AS n,
         NULL::int AS rank, NULL::text AS precision, counted.total::int AS count, counted.late::int AS late,
         CASE WHEN counted.late = 0 THEN 0 ELSE greatest(1, round(counted.late * 8.0 / counted.total))::int END AS late8,
         CASE WHEN counted.total < 10 THEN 's' WHEN counted.total < 40 THEN 'm' ELSE 'l' END AS size,
         CASE WHEN greatest(tree, subsidence, construction) < greatest(3, counted.total * 0.4) THEN ''
              WHEN tree >= subsidence AND tree >= construction THEN 'tree'
              WHEN subsidence >= construction THEN 'subsidence' ELSE 'construction' END AS lead,
         tree::int, subsidence::int, construction::int,
         -- the mean of its members, kept off the outer 22% of the cell so that discs do not overlap
         ST_SetSRID(ST_MakePoint(
           least(greatest(counted.east, cell.west + ("column" + 0.22) * cell.side), cell.west + ("column" + 0.78) * cell.side),
           least(greatest(counted.north, cell.south + ("row" + 0.22) * cell.side), cell.south + ("row" + 0.78) * cell.side)
         ), 3857) AS geom
  FROM counted, cell WHERE counted.total >= 4
  UNION ALL
  SELECT shown.code, shown.kind, shown.hero, shown.state, shown.n,
         CASE shown.state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END,
         CASE WHEN shown.precision IN ('ward', 'district') THEN 'ward' ELSE 'street' END,
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, shown.geom_3857
  FROM shown JOIN counted USING ("column", "row") WHERE counted.total < 4
)
SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
  SELECT code, kind, hero, state, n, rank, precision, count, late, late8, size, lead, tree, subsidence, construction,
         ST_AsMVTGeom(feature.geom, tile.envelope, 4096, 64, true) AS geom
  FROM feature, tile
) AS drawn;

-- :name incidents_points from zoom 13: every incident, and a circle where the place is known to its ward only
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope),
shown AS (
  SELECT incident.code, incident.kind, incident.hero, incident.reports AS n, incident.geom_3857, incident.accuracy_m,
         CASE WHEN incident.precision IN ('ward', 'district') THEN 'ward' ELSE 'street' END AS precision, s.state,
         CASE s.state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END AS rank
  FROM tile
  JOIN public_incident AS incident ON incident.geom_3857 && ST_Expand(tile.envelope, 3000)
  CROSS JOIN LATERAL (
    SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS s
  WHERE s.state IS NOT NULL
    AND (cast(:states AS text[]) IS NULL OR s.state = ANY(:states))
    AND (cast(:kinds AS text[]) IS NULL OR incident.kind = ANY(:kinds))
    AND (cast(:categories AS text[]) IS NULL OR incident.category = ANY(:categories))
    AND (cast(:since AS timestamptz) IS NULL OR incident.opened_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR incident.opened_at < :until)
)
SELECT
  (SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
    SELECT code, kind, hero, state, n, rank, precision,
           ST_AsMVTGeom(shown.geom_3857, tile.envelope, 4096, 64, true) AS geom
    FROM shown, tile WHERE shown.geom_3857 && tile.envelope
      AND ST_X(shown.geom_3857) < ST_XMax(tile.envelope) AND ST_Y(shown.geom_3857) < ST_YMax(tile.envelope)) AS drawn)
  ||
  (SELECT ST_AsMVT(drawn, 'precision', 4096, 'geom') FROM (
    SELECT code, hero, state,
           -- a metre on the ground is 1 / cos(latitude) metres of the Mercator map
           ST_AsMVTGeom(ST_Buffer(shown.geom_3857, least(shown.accuracy_m, 3000)
             / cos(radians(ST_Y(ST_Transform(shown.geom_3857, 4326)))), 24), tile.envelope, 4096, 64, true) AS geom
    FROM shown, tile WHERE shown.precision = 'ward' AND shown.state <> 'resolved') AS drawn);

-- :name reports every report that the public may see
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope)
SELECT ST_AsMVT(drawn, 'reports', 4096, 'geom') FROM (
  SELECT report.code, report.category, report.field,
         coalesce(incident_state(report.status, report.due_at, NULL, :now), 'gone') AS state,
         ST_AsMVTGeom(report.geom_3857, tile.envelope, 4096, 64, true) AS geom
  FROM tile JOIN public_report AS report ON report.geom_3857 && tile.envelope
    AND ST_X(report.geom_3857) < ST_XMax(tile.envelope) AND ST_Y(report.geom_3857) < ST_YMax(tile.envelope)
  WHERE report.status <> 'withdrawn'
    AND (cast(:kinds AS text[]) IS NULL OR report.field = ANY(:kinds))
    AND (cast(:states AS text[]) IS NULL OR incident_state(report.status, report.due_at, NULL, :now) = ANY(:states))
    AND (cast(:categories AS text[]) IS NULL OR report.category = ANY(:categories))
    AND (cast(:since AS timestamptz) IS NULL OR report.reported_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR report.reported_at < :until)
) AS drawn;

-- :name wards the wards in force on a day, their borders once each, and a point for each name
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope)
SELECT
  (SELECT ST_AsMVT(drawn, 'wards', 4096, 'geom') FROM (
    SELECT area.code, area.short_name AS name, area.name AS full_name, area.kind AS level, area.official_km2 AS area,
           ST_AsMVTGeom(ST_Transform(area.geom, 3857), tile.envelope, 4096, 64, true) AS geom
    FROM tile JOIN area ON area.geom && ST_Transform(tile.envelope, 4326)
    WHERE area.level = 'ward' AND area.in_force AND area.valid @> cast(:day AS date)) AS drawn)
  || (SELECT ST_AsMVT(drawn, 'ward_lines', 4096, 'geom') FROM (
    SELECT ST_AsMVTGeom(line.geom_3857, tile.envelope, 4096, 64, true) AS geom
    FROM tile JOIN basemap AS line ON line.layer = 'ward_lines' AND line.geom_3857 && tile.envelope) AS drawn)
  || (SELECT ST_AsMVT(drawn, 'ward_labels', 4096, 'geom') FROM (
    SELECT area.code, area.short_name AS name, area.name AS full_name, area.official_km2 AS area,
           ST_AsMVTGeom(ST_Transform(area.label_point, 3857), tile.envelope, 4096, 0, true) AS geom
    FROM tile JOIN area ON area.label_point && ST_Transform(tile.envelope, 4326)
    WHERE area.level = 'ward' AND area.in_force AND area.valid @> cast(:day AS date)) AS drawn);

-- :name districts the former districts of the last day before the reform: the names that people say
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope)
SELECT
  (SELECT ST_AsMVT(drawn, 'districts', 4096, 'geom') FROM (
    SELECT area.code, area.name, ST_AsMVTGeom(ST_Transform(area.geom, 3857), tile.envelope, 4096, 64, true) AS geom
    FROM tile JOIN area ON area.geom && ST_Transform(tile.envelope, 4326)
    WHERE area.level = 'district' AND area.in_force AND area.valid @> date '2025-06-30') AS drawn)
  || (SELECT ST_AsMVT(drawn, 'district_lines', 4096, 'geom') FROM (
    SELECT ST_AsMVTGeom(line.geom_3857, tile.envelope, 4096, 64, true) AS geom
    FROM tile JOIN basemap AS line ON line.layer = 'district_lines' AND line.geom_3857 && tile.envelope) AS drawn)
  || (SELECT ST_AsMVT(drawn, 'district_labels', 4096, 'geom') FROM (
    SELECT area.code, area.name, ST_AsMVTGeom(ST_Transform(area.label_point, 3857), tile.envelope, 4096, 0, true) AS geom
    FROM tile JOIN area ON area.label_point && ST_Transform(tile.envelope, 4326)
    WHERE area.level = 'district' AND area.in_force AND area.valid @> date '2025-06-30') AS drawn);

-- :name zones the zones of one field
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope)
SELECT ST_AsMVT(drawn, 'zones', 4096, 'geom') FROM (
  SELECT area.field, area.code, area.name, unit.name_vi AS unit,
         ST_AsMVTGeom(ST_Transform(area.geom, 3857), tile.envelope, 4096, 64, true) AS geom
  FROM tile JOIN area ON area.geom && ST_Transform(tile.envelope, 4326)
  LEFT JOIN LATERAL (
    SELECT unit.name_vi FROM responsibility AS rule JOIN unit ON unit.id = rule.unit_id
    WHERE rule.area_id = area.id AND rule.category IS NULL AND rule.valid @> cast(:day AS date) LIMIT 1) AS unit ON true
  WHERE area.level = 'zone' AND area.field = :field AND area.in_force AND area.valid @> cast(:day AS date)
) AS drawn;

-- :name basemap every layer of the ground under the incidents
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS envelope, 40075016.68 / 2 ^ (:z + 8) AS pixel),
visible AS (
  SELECT ground.layer, ground.class, ground.name, ST_AsMVTGeom(
           -- half a pixel is not seen; preserving topology would cost ten times as much
           CASE WHEN :z < 14 THEN ST_Simplify(ground.geom_3857, tile.pixel / 2, true) ELSE ground.geom_3857 END,
           tile.envelope, 4096, 64, true) AS geom
  FROM tile JOIN basemap AS ground ON ground.geom_3857 && ST_Expand(tile.envelope, tile.pixel * 8)
  WHERE ground.min_zoom <= :z AND ground.layer NOT IN ('ward_lines', 'district_lines')
    AND (ST_Dimension(ground.geom_3857) < 2 OR ST_Area(ST_Envelope(ground.geom_3857)) > 4 * tile.pixel ^ 2)
)
SELECT string_agg(layer_tile, ''::bytea) FROM (
  SELECT ST_AsMVT(drawn, drawn.layer, 4096, 'geom') AS layer_tile
  FROM (
    SELECT layer, class, CASE WHEN layer <> 'housenumbers' THEN name END AS name,
           CASE WHEN layer = 'housenumbers' THEN name END AS number, geom
    FROM visible WHERE geom IS NOT NULL
  ) AS drawn
  GROUP BY drawn.layer
) AS layers;
