-- :wait_for_other_loaders two processes that load the same set go one after the other
SELECT pg_advisory_xact_lock(hashtextextended('reference:' || :name, 0));

-- :loaded_checksum what was last loaded under this name
SELECT sha256 FROM reference_version WHERE name = :name;

-- :note_loaded remember the content and raise the version
INSERT INTO reference_version (name, sha256) VALUES (:name, :sha256)
ON CONFLICT (name) DO UPDATE
  SET sha256 = excluded.sha256, version = reference_version.version + 1, loaded_at = now();

-- :versions every set with its version
SELECT name, version FROM reference_version;

-- :state what every copy in memory is compared with before it answers: loaded sets, field order, newest area
SELECT current_database() AS database, coalesce(array_agg(name ORDER BY name), '{}') AS names,
       coalesce(array_agg(version || ' ' || sha256 || ' ' || loaded_at ORDER BY name), '{}') AS loads,
       (SELECT coalesce(array_agg(code ORDER BY position), '{}') FROM field) AS fields,
       (SELECT coalesce(max(id), 0) FROM area) AS newest_area
FROM reference_version;
