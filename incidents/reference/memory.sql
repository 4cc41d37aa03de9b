-- :fields in the order of a report's zone ids
SELECT code, position, name_vi, name_en FROM field ORDER BY position;

-- :categories in the order of the file
SELECT code, field, group_code, position, name_vi, name_en, short_vi, short_en, urgency, retired FROM category ORDER BY position, code;

-- :units every unit, with its first and last day
SELECT id, code, name_vi, name_en, kind, fields, connected, parent_id, area_id, head_title, sample, source,
       lower(valid) AS first, upper(valid) - 1 AS last
  FROM unit ORDER BY name_vi, id;

-- :responsibilities every rule over an area in force, in order of time
SELECT r.id, r.rule, r.version, r.field, r.category, r.area_id, a.level, r.unit_id, coalesce(r.told_unit_id, 0) AS told_unit_id,
       lower(r.valid) AS first, upper(r.valid) - 1 AS last, r.sample, r.source
  FROM responsibility AS r JOIN area AS a ON a.id = r.area_id
 WHERE a.in_force AND NOT isempty(r.valid)
 ORDER BY r.area_id, lower(r.valid) NULLS FIRST, r.id;

-- :deadlines the clocks in force, newest version first
SELECT id, category, version, dispatch_minutes, accept_minutes, resolve_minutes, calendar, sample, source,
       lower(valid) AS first, upper(valid) - 1 AS last
  FROM deadline_rule WHERE NOT retired ORDER BY category, version DESC, id DESC;
