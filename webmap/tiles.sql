-- :name incidents_counted below zoom 13, from the counts that are kept: 64 cells from :first, a disc where a cell holds
-- more than :apart; the few others stand for themselves.
WITH tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS envelope
), counted AS MATERIALIZED (
  SELECT cell, kind, state, n, x, y
  FROM map_counted('incidents', :grain, :z + 3, :first, :first + 63, :now, cast(:kinds AS text[]),
                   cast(:categories AS text[]), cast(:states AS text[]))
), cell AS MATERIALIZED (
  SELECT cell, sum(n)::int AS total, coalesce(sum(n) FILTER (WHERE state = 'late'), 0)::int AS late,
         sum(x) / sum(n) / 10 AS east, sum(y) / sum(n) / 10 AS north,
         coalesce(sum(n) FILTER (WHERE kind = 'tree'), 0)::int AS tree,
         coalesce(sum(n) FILTER (WHERE kind = 'subsidence'), 0)::int AS subsidence,
         coalesce(sum(n) FILTER (WHERE kind = 'construction'), 0)::int AS construction
  FROM counted GROUP BY cell
), single AS (
  SELECT code, kind, hero, reports AS n, precision, geom_3857, state
  FROM map_found((SELECT array_agg(cell) FROM cell WHERE total <= :apart), :z + 3, :now, cast(:kinds AS text[]),
                 cast(:categories AS text[]), cast(:states AS text[]))
), placed AS (
  -- A cell's square, from its number: every second bit is the column's.
  SELECT cell.*, (
           SELECT sum((cell.cell >> (2 * bit) & 1) << bit) FROM generate_series(0, 14) AS bit) AS "column", (
           SELECT sum((cell.cell >> (2 * bit + 1) & 1) << bit) FROM generate_series(0, 14) AS bit) AS "row"
  FROM cell WHERE cell.total > :apart
), feature AS (
  SELECT NULL AS code, NULL AS kind, NULL AS hero, 'cluster' AS state, NULL AS n, NULL AS rank, NULL AS precision,
         total AS count, late,
         CASE WHEN late = 0 THEN 0 ELSE greatest(1, round(late * 8.0 / total))::int END AS late8,
         CASE WHEN total < 10 THEN 's' WHEN total < 40 THEN 'm' ELSE 'l' END AS size,
         CASE WHEN greatest(tree, subsidence, construction) < greatest(3, total * 0.4) THEN ''
              WHEN tree >= subsidence AND tree >= construction THEN 'tree'
              WHEN subsidence >= construction THEN 'subsidence' ELSE 'construction' END AS lead,
         tree, subsidence, construction,
         map_disc(:z + 3, "column", "row", east, north) AS geom
  FROM placed
  UNION ALL
  SELECT code, kind, hero, state, n, CASE state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END,
         CASE WHEN precision IN ('ward', 'district') THEN 'ward' ELSE 'street' END,
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, geom_3857
  FROM single
)
SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
  SELECT code, kind, hero, state, n, rank, precision, count, late, late8, size, lead, tree, subsidence, construction,
         ST_AsMVTGeom(feature.geom, tile.envelope, 4096, 64, true) AS geom
  FROM feature, tile
) AS drawn;

