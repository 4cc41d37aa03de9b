-- :name marks what the map shows at a zoom below 13: for each cell around a box how many, and whether its disc is inside
WITH box AS (
  SELECT ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857) AS geom
), counted AS MATERIALIZED (
  SELECT counted.*
  FROM unnest(cast(:firsts AS integer[])) AS tile (first),
       map_counted('incidents', :grain, cast(:level AS integer), tile.first, tile.first + 63, :now,
                   cast(:kinds AS text[]), cast(:categories AS text[]), cast(:states AS text[])) AS counted
), cell AS (
  SELECT cell, sum(n)::int AS total, sum(x) / sum(n) / 10 AS east, sum(y) / sum(n) / 10 AS north,
         (SELECT sum((cell >> (2 * bit) & 1) << bit) FROM generate_series(0, 14) AS bit) AS "column",
         (SELECT sum((cell >> (2 * bit + 1) & 1) << bit) FROM generate_series(0, 14) AS bit) AS "row"
  FROM counted GROUP BY cell
), placed AS (
  SELECT cell.cell, cell.total > :apart AS disc,
         cell.total > :apart AND map_disc(:level, "column", "row", east, north) && box.geom AS inside
  FROM cell, box
)
SELECT counted.cell, placed.disc, counted.kind, counted.state, sum(counted.n)::int AS n
FROM placed JOIN counted USING (cell) WHERE placed.inside OR NOT placed.disc
GROUP BY counted.cell, placed.disc, counted.kind, counted.state;

-- :name found the incidents of some cells (numbers at :level)
SELECT id, kind, state, cell,
       geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857) AS inside
FROM map_found(cast(:cells AS integer[]), :level, :now, cast(:kinds AS text[]), cast(:categories AS text[]),
               cast(:states AS text[]));

-- :name page_of_few a page of these incidents, in the list's order
SELECT incident.*, ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat, s.state
FROM public_incident AS incident
CROSS JOIN LATERAL (
  SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS s
WHERE incident.id = ANY(cast(:ids AS bigint[]))
ORDER BY CASE s.state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END,
         CASE WHEN s.state = 'late' THEN incident.due_at END, incident.opened_at DESC, incident.id DESC
LIMIT :limit OFFSET :offset;

-- :name first_of_many ids for a page of the incidents of many cells: each state in its own order, by an index in that order
SELECT id FROM (
  (SELECT id, 0 AS rank, due_at, opened_at FROM public_incident AS incident
   WHERE 'late' = ANY(cast(:present AS text[]))
     AND status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged') AND due_at < :now
     AND map_cell >> (2 * (15 - cast(:level AS integer))) = ANY(cast(:cells AS integer[]))
     AND (cast(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))
     AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
   ORDER BY due_at, opened_at DESC, id DESC LIMIT :limit + :offset)
  UNION ALL
  (SELECT id, 1, NULL, opened_at FROM public_incident AS incident
   WHERE 'new' = ANY(cast(:present AS text[]))
     AND incident_state(status, due_at, resolved_at, :now) = 'new'
     AND map_cell >> (2 * (15 - cast(:level AS integer))) = ANY(cast(:cells AS integer[]))
     AND (cast(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))
     AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
   ORDER BY opened_at DESC, id DESC LIMIT :limit + :offset)
  UNION ALL
  (SELECT id, 2, NULL, opened_at FROM public_incident AS incident
   WHERE 'progress' = ANY(cast(:present AS text[]))
     AND incident_state(status, due_at, resolved_at, :now) = 'progress'
     AND map_cell >> (2 * (15 - cast(:level AS integer))) = ANY(cast(:cells AS integer[]))
     AND (cast(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))
     AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
   ORDER BY opened_at DESC, id DESC LIMIT :limit + :offset)
  UNION ALL
  (SELECT id, 3, NULL, opened_at FROM public_incident AS incident
   WHERE 'resolved' = ANY(cast(:present AS text[]))
     AND incident_state(status, due_at, resolved_at, :now) = 'resolved'
     AND map_cell >> (2 * (15 - cast(:level AS integer))) = ANY(cast(:cells AS integer[]))
     AND (cast(:kinds AS text[]) IS NULL OR kind = ANY(:kinds))
     AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
   ORDER BY opened_at DESC, id DESC LIMIT :limit + :offset)
) AS first
ORDER BY rank, due_at, opened_at DESC, id DESC LIMIT :limit + :offset;
