-- A tile draws the circles that reach into it. Found by three kilometres around the tile, most of them did not: in the
-- inner city a small tile read thousands of rows for a handful of circles. So their squares are indexed, in the map's
-- own metres, of which the ground's metre is cosh(y / R).
CREATE INDEX public_incident_circle ON public_incident
  USING gist (ST_Expand(geom_3857, least(accuracy_m, 3000) * cosh(ST_Y(geom_3857) / 6378137)))
  WHERE precision IN ('ward', 'district');
DROP INDEX public_incident_of_ward;
