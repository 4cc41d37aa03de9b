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
