-- What the geocoder knows of streets and places.

-- Where entries came from: a file that ships, an extract or a list of the operator's.
CREATE TABLE gazetteer_source (
  name      text PRIMARY KEY,
  licence   text NOT NULL DEFAULT '',
  as_of     date,                                   -- the day the data are of, where it is known
  sha256    text NOT NULL,                          -- of the file: the same again changes nothing
  shipped   boolean NOT NULL DEFAULT false,
  loaded_at timestamptz NOT NULL DEFAULT app_now()
);

CREATE TABLE gazetteer_entry (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source      text NOT NULL REFERENCES gazetteer_source ON DELETE CASCADE,
  kind        text NOT NULL CHECK (kind IN ('street', 'number', 'landmark', 'other_name')),
  name        text NOT NULL,                        -- of the street or place; the house number; the former name
  others      text[] NOT NULL DEFAULT '{}',         -- a street's other names; a number's street; a former name's street now
  detail      text NOT NULL DEFAULT '',             -- the kind of street or place
  size        real NOT NULL DEFAULT 1,              -- a number's weight, a place's radius in metres
  external_id text NOT NULL DEFAULT '',
  geom        geometry(Geometry, 4326) NOT NULL
);
CREATE INDEX gazetteer_entry_source ON gazetteer_entry (source);
CREATE INDEX gazetteer_entry_geom ON gazetteer_entry USING gist (geom);

-- The compact forms that processes read into memory, made by the loader: arrays, without code (numpy's npz).
CREATE TABLE gazetteer_copy (
  name    text PRIMARY KEY,
  made_of text NOT NULL,                            -- what it was made from: another one is made when this differs
  body    bytea NOT NULL
);
ALTER TABLE gazetteer_copy ALTER COLUMN body SET STORAGE EXTERNAL;

-- A point that somebody moved, for the same address said again. `key` is number, street and areas without accents,
-- never the text as it was typed. Undone ones keep their row.
CREATE TABLE gazetteer_correction (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key       text NOT NULL,
  geom      geometry(Point, 4326) NOT NULL,
  made_at   timestamptz NOT NULL DEFAULT app_now(),
  made_by   text NOT NULL DEFAULT '',
  undone_at timestamptz
);
CREATE INDEX gazetteer_correction_key ON gazetteer_correction (key) WHERE undone_at IS NULL;
