-- What each role may do, stated whole: run by the owner after every migration.
-- Only what the owner owns is named; PostGIS's own functions and spatial_ref_sys are everybody's by themselves.
GRANT USAGE ON SCHEMA public TO hotline_app, hotline_public;
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
              WHERE schemaname = 'public' AND tableowner = 'hotline_owner' LOOP
    EXECUTE format('REVOKE ALL ON %s FROM hotline_app, hotline_public', name);
  END LOOP;
  FOR name IN SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences
              WHERE schemaname = 'public' AND sequenceowner = 'hotline_owner' LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO hotline_app', name);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON
  area, area_link, reference_version, field, category, unit, unit_contact, responsibility, deadline_rule,
  person, account, account_session, login_attempt, incident, report, report_place, assignment, photo, idempotency,
  record_cursor, step, public_incident, public_report, basemap, gazetteer_source, gazetteer_entry, gazetteer_copy,
  gazetteer_correction, objection, wall_key, analysis, analysis_result,
  saved_analysis, analysis_schedule, analysis_run, hot_place, analysis_subscription, hot_notice
  TO hotline_app;
GRANT SELECT, INSERT ON event, seal TO hotline_app;

GRANT SELECT ON
  area, area_link, reference_version, field, category, unit, responsibility, deadline_rule, public_incident, public_report,
  basemap, gazetteer_source, gazetteer_entry, gazetteer_copy, gazetteer_correction
  TO hotline_public;
-- The stream reads what was sealed, by number; the event's data carry ids and codes only.
GRANT SELECT ON event, seal TO hotline_public;
-- Everybody may ask how far the schema is.
GRANT SELECT ON alembic_version TO hotline_app, hotline_public;
-- Rate limits count by these functions; the table behind them is nobody's.
GRANT EXECUTE ON FUNCTION count_request, requests_counted, forget_requests TO hotline_app;
-- A report that joins an incident asks for it and counts itself by these functions, whoever sent it.
GRANT EXECUTE ON FUNCTION incident_to_join, count_joined TO hotline_app;
-- Counts for the map: read by everybody; written by the owner's triggers, and by the fold that the worker asks for.
GRANT SELECT ON map_count, map_change, map_clock TO hotline_app, hotline_public;
GRANT EXECUTE ON FUNCTION fold_map_changes TO hotline_app;
