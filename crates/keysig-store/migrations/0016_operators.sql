-- What the operator area needs beside the audit.

-- When a second factor was last shown in a session: what operators do asks for it anew.
ALTER TABLE sessions ADD COLUMN second_factor_at BIGINT;
