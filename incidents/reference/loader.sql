-- :areas_checksum what committees and rules depend on: one changed code, name, span or shape gives another value
SELECT md5(
  (SELECT coalesce(string_agg(concat_ws('|', id, level, field, code, name, name_en, kind, valid), ';' ORDER BY id), '')
     FROM area WHERE in_force AND level IN ('ward', 'district', 'zone'))
  || (SELECT coalesce(string_agg(name || sha256, ';' ORDER BY name), '')
        FROM reference_version WHERE name LIKE 'boundaries%' OR name = 'zones'));

-- :fields the fields that are there
SELECT code, position FROM field;

-- :areas the areas in force with their first and last day
SELECT id, level, field, code, name, name_en, kind, lower(valid) AS first, upper(valid) - 1 AS last
  FROM area
 WHERE in_force AND level IN ('ward', 'district', 'zone')
 ORDER BY level, field, code COLLATE "C", id;

-- :holders the wards and districts that hold the inner point of a ward or zone, lowest code first
WITH inner_point AS MATERIALIZED (
  SELECT id, level, valid, coalesce(label_point, ST_PointOnSurface(geom)) AS geom
    FROM area WHERE in_force AND level IN ('ward', 'zone')
)
SELECT a.id AS area_id, h.id AS holder_id
  FROM inner_point AS a
  JOIN area AS h ON h.in_force AND h.level IN ('ward', 'district') AND h.level <> a.level
                AND h.valid && a.valid AND ST_Intersects(h.geom, a.geom)
 ORDER BY a.id, h.level, h.code COLLATE "C", h.id;

-- :put_fields the ten fields
WITH wanted AS (SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(code text, position smallint, name_vi text, name_en text))
INSERT INTO field (code, position, name_vi, name_en) SELECT code, position, name_vi, name_en FROM wanted
ON CONFLICT (code) DO UPDATE SET position = excluded.position, name_vi = excluded.name_vi, name_en = excluded.name_en;

-- :put_categories new ones, and those that changed
INSERT INTO category (code, field, group_code, position, name_vi, name_en, short_vi, short_en, urgency, retired)
SELECT code, field, group_code, position, name_vi, name_en, short_vi, short_en, urgency, false
  FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(code text, field text, group_code text, position smallint,
       name_vi text, name_en text, short_vi text, short_en text, urgency text)
ON CONFLICT (code) DO UPDATE SET field = excluded.field, group_code = excluded.group_code, position = excluded.position,
  name_vi = excluded.name_vi, name_en = excluded.name_en, short_vi = excluded.short_vi, short_en = excluded.short_en,
  urgency = excluded.urgency, retired = false;

-- :retire_categories those that left the file: reports keep them, nobody may choose them
UPDATE category SET retired = true
 WHERE code NOT IN (SELECT code FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(code text));

-- :put_units connected units and committees, by code
INSERT INTO unit (code, name_vi, name_en, kind, fields, connected, area_id, head_title, sample, source, valid)
SELECT code, name_vi, name_en, kind, ARRAY(SELECT jsonb_array_elements_text(fields)), connected, area_id, head_title,
       sample, source, daterange(first, last, '[]')
  FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(code text, name_vi text, name_en text, kind text, fields jsonb,
       connected boolean, area_id integer, head_title text, sample boolean, source text, first date, last date)
ON CONFLICT (code) DO UPDATE SET name_vi = excluded.name_vi, name_en = excluded.name_en, kind = excluded.kind,
  fields = excluded.fields, connected = excluded.connected, area_id = excluded.area_id, head_title = excluded.head_title,
  sample = excluded.sample, source = excluded.source, valid = excluded.valid;

-- :put_parents whom a unit belongs to
UPDATE unit AS u SET parent_id = p.id
  FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(code text, parent text)
  LEFT JOIN unit AS p ON p.code = r.parent
 WHERE u.code = r.code AND u.parent_id IS DISTINCT FROM p.id;

-- :retire_units those that left the files: incidents keep them, no rule names them
UPDATE unit SET connected = false,
       valid = daterange(lower(valid), greatest(coalesce(lower(valid), '-infinity'), least(coalesce(upper(valid), 'infinity'), app_now()::date)))
 WHERE code NOT IN (SELECT code FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(code text))
   AND (connected OR upper(valid) IS NULL);

-- :without_contact units of the file that nobody can reach
SELECT code FROM unit AS u
 WHERE (connected OR kind = 'desk') AND NOT EXISTS (SELECT FROM unit_contact AS c WHERE c.unit_id = u.id)
 ORDER BY code;

-- :drop_contacts before all are put in anew
DELETE FROM unit_contact;

-- :put_contacts all contact points anew: nothing points at them
INSERT INTO unit_contact (unit_id, label, channel, address, hours, sample)
SELECT u.id, r.label, r.channel, r.address, r.hours, r.sample
  FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(unit text, label text, channel text, address text, hours text, sample boolean)
  JOIN unit AS u ON u.code = r.unit;

