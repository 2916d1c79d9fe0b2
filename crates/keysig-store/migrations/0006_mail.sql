-- Mail, and what it proves: sign-up, a new address, a forgotten password, an invitation.

-- A message on its way, sealed: it may hold a code. Deleted when the mail server took it.
CREATE TABLE mails (
    id BLOB NOT NULL,
    message BLOB NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX mails_due ON mails (next_try_at);

-- A proof that somebody reads an address: by the secret in the link, or by the six digits. user_id is missing where the
-- account does not exist yet; body is what waits for the proof.
CREATE TABLE mail_proofs (
    id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    user_id BLOB,
    secret_mac BLOB NOT NULL,
    digits_mac BLOB NOT NULL,
    tries BIGINT NOT NULL,
    body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (id)
);
CREATE INDEX mail_proofs_by_expiry ON mail_proofs (expires_at);
