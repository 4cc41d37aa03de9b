-- :name by_username the account of a name, with its hash
SELECT account.*, unit.code AS unit_code, area.code AS area_code, area.level AS area_level
FROM account LEFT JOIN unit ON unit.id = account.unit_id LEFT JOIN area ON area.id = account.area_id
WHERE account.username = :username;

-- :name all_accounts in the order in which they were made
SELECT account.*, unit.code AS unit_code, area.code AS area_code, area.level AS area_level
FROM account LEFT JOIN unit ON unit.id = account.unit_id LEFT JOIN area ON area.id = account.area_id
ORDER BY account.id;

-- :name insert_account one that is not there yet
INSERT INTO account (username, password_hash, roles, unit_id, area_id, label, demo)
VALUES (:username, :password_hash, cast(:roles AS text[]), :unit_id, :area_id, :label, :demo)
ON CONFLICT (username) DO NOTHING RETURNING id;

-- :name set_password a new one
UPDATE account SET password_hash = :password_hash, password_set_at = app_now() WHERE id = :id;

-- :name renew_hash the same password, hashed with today's parameters
UPDATE account SET password_hash = :password_hash WHERE id = :id;

-- :name set_disabled shut it, or open it again
UPDATE account SET disabled = :disabled WHERE id = :id;

-- :name attempts how often a name was tried in vain, and until when it is locked
SELECT failed, locked_until > app_now() AS locked FROM login_attempt WHERE name = :name;

-- :name note_failure one more; from the limit on the name is locked, each time twice as long
INSERT INTO login_attempt AS kept (name, failed, failed_at) VALUES (:name, 1, app_now())
ON CONFLICT (name) DO UPDATE SET
  -- A name that nobody has tried for a day begins anew. While it is locked nothing is counted.
  failed = CASE WHEN kept.failed_at < app_now() - interval '1 day' THEN 1
                WHEN kept.locked_until > app_now() THEN kept.failed ELSE kept.failed + 1 END,
  failed_at = app_now(),
  locked_until = CASE
    WHEN kept.locked_until > app_now() THEN kept.locked_until
    WHEN kept.failed_at >= app_now() - interval '1 day' AND kept.failed + 1 >= :limit
      THEN app_now() + make_interval(secs => least(:longest, :first * 2 ^ least(kept.failed + 1 - :limit, 20)))
  END;

-- :name forget_failures after the right password, or a reset
DELETE FROM login_attempt WHERE name = :name;

-- :name purge_failures of names that nobody tries any more
DELETE FROM login_attempt WHERE failed_at < app_now() - interval '1 day' AND coalesce(locked_until < app_now(), true);

-- :name open_session a new one
INSERT INTO account_session (id, account_id, created_at, seen_at, expires_at)
VALUES (:id, :account_id, app_now(), app_now(), app_now() + make_interval(secs => :longest));

-- :name session whose it is; nothing where it has ended, was left alone too long, or its account was shut
SELECT account.id, account.username, account.roles, account.unit_id, account.area_id, account.label, account.demo,
       unit.code AS unit_code, area.code AS area_code, area.level AS area_level,
       app_now() - session.seen_at > make_interval(secs => :fresh) AS stale
FROM account_session AS session JOIN account ON account.id = session.account_id
LEFT JOIN unit ON unit.id = account.unit_id LEFT JOIN area ON area.id = account.area_id
WHERE session.id = :id AND session.expires_at > app_now()
  AND session.seen_at > app_now() - make_interval(secs => :idle) AND NOT account.disabled;

-- :name touch_session seen just now
UPDATE account_session SET seen_at = app_now() WHERE id = :id;

-- :name sessions of an account that are open, the last used first
SELECT id, created_at, seen_at, expires_at FROM account_session
WHERE account_id = :account_id AND expires_at > app_now() AND seen_at > app_now() - make_interval(secs => :idle)
ORDER BY seen_at DESC;

-- :name end_session one
DELETE FROM account_session WHERE id = :id;

-- :name end_sessions all of an account's, save one that is kept
DELETE FROM account_session WHERE account_id = :account_id AND id IS DISTINCT FROM cast(:kept AS bytea);

-- :name purge_sessions that have ended
DELETE FROM account_session WHERE expires_at < app_now() OR seen_at < app_now() - make_interval(secs => :idle);