-- :make_wanted the rules as they should be, beside those that are
CREATE TEMPORARY TABLE wanted_responsibility (rule text, field text, category text, area_id integer, unit_id integer,
  told_unit_id integer, valid daterange, sample boolean, source text, was integer DEFAULT 0) ON COMMIT DROP;

-- :put_wanted the rules, with units by their codes
INSERT INTO wanted_responsibility (rule, field, category, area_id, unit_id, told_unit_id, valid, sample, source)
SELECT r.rule, r.field, r.category, r.area_id, u.id, t.id, daterange(r.first, r.last, '[]'), r.sample, r.source
  FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(rule text, field text, category text, area_id integer, unit text, told text,
       first date, last date, sample boolean, source text)
  JOIN unit AS u ON u.code = r.unit
  LEFT JOIN unit AS t ON t.code = r.told;

-- :index_wanted for the two comparisons
CREATE INDEX ON wanted_responsibility (area_id, rule);

-- :drop_responsibilities what is not wanted as it is; its version is remembered for the rule that takes its place
WITH gone AS (
  DELETE FROM responsibility AS r
   WHERE NOT EXISTS (
     SELECT FROM wanted_responsibility AS w
      WHERE w.area_id = r.area_id AND w.rule = r.rule AND w.field = r.field AND w.unit_id = r.unit_id AND w.valid = r.valid
        AND w.category IS NOT DISTINCT FROM r.category AND w.told_unit_id IS NOT DISTINCT FROM r.told_unit_id
        AND w.sample = r.sample AND w.source = r.source)
  RETURNING r.rule, r.area_id, r.version
)
UPDATE wanted_responsibility AS w SET was = g.version
  FROM (SELECT rule, area_id, max(version) AS version FROM gone GROUP BY rule, area_id) AS g
 WHERE g.rule = w.rule AND g.area_id = w.area_id;

-- :put_responsibilities what is wanted and not there
INSERT INTO responsibility (rule, version, field, category, area_id, unit_id, told_unit_id, valid, sample, source)
SELECT w.rule, w.was + 1, w.field, w.category, w.area_id, w.unit_id, w.told_unit_id, w.valid, w.sample, w.source
  FROM wanted_responsibility AS w
 WHERE NOT EXISTS (
   SELECT FROM responsibility AS r
    WHERE w.area_id = r.area_id AND w.rule = r.rule AND w.field = r.field AND w.unit_id = r.unit_id AND w.valid = r.valid
      AND w.category IS NOT DISTINCT FROM r.category AND w.told_unit_id IS NOT DISTINCT FROM r.told_unit_id
      AND w.sample = r.sample AND w.source = r.source)
 ORDER BY w.rule, w.area_id, w.valid;

-- :drop_wanted so that a second load in one transaction may make it again
DROP TABLE wanted_responsibility;

-- :retire_deadlines those that left the file: incidents keep the rule that made their due times
UPDATE deadline_rule AS d SET retired = true
 WHERE NOT retired AND NOT EXISTS (
   SELECT FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(category text, dispatch_minutes integer, accept_minutes integer,
          resolve_minutes integer, calendar text, sample boolean, source text, first date, last date)
    WHERE r.category IS NOT DISTINCT FROM d.category AND r.dispatch_minutes = d.dispatch_minutes
      AND r.accept_minutes IS NOT DISTINCT FROM d.accept_minutes
      AND r.resolve_minutes IS NOT DISTINCT FROM d.resolve_minutes AND r.calendar = d.calendar
      AND daterange(r.first, r.last, '[]') = d.valid AND r.sample = d.sample AND r.source = d.source);

-- :put_deadlines new clocks, one version above what the category had
INSERT INTO deadline_rule (category, version, dispatch_minutes, accept_minutes, resolve_minutes, calendar, valid, sample, source)
SELECT r.category, coalesce((SELECT max(version) FROM deadline_rule AS d WHERE d.category IS NOT DISTINCT FROM r.category), 0) + 1,
       r.dispatch_minutes, r.accept_minutes, r.resolve_minutes, r.calendar, daterange(r.first, r.last, '[]'), r.sample, r.source
  FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS r(category text, dispatch_minutes integer, accept_minutes integer,
       resolve_minutes integer, calendar text, sample boolean, source text, first date, last date)
 WHERE NOT EXISTS (
   SELECT FROM deadline_rule AS d
    WHERE NOT d.retired AND r.category IS NOT DISTINCT FROM d.category AND r.dispatch_minutes = d.dispatch_minutes
      AND r.accept_minutes IS NOT DISTINCT FROM d.accept_minutes
      AND r.resolve_minutes IS NOT DISTINCT FROM d.resolve_minutes AND r.calendar = d.calendar
      AND daterange(r.first, r.last, '[]') = d.valid AND r.sample = d.sample AND r.source = d.source);