-- :name incidents_gathered the same from the rows themselves: from zoom 13, and below it under a filter that the counts do
-- not know. Besides, a circle where the place of a single one is known to its ward only.
WITH tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS envelope
), near AS MATERIALIZED (
  SELECT incident.code, incident.kind, incident.hero, incident.reports, incident.precision, incident.geom_3857,
         at.state, at.x, at.y,
         floor((at.x + 20037508.342789244) * (2 ^ (:z + 3) / 40075016.685578488))::int - 8 * :x AS "column",
         floor((20037508.342789244 - at.y) * (2 ^ (:z + 3) / 40075016.685578488))::int - 8 * :y AS "row"
  FROM tile
  JOIN public_incident AS incident ON incident.geom_3857 && tile.envelope
  CROSS JOIN LATERAL ( -- OFFSET 0: worked out once a row, not again for each mention
    SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state,
           ST_X(incident.geom_3857) AS x, ST_Y(incident.geom_3857) AS y OFFSET 0) AS at
  WHERE map_wanted(at.state, incident.kind, incident.category, incident.opened_at, :states, :kinds, :categories, :since,
                   :until)
), cell AS MATERIALIZED (
  -- half open, so that a point on a tile's edge is counted in one tile
  SELECT "column", "row", count(*)::int AS total, (count(*) FILTER (WHERE state = 'late'))::int AS late,
         avg(round(x * 10)) / 10 AS east, avg(round(y * 10)) / 10 AS north,
         (count(*) FILTER (WHERE hero = 'tree'))::int AS tree,
         (count(*) FILTER (WHERE hero = 'subsidence'))::int AS subsidence,
         (count(*) FILTER (WHERE hero = 'construction'))::int AS construction
  FROM near WHERE "column" BETWEEN 0 AND 7 AND "row" BETWEEN 0 AND 7 GROUP BY "column", "row"
), sparse AS MATERIALIZED (
  -- A bit for each of the 64 cells: joining the rows with the cells instead, the planner, who cannot know how many rows
  -- there are, compares each row with each cell.
  SELECT coalesce(bit_or(1::bigint << (8 * "column" + "row")), 0) AS cells FROM cell WHERE total <= :apart
), single AS (
  SELECT code, kind, hero, state, reports AS n, geom_3857, CASE WHEN precision IN ('ward', 'district') THEN 'ward' ELSE 'street' END AS precision
  FROM near, sparse
  WHERE "column" BETWEEN 0 AND 7 AND "row" BETWEEN 0 AND 7 AND (sparse.cells >> (8 * "column" + "row")) & 1 = 1
), feature AS (
  SELECT NULL AS code, NULL AS kind, NULL AS hero, 'cluster' AS state, NULL AS n, NULL AS rank, NULL AS precision,
         total AS count, late,
         CASE WHEN late = 0 THEN 0 ELSE greatest(1, round(late * 8.0 / total))::int END AS late8,
         CASE WHEN total < 10 THEN 's' WHEN total < 40 THEN 'm' ELSE 'l' END AS size,
         CASE WHEN greatest(tree, subsidence, construction) < greatest(3, total * 0.4) THEN ''
              WHEN tree >= subsidence AND tree >= construction THEN 'tree'
              WHEN subsidence >= construction THEN 'subsidence' ELSE 'construction' END AS lead,
         tree, subsidence, construction,
         map_disc(:z + 3, 8 * :x + "column", 8 * :y + "row", east, north) AS geom
  FROM cell WHERE total > :apart
  UNION ALL
  SELECT code, kind, hero, state, n, CASE state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END,
         precision, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, geom_3857
  FROM single
), around AS (
  -- Known to its ward only, and its circle's square, by which it is found, reaches into the tile. Many lie at the middle
  -- of the same ward: one circle says it for all of them. A metre on the ground is cosh(y / R) of the Mercator map.
  SELECT geom_3857, least(accuracy_m, 3000) * cosh(ST_Y(geom_3857) / 6378137) AS radius, min(code) AS code,
         mode() WITHIN GROUP (ORDER BY hero) AS hero, mode() WITHIN GROUP (ORDER BY s.state) AS state, count(*)::int AS n
  FROM tile
  JOIN public_incident AS incident
    ON ST_Expand(geom_3857, least(accuracy_m, 3000) * cosh(ST_Y(geom_3857) / 6378137)) && tile.envelope
    AND precision IN ('ward', 'district')
  CROSS JOIN LATERAL (
    SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state OFFSET 0) AS s
  WHERE :z >= 13 AND s.state IN ('new', 'progress', 'late')
    AND map_wanted(s.state, kind, category, opened_at, :states, :kinds, :categories, :since, :until)
  GROUP BY 1, 2
  ORDER BY n DESC, code LIMIT 100
)
SELECT coalesce((SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
    SELECT code, kind, hero, state, n, rank, precision, count, late, late8, size, lead, tree, subsidence, construction,
           ST_AsMVTGeom(feature.geom, tile.envelope, 4096, 64, true) AS geom
    FROM feature, tile) AS drawn), '')
  ||
  coalesce((SELECT ST_AsMVT(drawn, 'precision', 4096, 'geom') FROM (
    SELECT code, hero, state, n,
           ST_AsMVTGeom(ST_Buffer(around.geom_3857, around.radius, 24), tile.envelope, 4096, 64, true) AS geom
    FROM around, tile) AS drawn), '');

