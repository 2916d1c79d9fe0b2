-- What people do with music: playlists, what they saved and follow, what they played. Ids of tracks, albums and artists
-- point into the catalogue, a file of its own. A playlist is found by its id, everything else by its user.

-- version is raised by every edit and is, with the salt, the snapshot id. total is the number of items.
CREATE TABLE playlists (
    id TEXT NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    first_word TEXT NOT NULL,
    description TEXT,
    public BIGINT NOT NULL,
    collaborative BIGINT NOT NULL,
    salt BLOB NOT NULL,
    version BIGINT NOT NULL,
    total BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (id, user_id)
);
CREATE INDEX playlists_by_user ON playlists (user_id);
CREATE INDEX playlists_by_first_word ON playlists (first_word, public);

-- Positions are dense from 0; below 0 only inside a transaction that moves items.
CREATE TABLE playlist_items (
    playlist_id TEXT NOT NULL,
    user_id BLOB NOT NULL,
    position BIGINT NOT NULL,
    uri TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    added_by BLOB NOT NULL,
    PRIMARY KEY (playlist_id, user_id, position)
) WITHOUT ROWID;

-- How each of the last versions came about, so that an edit made against an older one finds its items.
CREATE TABLE playlist_edits (
    playlist_id TEXT NOT NULL,
    user_id BLOB NOT NULL,
    version BIGINT NOT NULL,
    edit TEXT NOT NULL,
    PRIMARY KEY (playlist_id, user_id, version)
) WITHOUT ROWID;

-- kind: artist, user (target is the public id) or playlist. Owners follow their own playlists until they delete them.
CREATE TABLE follows (
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    public BIGINT NOT NULL,
    followed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, target)
) WITHOUT ROWID;
CREATE INDEX follows_by_target ON follows (kind, target);

CREATE TABLE saved_items (
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    item_id TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, item_id)
) WITHOUT ROWID;
CREATE INDEX saved_items_by_time ON saved_items (user_id, kind, saved_at);

-- context is the uri of the playlist, album or artist it was played from.
CREATE TABLE plays (
    user_id BLOB NOT NULL,
    played_at BIGINT NOT NULL,
    track_id TEXT NOT NULL,
    context TEXT,
    PRIMARY KEY (user_id, played_at)
) WITHOUT ROWID;

-- kind: artist or track; time_range: short_term, medium_term, long_term; place: from 0.
CREATE TABLE affinities (
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    time_range TEXT NOT NULL,
    place BIGINT NOT NULL,
    item_id TEXT NOT NULL,
    PRIMARY KEY (user_id, kind, time_range, place)
) WITHOUT ROWID;
