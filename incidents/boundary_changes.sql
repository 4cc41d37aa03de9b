-- :name open_incidents what is still to be done, and where it lies: whom would the rules of another day's map ask?
SELECT id, category, ST_X(geom) AS lon, ST_Y(geom) AS lat, coalesce(accuracy_m, 0) AS accuracy_m,
       (opened_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day
FROM incident
WHERE geom IS NOT NULL AND category IS NOT NULL
  AND status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
ORDER BY id;
