-- :name snapshot the state that an export was taken from: the record's last seal, and the database's versions
SELECT coalesce((SELECT max(seq) FROM seal), 0) AS sealed,
       (SELECT encode(hash, 'hex') FROM seal ORDER BY seq DESC LIMIT 1) AS seal,
       current_setting('server_version') AS postgresql, postgis_lib_version() AS postgis
