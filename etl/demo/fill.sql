-- :name last_demo_id the external id of the demo report filled in last: it names the run and how far it came
SELECT external_id FROM report WHERE demo AND external_id LIKE 'demo-%' ORDER BY id DESC LIMIT 1

-- :name codes_of_run code of every report of one run, by its number within the run
SELECT cast(substr(external_id, length(:key) + 2) AS integer) AS number, code
FROM report WHERE demo AND external_id LIKE :key || '-%' ORDER BY 1
