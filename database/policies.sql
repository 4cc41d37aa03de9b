-- Row-level security, stated whole: run by the owner after grants.sql. It holds by itself: the application says the
-- same a second time (webmap/policy.py), and where it forgets to ask, the database does not.
--
-- A transaction says on whose behalf it runs (database/engine.py): hotline.roles, hotline.unit_id, hotline.area_id,
-- hotline.report_id, hotline.actor. Without them no row of people, units or the record is seen, and nothing at all is written. The owner
-- bypasses it and only migrates, dumps and restores.
--
-- Every table has its rules here or, in a comment of its own, the reason why not. tests/integration/test_policies.py
-- reads both from the catalogue, so a new table without either fails.

-- ---------------------------------------------------------------- who asks
-- Bodies are bound when they are made, so nobody's search_path changes what they mean. Policies call them inside
-- (SELECT …): once a statement, not once a row.
CREATE OR REPLACE FUNCTION has_role(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN string_to_array(current_setting('hotline.roles', true), ',') && wanted;
CREATE OR REPLACE FUNCTION own_unit() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN has_role('unit') THEN nullif(current_setting('hotline.unit_id', true), '')::integer END;
CREATE OR REPLACE FUNCTION own_area() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN has_role('area') THEN nullif(current_setting('hotline.area_id', true), '')::integer END;
CREATE OR REPLACE FUNCTION own_account() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
  RETURN substring(current_setting('hotline.actor', true) FROM '^account:([0-9]+)$')::integer;
-- Under which name a caller's answers are kept: '' without log-in, nothing without a context.
CREATE OR REPLACE FUNCTION own_name() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN has_role('public') THEN ''
              WHEN current_setting('hotline.roles', true) <> '' THEN current_setting('hotline.actor', true) END;
-- A reporter who has shown the pin of a report: that report, and the incident it belongs to. Both are read from the
-- public rows, which ask nothing back.
CREATE OR REPLACE FUNCTION own_report() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN has_role('reporter') THEN nullif(current_setting('hotline.report_id', true), '')::bigint END;
CREATE OR REPLACE FUNCTION own_incident() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (SELECT public_report.incident_id FROM public_report WHERE public_report.id = own_report());
-- … and whether the incident is theirs to change: their report is its first and its only one, and no unit has begun.
CREATE OR REPLACE FUNCTION owns_incident(status text, reports integer) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN status IN ('received', 'classified', 'assigned', 'withdrawn') AND reports = 1
    AND EXISTS (SELECT FROM public_report
                WHERE public_report.id = own_report() AND public_report.code = public_report.incident_code);
-- Whoever handles every report: call-takers, administrators, the operator's commands, the worker.
CREATE OR REPLACE FUNCTION handles_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN has_role('call_taker', 'administrator', 'operator', 'worker');
-- An officer of the whole city watches every incident.
CREATE OR REPLACE FUNCTION watches_city() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  RETURN own_area() IS NOT NULL AND EXISTS (SELECT FROM area WHERE area.id = own_area() AND area.level = 'city');

-- ---------------------------------------------------------------- a clean slate
DO $$
DECLARE name text; rule record;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables
              WHERE schemaname = 'public' AND tableowner = 'hotline_owner' LOOP
    FOR rule IN SELECT policyname FROM pg_policies WHERE schemaname = 'public' AND tablename = name LOOP
      EXECUTE format('DROP POLICY %I ON %I', rule.policyname, name);
    END LOOP;
  END LOOP;
  FOREACH name IN ARRAY ARRAY[
    'incident', 'report', 'report_place', 'assignment', 'photo', 'step', 'event', 'seal', 'record_cursor',
    'person', 'account', 'account_session', 'login_attempt', 'idempotency', 'unit_contact',
    'public_incident', 'public_report',
    'area', 'area_link', 'reference_version', 'field', 'category', 'unit', 'responsibility', 'deadline_rule', 'basemap',
    'gazetteer_source', 'gazetteer_entry', 'gazetteer_copy', 'gazetteer_correction', 'objection', 'wall_key',
    'analysis', 'analysis_result', 'saved_analysis',
    'analysis_schedule', 'analysis_run', 'hot_place', 'analysis_subscription', 'hot_notice'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
END $$;

COMMENT ON TABLE alembic_version IS
  'No row-level security: one line, the schema''s revision, which nobody but the owner may change.';
COMMENT ON TABLE rate_count IS
  'No row-level security: granted to nobody; only the owner''s functions count_request and requests_counted reach it.';

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['map_count', 'map_change', 'map_clock'] LOOP
    EXECUTE format('COMMENT ON TABLE %I IS %L', name, 'No row-level security: counts of public rows, granted for '
      'reading alone; only the owner''s triggers and fold_map_changes write them.');
  END LOOP;
END $$;

-- ---------------------------------------------------------------- the same for everybody
-- Reference data and the public read model are read by all, also without a context, and the rule for it is a plain
-- "true": the planner drops it, so && keeps its index (a test looks at the plans). Their rules are about writing.
DO $$
DECLARE name text; verb text;
BEGIN
  FOREACH name IN ARRAY ARRAY['area', 'area_link', 'reference_version', 'field', 'category', 'unit', 'responsibility',
                              'deadline_rule', 'basemap', 'unit_contact', 'gazetteer_source', 'gazetteer_entry',
                              'gazetteer_copy', 'gazetteer_correction'] LOOP
    IF name <> 'gazetteer_correction' THEN
      EXECUTE format('CREATE POLICY added ON %I FOR INSERT TO hotline_app
                      WITH CHECK ((SELECT has_role(''operator'', ''administrator'')))', name);
      EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO hotline_app
                      USING ((SELECT has_role(''operator'', ''administrator'')))', name);
    END IF;
    EXECUTE format('CREATE POLICY taken_out ON %I FOR DELETE TO hotline_app
                    USING ((SELECT has_role(''operator'', ''administrator'')))', name);
    IF name <> 'unit_contact' THEN
      EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO hotline_app, hotline_public USING (true)', name);
    END IF;
  END LOOP;
  FOREACH name IN ARRAY ARRAY['public_incident', 'public_report'] LOOP
    EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO hotline_app, hotline_public USING (true)', name);
    EXECUTE format('CREATE POLICY added ON %I FOR INSERT TO hotline_app
                    WITH CHECK ((SELECT handles_all() OR has_role(''public'')))', name);
    EXECUTE format('CREATE POLICY taken_out ON %I FOR DELETE TO hotline_app
                    USING ((SELECT has_role(''operator'')))', name);
  END LOOP;
END $$;

-- What a reporter with a pin may make of the public rows is what they may make of the incident.
CREATE POLICY changed ON public_incident FOR UPDATE TO hotline_app
  USING ((SELECT handles_all()) OR unit_id = (SELECT own_unit()) OR id = (SELECT own_incident()))
  WITH CHECK ((SELECT NOT has_role('reporter')) OR owns_incident(status, reports));
CREATE POLICY changed ON public_report FOR UPDATE TO hotline_app
  USING ((SELECT handles_all()) OR unit_id = (SELECT own_unit()) OR id = (SELECT own_report()))
  WITH CHECK (true);

-- Where an address was learnt to lie. A reporter's word waits for somebody here to confirm it.
CREATE POLICY added ON gazetteer_correction FOR INSERT TO hotline_app WITH CHECK (
  (SELECT has_role('operator', 'administrator', 'call_taker'))
  OR ((SELECT own_report()) IS NOT NULL AND confirmed_at IS NULL));
CREATE POLICY changed ON gazetteer_correction FOR UPDATE TO hotline_app
  USING ((SELECT has_role('operator', 'administrator', 'call_taker')));

-- Whom to call at a unit, and when: for those who work here.
CREATE POLICY seen ON unit_contact FOR SELECT TO hotline_app USING (
  (SELECT handles_all() OR has_role('unit', 'area', 'planner')));

-- ---------------------------------------------------------------- reports and incidents
-- An incident: all of it to who handles all and to planners (it holds no text and no person), its own to a unit, and
-- to an area's officers what lies in their area, by the boundaries of its own day or by those of today.
CREATE POLICY seen ON incident FOR SELECT TO hotline_app USING (
  (SELECT handles_all() OR has_role('planner') OR watches_city())
  OR unit_id = (SELECT own_unit())
  OR id = (SELECT own_incident())
  OR ward_id = (SELECT own_area()) OR district_id = (SELECT own_area())
  OR ((SELECT own_area()) IS NOT NULL AND EXISTS (
    SELECT FROM public_incident AS today WHERE today.id = incident.id
      AND (today.now_ward_id = (SELECT own_area()) OR today.now_district_id = (SELECT own_area())))));
CREATE POLICY made ON incident FOR INSERT TO hotline_app WITH CHECK ((SELECT handles_all() OR has_role('public')));
CREATE POLICY changed ON incident FOR UPDATE TO hotline_app USING (
  (SELECT handles_all()) OR unit_id = (SELECT own_unit()) OR id = (SELECT own_incident()))
  WITH CHECK ((SELECT NOT has_role('reporter')) OR owns_incident(status, reports));

-- A report follows its incident, save that planners do not see what people wrote.
CREATE POLICY seen ON report FOR SELECT TO hotline_app USING (
  (SELECT handles_all()) OR id = (SELECT own_report()) OR ((SELECT has_role('unit', 'area'))
    AND EXISTS (SELECT FROM incident WHERE incident.id = report.incident_id
                AND (NOT (SELECT has_role('planner')) OR incident.unit_id = (SELECT own_unit())
                     OR incident.ward_id = (SELECT own_area()) OR incident.district_id = (SELECT own_area())))));
CREATE POLICY made ON report FOR INSERT TO hotline_app WITH CHECK ((SELECT handles_all() OR has_role('public')));
CREATE POLICY changed ON report FOR UPDATE TO hotline_app
  USING ((SELECT handles_all()) OR id = (SELECT own_report()))
  WITH CHECK ((SELECT NOT has_role('reporter')) OR moderation <> 'released'
              OR NOT EXISTS (SELECT FROM public_report AS shown
                             WHERE shown.id = report.id AND shown.description IS DISTINCT FROM report.description));

CREATE POLICY seen ON report_place FOR SELECT TO hotline_app USING (
  EXISTS (SELECT FROM report WHERE report.id = report_place.report_id));
CREATE POLICY made ON report_place FOR INSERT TO hotline_app WITH CHECK (
  (SELECT handles_all()) OR report_id = (SELECT own_report()));
CREATE POLICY forgotten ON report_place FOR DELETE TO hotline_app USING ((SELECT has_role('administrator', 'operator')));

CREATE POLICY seen ON photo FOR SELECT TO hotline_app USING (
  (moderation = 'released' AND (SELECT has_role('public')))
  OR EXISTS (SELECT FROM report WHERE report.id = photo.report_id));
CREATE POLICY made ON photo FOR INSERT TO hotline_app WITH CHECK (
  (SELECT handles_all() OR has_role('public'))
  OR (report_id = (SELECT own_report()) AND moderation = 'held' AND role = 'report')
  OR ((SELECT has_role('unit')) AND EXISTS (SELECT FROM report WHERE report.id = photo.report_id)));
CREATE POLICY changed ON photo FOR UPDATE TO hotline_app
  USING ((SELECT handles_all()) OR (report_id = (SELECT own_report()) AND role = 'report'))
  WITH CHECK ((SELECT NOT has_role('reporter')) OR moderation = 'refused');
CREATE POLICY forgotten ON photo FOR DELETE TO hotline_app USING ((SELECT has_role('administrator', 'operator')));

CREATE POLICY seen ON assignment FOR SELECT TO hotline_app USING (
  EXISTS (SELECT FROM incident WHERE incident.id = assignment.incident_id));
CREATE POLICY made ON assignment FOR INSERT TO hotline_app WITH CHECK (
  (SELECT handles_all() OR has_role('public'))
  OR incident_id = (SELECT own_incident())
  OR ((SELECT has_role('unit')) AND EXISTS (SELECT FROM incident WHERE incident.id = assignment.incident_id)));
CREATE POLICY changed ON assignment FOR UPDATE TO hotline_app USING (
  (SELECT handles_all()) OR unit_id = (SELECT own_unit()) OR incident_id = (SELECT own_incident())) WITH CHECK (true);

-- That an incident is not theirs is said by whoever sees it, in their own name; the desk reads and settles it.
CREATE POLICY seen ON objection FOR SELECT TO hotline_app USING (
  EXISTS (SELECT FROM incident WHERE incident.id = objection.incident_id));
CREATE POLICY made ON objection FOR INSERT TO hotline_app WITH CHECK (
  actor = (SELECT current_setting('hotline.actor', true))
  AND (SELECT handles_all() OR has_role('unit', 'area'))
  AND EXISTS (SELECT FROM incident WHERE incident.id = objection.incident_id));
CREATE POLICY settled ON objection FOR UPDATE TO hotline_app USING ((SELECT handles_all())) WITH CHECK (true);

CREATE POLICY seen ON step FOR SELECT TO hotline_app USING (
  EXISTS (SELECT FROM incident WHERE incident.id = step.incident_id));
CREATE POLICY done ON step FOR ALL TO hotline_app USING ((SELECT has_role('worker', 'operator')));

-- ---------------------------------------------------------------- the record
-- Whoever acts writes to it, in their own name and about what they may see; the operator's commands and the worker
-- also carry what others did. Who sees an incident sees its history; the stream reads what it passes on, by number.
CREATE POLICY seen ON event FOR SELECT TO hotline_app USING (
  (SELECT handles_all()) OR EXISTS (SELECT FROM incident WHERE incident.id = event.incident_id));
CREATE POLICY streamed ON event FOR SELECT TO hotline_public USING (
  kind LIKE 'report.%' OR kind LIKE 'incident.%' OR kind LIKE 'bulk.%');
CREATE POLICY made ON event FOR INSERT TO hotline_app WITH CHECK (
  (SELECT has_role('operator', 'worker'))
  OR (actor = (SELECT current_setting('hotline.actor', true)) AND (
    (SELECT handles_all() OR has_role('public'))
    OR (report_id = (SELECT own_report()) AND incident_id = (SELECT own_incident()))
    OR ((SELECT has_role('unit', 'area', 'planner'))
        AND (incident_id IS NULL OR EXISTS (SELECT FROM incident WHERE incident.id = event.incident_id))))));

-- Numbers and hashes, for everybody to check; sealed by the sequencer alone.
CREATE POLICY seen ON seal FOR SELECT TO hotline_app, hotline_public USING (true);
CREATE POLICY sealed ON seal FOR INSERT TO hotline_app WITH CHECK ((SELECT has_role('worker', 'operator')));
CREATE POLICY held ON record_cursor FOR ALL TO hotline_app USING ((SELECT has_role('worker', 'operator')));

-- ---------------------------------------------------------------- people and accounts
-- People: written by whoever reports, read by who answers them. Units, areas and planners see no person.
CREATE POLICY seen ON person FOR SELECT TO hotline_app USING (
  (SELECT has_role('call_taker', 'administrator', 'operator')));
CREATE POLICY made ON person FOR INSERT TO hotline_app WITH CHECK ((SELECT handles_all() OR has_role('public')));
CREATE POLICY changed ON person FOR UPDATE TO hotline_app USING ((SELECT has_role('operator')));
CREATE POLICY forgotten ON person FOR DELETE TO hotline_app USING ((SELECT has_role('administrator', 'operator')));

-- Accounts: one's own; all of them to administrators; to the log-in, which is nobody yet. What an account may do is
-- changed by administrators and the operator alone: the trigger account_rights_kept.
CREATE POLICY seen ON account FOR SELECT TO hotline_app USING (
  (SELECT has_role('administrator', 'operator', 'login')) OR id = (SELECT own_account()));
CREATE POLICY changed ON account FOR UPDATE TO hotline_app USING (
  (SELECT has_role('administrator', 'operator', 'login')) OR id = (SELECT own_account()));
CREATE POLICY made ON account FOR INSERT TO hotline_app WITH CHECK ((SELECT has_role('administrator', 'operator')));
CREATE POLICY taken_out ON account FOR DELETE TO hotline_app USING ((SELECT has_role('operator')));
CREATE POLICY held ON account_session FOR ALL TO hotline_app USING (
  (SELECT has_role('administrator', 'operator', 'worker', 'login')) OR account_id = (SELECT own_account()))
  WITH CHECK ((SELECT has_role('login', 'operator')) OR account_id = (SELECT own_account()));
CREATE POLICY held ON login_attempt FOR ALL TO hotline_app USING (
  (SELECT has_role('login', 'operator', 'worker', 'administrator')));

-- Keys of wall screens: made and revoked by administrators; a screen that shows its secret is looked up as `wall`.
CREATE POLICY seen ON wall_key FOR SELECT TO hotline_app USING ((SELECT has_role('administrator', 'operator', 'wall')));
CREATE POLICY made ON wall_key FOR INSERT TO hotline_app WITH CHECK ((SELECT has_role('administrator', 'operator')));
CREATE POLICY changed ON wall_key FOR UPDATE TO hotline_app USING ((SELECT has_role('administrator', 'operator', 'wall')));
CREATE POLICY taken_out ON wall_key FOR DELETE TO hotline_app USING ((SELECT has_role('operator')));

-- Analyses: asked in one's own name, read by all planners (they count public rows), answered by the worker.
CREATE POLICY seen ON analysis FOR SELECT TO hotline_app USING (
  (SELECT has_role('planner', 'administrator', 'worker', 'operator')));
CREATE POLICY asked ON analysis FOR INSERT TO hotline_app WITH CHECK (
  (SELECT has_role('worker', 'operator'))
  OR ((SELECT has_role('planner', 'administrator')) AND asked_by = (SELECT own_account()) AND state = 'waiting'));
CREATE POLICY changed ON analysis FOR UPDATE TO hotline_app USING (
  (SELECT has_role('administrator', 'worker', 'operator'))
  OR ((SELECT has_role('planner')) AND asked_by = (SELECT own_account())))
  WITH CHECK ((SELECT has_role('worker', 'operator')) OR state = 'cancelled');
CREATE POLICY forgotten ON analysis FOR DELETE TO hotline_app USING ((SELECT has_role('worker', 'operator')));
CREATE POLICY seen ON analysis_result FOR SELECT TO hotline_app USING (
  (SELECT has_role('planner', 'administrator', 'worker', 'operator')));
CREATE POLICY kept ON analysis_result FOR INSERT TO hotline_app WITH CHECK ((SELECT has_role('worker', 'operator')));
CREATE POLICY changed ON analysis_result FOR UPDATE TO hotline_app USING ((SELECT has_role('worker', 'operator')));
CREATE POLICY forgotten ON analysis_result FOR DELETE TO hotline_app USING ((SELECT has_role('worker', 'operator')));

-- Names of analyses: given and taken away in one's own name, read by all planners.
CREATE POLICY seen ON saved_analysis FOR SELECT TO hotline_app USING (
  (SELECT has_role('planner', 'administrator', 'worker', 'operator')));
CREATE POLICY named ON saved_analysis FOR INSERT TO hotline_app WITH CHECK (
  (SELECT has_role('operator')) OR (SELECT has_role('planner', 'administrator')) AND saved_by = (SELECT own_account()));
CREATE POLICY renamed ON saved_analysis FOR UPDATE TO hotline_app USING (saved_by = (SELECT own_account()));
CREATE POLICY forgotten ON saved_analysis FOR DELETE TO hotline_app USING (
  (SELECT has_role('administrator', 'operator')) OR saved_by = (SELECT own_account()));

-- Schedules: begun and stopped by whoever saved the analysis, or an administrator; read by all planners. The worker
-- makes the runs, and finds what is new.
CREATE POLICY seen ON analysis_schedule FOR SELECT TO hotline_app USING (
  (SELECT has_role('planner', 'administrator', 'worker', 'operator')));
CREATE POLICY begun ON analysis_schedule FOR INSERT TO hotline_app WITH CHECK (
  (SELECT has_role('operator')) OR (started_by = (SELECT own_account()) AND (
    (SELECT has_role('administrator')) OR ((SELECT has_role('planner')) AND EXISTS (
      SELECT FROM saved_analysis AS saved WHERE saved.id = saved_id AND saved.saved_by = (SELECT own_account()))))));
CREATE POLICY changed ON analysis_schedule FOR UPDATE TO hotline_app USING (
  (SELECT has_role('operator', 'worker', 'administrator')) OR ((SELECT has_role('planner')) AND EXISTS (
    SELECT FROM saved_analysis AS saved WHERE saved.id = saved_id AND saved.saved_by = (SELECT own_account()))));
CREATE POLICY forgotten ON analysis_schedule FOR DELETE TO hotline_app USING ((SELECT has_role('operator')));
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['analysis_run', 'hot_place'] LOOP
    EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO hotline_app
                    USING ((SELECT has_role(''planner'', ''administrator'', ''worker'', ''operator'')))', name);
    EXECUTE format('CREATE POLICY made ON %I FOR INSERT TO hotline_app
                    WITH CHECK ((SELECT has_role(''worker'', ''operator'')))', name);
    EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO hotline_app
                    USING ((SELECT has_role(''worker'', ''operator'')))', name);
    EXECUTE format('CREATE POLICY forgotten ON %I FOR DELETE TO hotline_app
                    USING ((SELECT has_role(''operator'')))', name);
  END LOOP;
END $$;

-- Who wants to be told, and what they were told: each their own.
CREATE POLICY seen ON analysis_subscription FOR SELECT TO hotline_app USING (
  (SELECT has_role('worker', 'operator')) OR account_id = (SELECT own_account()));
CREATE POLICY wanted ON analysis_subscription FOR INSERT TO hotline_app WITH CHECK (
  (SELECT has_role('operator'))
  OR ((SELECT has_role('planner', 'administrator')) AND account_id = (SELECT own_account())));
CREATE POLICY ended ON analysis_subscription FOR DELETE TO hotline_app USING (
  (SELECT has_role('operator')) OR account_id = (SELECT own_account()));
CREATE POLICY seen ON hot_notice FOR SELECT TO hotline_app USING (
  (SELECT has_role('worker', 'operator'))
  OR ((SELECT has_role('planner', 'administrator')) AND account_id = (SELECT own_account())));
CREATE POLICY told ON hot_notice FOR INSERT TO hotline_app WITH CHECK ((SELECT has_role('worker', 'operator')));
CREATE POLICY read ON hot_notice FOR UPDATE TO hotline_app USING (
  (SELECT has_role('worker', 'operator')) OR account_id = (SELECT own_account()));
CREATE POLICY forgotten ON hot_notice FOR DELETE TO hotline_app USING ((SELECT has_role('operator')));

-- A kept answer belongs to its caller.
CREATE POLICY held ON idempotency FOR ALL TO hotline_app
  USING (caller = (SELECT own_name()) OR (SELECT has_role('worker', 'operator', 'administrator')))
  WITH CHECK (caller = (SELECT own_name()));
