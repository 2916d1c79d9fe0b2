-- What happened to an account, for the person it belongs to: no secrets, no tokens.

CREATE TABLE account_events (
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
);

-- Old receipts are forgotten by their day.
CREATE INDEX grant_uses_by_day ON grant_uses (day);
