-- What the Inspector keeps of requests: never a code, token, verifier or secret.

CREATE TABLE inspector (
    app_id BLOB NOT NULL,
    id BLOB NOT NULL,
    request_id TEXT NOT NULL,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id BLOB,
    body TEXT NOT NULL,
    PRIMARY KEY (app_id, id)
);
-- What is too old goes whosever it is.
CREATE INDEX inspector_by_id ON inspector (id);
CREATE INDEX inspector_by_user ON inspector (user_id) WHERE user_id IS NOT NULL;
