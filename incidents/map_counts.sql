-- :name waiting whether anything has happened to public rows that the counts do not hold yet
SELECT EXISTS (SELECT FROM map_change) AS changes, :now - at > interval '5 seconds' AS behind FROM map_clock;

-- :name fold it in, up to a moment; -1 where another process is at it
SELECT fold_map_changes(:now);
