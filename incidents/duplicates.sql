-- :name likely_duplicates open incidents of the same kind, near and recent, for each point of a batch
SELECT point.pos, near.code, near.category, near.status, near.opened_at, near.distance_m
FROM jsonb_to_recordset(cast(:points AS jsonb)) AS point (
  pos integer, lon double precision, lat double precision, kind text, metres double precision)
CROSS JOIN LATERAL (
  SELECT incident.code, incident.category, incident.status, incident.opened_at,
         ST_Distance(incident.geom::geography, ST_SetSRID(ST_MakePoint(point.lon, point.lat), 4326)::geography) AS distance_m
  FROM public_incident AS incident
  -- A degree of latitude is 110.6 km here and one of longitude 108.6 km: the box is a little larger than the circle.
  WHERE incident.geom_3857 && ST_Transform(
          ST_Expand(ST_SetSRID(ST_MakePoint(point.lon, point.lat), 4326), point.metres / 108000), 3857)
    AND coalesce(incident.group_code, incident.category) = point.kind
    AND incident.opened_at > :since
    AND incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
  ORDER BY distance_m LIMIT :limit
) AS near
WHERE near.distance_m <= point.metres
ORDER BY point.pos, near.distance_m;
