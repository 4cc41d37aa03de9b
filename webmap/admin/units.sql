-- :name numbers each unit's contact points and open incidents
SELECT unit.id AS unit_id,
       (SELECT count(*) FROM unit_contact WHERE unit_contact.unit_id = unit.id) AS contacts,
       (SELECT count(*) FROM incident WHERE incident.unit_id = unit.id
          AND incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')) AS open
FROM unit;

-- :name accepts the median time from being given something to accepting it, by the record's last events
WITH recent AS MATERIALIZED (
  SELECT incident_id, at, data ->> 'unit' AS unit_code FROM event
  WHERE id > (SELECT coalesce(max(id), 0) FROM event) - :events
    AND kind = 'incident.status_changed' AND data ->> 'status' = 'accepted'
)
SELECT unit.id AS unit_id,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY recent.at - assignment.assigned_at) AS median
FROM recent
JOIN unit ON unit.code = recent.unit_code
JOIN assignment ON assignment.incident_id = recent.incident_id AND assignment.unit_id = unit.id
  AND assignment.assigned_at <= recent.at AND (assignment.ended_at IS NULL OR assignment.ended_at >= recent.at)
GROUP BY unit.id;
