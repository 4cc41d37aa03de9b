-- The same rows with less work: what `script/bench import` showed a report to cost the database.

-- ---------------------------------------------------------------- indexes that no statement asks
-- Lists, tiles and charts read the public rows. An incident's exact place and the areas of its own day are read by its
-- key or for all of them; in the policies they stand in an OR with what no index knows.
DROP INDEX incident_geom, incident_ward, incident_district, report_ward, report_district;

-- ---------------------------------------------------------------- how wide an area is
-- A rejected construction violation shows its ward's middle and this radius. Measuring the ward's polygon on the globe
-- took half a millisecond a row. Kept by a trigger and not generated: a restored dump must not have to measure.
ALTER TABLE area ADD COLUMN radius_m double precision;  -- of a circle as large as the area
CREATE FUNCTION measure_area() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.radius_m := sqrt(ST_Area(NEW.geom::geography) / pi());
  RETURN NEW;
END $$;
CREATE TRIGGER area_measured BEFORE INSERT OR UPDATE OF geom ON area FOR EACH ROW EXECUTE FUNCTION measure_area();
UPDATE area SET radius_m = sqrt(ST_Area(geom::geography) / pi());
REVOKE ALL ON FUNCTION measure_area FROM PUBLIC;

CREATE OR REPLACE FUNCTION show_coarsely() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  exact geometry := NEW.geom;
  ward integer := coalesce(NEW.now_ward_id, NEW.ward_id);
  spread double precision;
BEGIN
  -- Not in the trigger's WHEN: a restored dump has no search path by which points could be compared there.
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.geom, NEW.status, NEW.group_code) IS NOT DISTINCT FROM (OLD.geom, OLD.status, OLD.group_code) THEN
      RETURN NEW;
    END IF;
    IF NEW.geom IS NOT DISTINCT FROM OLD.geom THEN
      IF TG_TABLE_NAME = 'public_report' THEN
        SELECT report.geom, report.precision, report.accuracy_m INTO exact, NEW.precision, NEW.accuracy_m
        FROM report WHERE report.id = NEW.id;
      ELSE
        SELECT incident.geom, lead.precision, incident.accuracy_m INTO exact, NEW.precision, NEW.accuracy_m
        FROM incident LEFT JOIN report AS lead ON lead.code = incident.code WHERE incident.id = NEW.id;
      END IF;
      NEW.geom := exact;
      NEW.geom_3857 := ST_Transform(exact, 3857);
    END IF;
  END IF;
  IF NEW.group_code IS DISTINCT FROM 'construction' OR exact IS NULL THEN
    RETURN NEW;
  END IF;
  NEW.place := without_house_number(NEW.place);
  IF NEW.status = 'rejected' AND ward IS NOT NULL THEN
    SELECT coalesce(area.label_point, ST_PointOnSurface(area.geom)), area.radius_m
    INTO NEW.geom, spread FROM area WHERE area.id = ward;
    NEW.precision := 'ward';
    NEW.accuracy_m := spread;
    NEW.place := '';
  ELSIF NEW.precision NOT IN ('ward', 'district') THEN
    NEW.geom := coarse_point(exact, NEW.code, ward, coalesce(NEW.now_district_id, NEW.district_id));
    NEW.precision := 'street';
    NEW.accuracy_m := greatest(NEW.accuracy_m, 75);
  END IF;
  NEW.geom_3857 := ST_Transform(NEW.geom, 3857);
  RETURN NEW;
END $$;
