-- What each role may do, stated whole: run by the owner after every migration.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM hotline_app, hotline_public;
GRANT USAGE ON SCHEMA public TO hotline_app, hotline_public;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO hotline_app, hotline_public;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO hotline_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON
  area, area_link, reference_version, field, category, unit, unit_contact, responsibility, deadline_rule,
  person, account, account_session, incident, report, report_place, assignment, photo, idempotency,
  record_cursor, step, public_incident, public_report, basemap
  TO hotline_app;
GRANT SELECT, INSERT ON event, seal TO hotline_app;

GRANT SELECT ON
  area, area_link, reference_version, field, category, unit, responsibility, public_incident, public_report, basemap
  TO hotline_public;
-- The stream reads what was sealed, by number; the event's data carry ids and codes only.
GRANT SELECT ON event, seal TO hotline_public;
GRANT SELECT ON spatial_ref_sys, geometry_columns, geography_columns TO hotline_app, hotline_public;
