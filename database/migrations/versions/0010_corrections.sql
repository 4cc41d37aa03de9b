-- A learned correction counts once it is confirmed: at once where a person here made it, later where a reporter did.
ALTER TABLE gazetteer_correction
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN confirmed_by text NOT NULL DEFAULT '',
  ADD COLUMN undone_by text NOT NULL DEFAULT '',
  ADD COLUMN origin text NOT NULL DEFAULT '';            -- what it came of: report:CODE; empty for the operator's command
UPDATE gazetteer_correction SET confirmed_at = made_at, confirmed_by = made_by;
CREATE INDEX gazetteer_correction_waiting ON gazetteer_correction (id) WHERE confirmed_at IS NULL AND undone_at IS NULL;

-- Reports whose place nobody is sure of: the list of who corrects places.
CREATE INDEX report_unsure_place ON report (received_at)
  WHERE review_reasons && ARRAY['no_place', 'low_confidence'];