-- :name reports_counted below zoom 13 like incidents, of reports; `count` stands for as many in a cell
WITH tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS envelope
), counted AS MATERIALIZED (
  SELECT cell, kind, state, n, x, y
  FROM map_counted('reports', :grain, :z + 3, :first, :first + 63, :now, cast(:kinds AS text[]),
                   cast(:categories AS text[]), cast(:states AS text[]))
), cell AS MATERIALIZED (
  SELECT cell, sum(n)::int AS total, sum(x) / sum(n) / 10 AS east, sum(y) / sum(n) / 10 AS north FROM counted GROUP BY cell
), small AS MATERIALIZED (
  SELECT cell FROM cell WHERE total <= :apart
), single AS (
  SELECT report.code, report.category, report.field, report.state, report.geom_3857
  FROM small
  CROSS JOIN LATERAL (
    SELECT report.*, map_state('reports', report.status, report.due_at, NULL, :now) AS state
    FROM public_report AS report
    WHERE report.map_cell BETWEEN small.cell << (2 * (12 - :z)) AND ((small.cell + 1) << (2 * (12 - :z))) - 1
      AND report.status <> 'withdrawn' OFFSET 0) AS report
  WHERE (cast(:states AS text[]) IS NULL OR report.state = ANY(:states))
    AND (cast(:kinds AS text[]) IS NULL OR report.field = ANY(:kinds))
    AND (cast(:categories AS text[]) IS NULL OR report.category = ANY(:categories))
)
SELECT ST_AsMVT(drawn, 'reports', 4096, 'geom') FROM (
  SELECT code, category, field, state, count, ST_AsMVTGeom(feature.geom, tile.envelope, 4096, 64, true) AS geom
  FROM tile, (
    SELECT NULL::text AS code, NULL::text AS category, NULL::text AS field, 'cluster' AS state, total AS count,
           ST_SetSRID(ST_MakePoint(east, north), 3857) AS geom
    FROM cell WHERE total > :apart
    UNION ALL
    SELECT code, category, field, state, NULL, geom_3857 FROM single
  ) AS feature
) AS drawn;

-- :name reports_gathered the same from the rows themselves
WITH tile AS (
  SELECT ST_TileEnvelope(:z, :x, :y) AS envelope
), shown AS MATERIALIZED (
  SELECT report.code, report.category, report.field, s.state, report.geom_3857,
         floor((ST_X(report.geom_3857) + 20037508.342789244) * (2 ^ (:z + 3) / 40075016.685578488))::int - 8 * :x AS "column",
         floor((20037508.342789244 - ST_Y(report.geom_3857)) * (2 ^ (:z + 3) / 40075016.685578488))::int - 8 * :y AS "row"
  FROM tile JOIN public_report AS report ON report.geom_3857 && tile.envelope
  CROSS JOIN LATERAL (
    SELECT map_state('reports', report.status, report.due_at, NULL, :now) AS state) AS s
  WHERE s.state IS NOT NULL
    AND (cast(:states AS text[]) IS NULL OR s.state = ANY(:states))
    AND (cast(:kinds AS text[]) IS NULL OR report.field = ANY(:kinds))
    AND (cast(:categories AS text[]) IS NULL OR report.category = ANY(:categories))
    AND (cast(:since AS timestamptz) IS NULL OR report.reported_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR report.reported_at < :until)
), cell AS MATERIALIZED (
  SELECT "column", "row", count(*)::int AS total,
         avg(round(ST_X(geom_3857) * 10)) / 10 AS east, avg(round(ST_Y(geom_3857) * 10)) / 10 AS north
  FROM shown WHERE "column" BETWEEN 0 AND 7 AND "row" BETWEEN 0 AND 7 GROUP BY "column", "row"
)
SELECT ST_AsMVT(drawn, 'reports', 4096, 'geom') FROM (
  SELECT code, category, field, state, count, ST_AsMVTGeom(feature.geom, tile.envelope, 4096, 64, true) AS geom
  FROM tile, (
    SELECT NULL::text AS code, NULL::text AS category, NULL::text AS field, 'cluster' AS state, total AS count,
           ST_SetSRID(ST_MakePoint(east, north), 3857) AS geom
    FROM cell WHERE total > :apart
    UNION ALL
    SELECT code, category, field, state, NULL, geom_3857 FROM shown JOIN cell USING ("column", "row") WHERE total <= :apart
  ) AS feature
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
    SELECT layer, class,
           -- Letters that our glyphs have; those of a few foreign shop signs (Thai, Hangul, signs) would be empty boxes.
           CASE WHEN layer <> 'housenumbers' THEN nullif(btrim(regexp_replace(
             name, '[^\u0020-\u024f\u0300-\u036f\u1e00-\u1eff\u2010-\u2027\u2030-\u205e\u20ab\u2100-\u214f]+', '', 'g'
           )), '') END AS name,
           CASE WHEN layer = 'housenumbers' THEN name END AS number, geom
    FROM visible WHERE geom IS NOT NULL
  ) AS drawn
  GROUP BY drawn.layer
) AS layers;

-- :name hotspots the cells of the standing analysis that touch a tile, handed in (polygons, EPSG:3857)
SELECT ST_AsMVT(marks, 'hotspots', 4096, 'geom') FROM (
  SELECT cell.n, cell.z, cell.p_fdr, cell.class,
         ST_AsMVTGeom(ST_SetSRID(ST_GeomFromWKB(cell.shape), 3857), ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom
  FROM unnest(cast(:shape AS bytea[]), cast(:n AS integer[]), cast(:score AS float8[]), cast(:p_fdr AS float8[]),
              cast(:kind AS text[])) AS cell (shape, n, z, p_fdr, class)
) AS marks WHERE geom IS NOT NULL
