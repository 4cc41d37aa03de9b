-- :name incident_to_join the incident of a report, locked, as its own place and its public row say
SELECT * FROM incident_to_join(:code);

-- :name count_joined so many reports more on an incident
SELECT count_joined(:incident_id, :how_many, :at);
