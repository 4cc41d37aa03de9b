-- :name person_of a report, and its incident locked as everybody does who writes about it
SELECT report.id AS report_id, report.incident_id, report.person_id
FROM report JOIN incident ON incident.id = report.incident_id WHERE report.code = :code FOR UPDATE OF incident;

-- :name sealed_person one person, encrypted
SELECT id, key_id, name, phone, email, phone_lookup FROM person WHERE id = :id;

-- :name codes_of_the_same the codes of all reports by the person of this one: the same row, or the same telephone
SELECT report.code FROM report JOIN person ON person.id = report.person_id
WHERE person.id = :id OR person.phone_lookup = (SELECT same.phone_lookup FROM person AS same WHERE same.id = :id)
ORDER BY report.code;

-- :name detach the person from a report
UPDATE report SET person_id = NULL WHERE id = :report_id;

-- :name delete_person once no report points at them any more
DELETE FROM person WHERE id = :id AND NOT EXISTS (SELECT FROM report WHERE report.person_id = :id);

-- :name erase_texts what they wrote, and the salt without which the record's commitment to it says nothing
UPDATE report SET description = NULL, address = NULL, text_salt = NULL, content_hash = NULL WHERE id = :report_id;

-- :name erase_public_text the same in the public row
UPDATE public_report SET description = NULL, updated_at = app_now() WHERE id = :report_id;

-- :name erase_photos what they photographed; the hashes, so that the files can go too
DELETE FROM photo WHERE report_id = :report_id AND role = 'report' RETURNING sha256;

-- :name erase_public_photos the same in the public row
UPDATE public_report SET updated_at = app_now(), photos = coalesce(
  (SELECT jsonb_agg(shown) FROM jsonb_array_elements(photos) AS shown WHERE shown ->> 'role' = 'repair'), '[]')
WHERE id = :report_id;

-- :name still_used which of these photos another report has too
SELECT DISTINCT sha256 FROM photo WHERE sha256 = ANY(:hashes);

-- :name erase_kept_answers answers kept under keys: beside them lies a hash of all that was sent
DELETE FROM idempotency WHERE answer ->> 'code' = :code;

-- :name of_other_keys people encrypted with another key than this one
SELECT id, key_id, name, phone, email, phone_lookup FROM person
WHERE key_id <> :key_id ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED;

-- :name reseal a person under another key
UPDATE person SET key_id = :key_id, name = :name, phone = :phone, email = :email, phone_lookup = :phone_lookup
WHERE id = :id;

-- :name keys_in_use how many people each key holds
SELECT key_id, count(*) AS people FROM person GROUP BY key_id;
