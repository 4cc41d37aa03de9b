-- :name numbers each unit's contact points and open incidents
SELECT unit.id AS unit_id,
       (SELECT count(*) FROM unit_contact WHERE unit_contact.unit_id = unit.id) AS contacts,
       (SELECT count(*) FROM incident WHERE incident.unit_id = unit.id
          AND incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')) AS open
FROM unit;
