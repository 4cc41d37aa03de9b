-- What the public sees of a construction violation's place: never the house.
--
-- Whoever reports a violation often lives next door or in it, and the report is an accusation that nobody has looked
-- into yet. The public rows therefore hold another point of the same cell of about 100 m (in the same ward and former
-- district, so that areas count the same), known "to the street, within 75 m", and a street without its house number;
-- once such a report is rejected, its ward alone. The exact place stays in `report` and `incident`, for those whose
-- work it is.
--
-- A trigger, so that no writer can forget it. Insert and a moved place: the exact point arrives in the row. Another
-- status or category alone: it is read again from the report or incident.
CREATE FUNCTION coarse_point(exact geometry, code text, ward_id integer, district_id integer) RETURNS geometry
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  side CONSTANT double precision := 0.0009;         -- degrees: 99.5 m to the north, 98 m to the east at this latitude
  west double precision := floor(public.ST_X(exact) / side) * side;
  south double precision := floor(public.ST_Y(exact) / side) * side;
  noise bigint;
  shown geometry;
  inside geometry;
BEGIN
  -- From the code, not at random: the same report always stands at the same point, and says nothing of the exact one.
  FOR attempt IN 0..3 LOOP
    noise := hashtextextended(code, attempt) & 4294967295;
    shown := ST_SetSRID(ST_MakePoint(west + side * ((noise & 65535) + 0.5) / 65536, south + side * ((noise >> 16) + 0.5) / 65536), 4326);
    IF NOT EXISTS (SELECT FROM area WHERE area.id IN (ward_id, district_id) AND NOT ST_Covers(area.geom, shown)) THEN
      RETURN shown;
    END IF;
  END LOOP;
  inside := ST_MakeEnvelope(west, south, west + side, south + side, 4326);
  FOR shown IN SELECT area.geom FROM area WHERE area.id IN (ward_id, district_id) LOOP
    inside := ST_Intersection(inside, shown);
  END LOOP;
  RETURN CASE WHEN ST_Dimension(inside) = 2 THEN ST_PointOnSurface(inside) ELSE ST_Centroid(
    ST_MakeEnvelope(west, south, west + side, south + side, 4326)) END;
END $$;

-- "12/3B Nguyễn Trãi" becomes "Nguyễn Trãi": words with a figure at the beginning go.
CREATE FUNCTION without_house_number(place text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  SET search_path = pg_catalog, public, pg_temp
  AS $$ SELECT regexp_replace(place, '^\s*((số nhà|nhà số|nhà|số|no\.?)\s+)?([^\s,]*\d[^\s,]*[\s,]+)+', '', 'i') $$;

CREATE FUNCTION show_coarsely() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  exact geometry := NEW.geom;
  ward integer := coalesce(NEW.now_ward_id, NEW.ward_id);
  spread double precision;
BEGIN
  -- Not in the trigger's WHEN: a restored dump has no search path by which points could be compared there.
  IF TG_OP = 'UPDATE'
     AND (NEW.geom, NEW.status, NEW.group_code) IS NOT DISTINCT FROM (OLD.geom, OLD.status, OLD.group_code) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.geom IS NOT DISTINCT FROM OLD.geom THEN
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
  IF NEW.group_code IS DISTINCT FROM 'construction' OR exact IS NULL THEN
    RETURN NEW;
  END IF;
  NEW.place := without_house_number(NEW.place);
  IF NEW.status = 'rejected' AND ward IS NOT NULL THEN
    SELECT coalesce(area.label_point, ST_PointOnSurface(area.geom)), sqrt(ST_Area(area.geom::geography) / pi())
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
REVOKE ALL ON FUNCTION show_coarsely, coarse_point FROM PUBLIC;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['public_incident', 'public_report'] LOOP
    EXECUTE format('CREATE TRIGGER coarse_when_new BEFORE INSERT ON %I FOR EACH ROW
                    WHEN (NEW.group_code = ''construction'') EXECUTE FUNCTION show_coarsely()', name);
    EXECUTE format('CREATE TRIGGER coarse_when_changed BEFORE UPDATE OF geom, status, group_code ON %I FOR EACH ROW
                    WHEN (NEW.group_code = ''construction'' OR OLD.group_code = ''construction'')
                    EXECUTE FUNCTION show_coarsely()', name);
  END LOOP;
END $$;

-- What is there already; a point of the cell stays that point when it is made coarse again.
UPDATE public_incident SET geom = coarse_point(geom, code, coalesce(now_ward_id, ward_id), coalesce(now_district_id, district_id))
WHERE group_code = 'construction' AND geom IS NOT NULL;
UPDATE public_report SET geom = coarse_point(geom, code, coalesce(now_ward_id, ward_id), coalesce(now_district_id, district_id))
WHERE group_code = 'construction' AND geom IS NOT NULL;
