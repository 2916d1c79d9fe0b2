-- The programme: what an app says of itself, whether the operator has looked at it, and who may log in to it.

-- What it says of itself beside its name.
ALTER TABLE apps ADD COLUMN description TEXT;
ALTER TABLE apps ADD COLUMN terms_url TEXT;
ALTER TABLE apps ADD COLUMN support_url TEXT;
ALTER TABLE apps ADD COLUMN logo BLOB;

-- When the operator reviewed it, and what they saw then (App::reviewable): of another app than that nothing was said.
ALTER TABLE apps ADD COLUMN reviewed_at BIGINT;
ALTER TABLE apps ADD COLUMN reviewed_as TEXT;

-- The operator lets nobody new log in; those who have it connected go on.
ALTER TABLE apps ADD COLUMN logins_stopped BIGINT NOT NULL DEFAULT 0;
