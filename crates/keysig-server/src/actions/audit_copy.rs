//! Copies of the audit, in which each record is a line: for pages, the admin API and the command line.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use hyper::body::Frame;
use keysig_store::StoreError;
use keysig_store::audit::Filter;
use tokio::sync::mpsc;

use super::audit::{self, Line};
use super::{ActionRefused, Actor};
use crate::server::Server;

/// Records that are read at once.
const IN_A_BATCH: usize = 500;

/// The media type of a copy, and what a browser does with it.
pub const fn described(is_csv: bool) -> (&'static str, &'static str) {
    match is_csv {
        true => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        false => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
    }
}

/// What is sent, as it is read. Where the store fails in between, the transfer breaks off and no short copy passes for a whole.
struct Batches(mpsc::Receiver<Result<Bytes, StoreError>>);

impl hyper::body::Body for Batches {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        self.get_mut().0.poll_recv(context).map(|batch| batch.map(|batch| batch.map(Frame::data)))
    }
}

/// A copy as it is read from the store. One batch waits while the one before is sent: a slow reader holds neither memory nor the
/// store.
pub fn body(server: Arc<Server>, actor: Actor, filter: Filter, is_csv: bool) -> Body {
    let (send, receive) = mpsc::channel(1);
    tokio::spawn(copy(server, actor, filter, is_csv, send));
    Body::new(Batches(receive))
}

async fn copy(
    server: Arc<Server>,
    actor: Actor,
    filter: Filter,
    is_csv: bool,
    send: mpsc::Sender<Result<Bytes, StoreError>>,
) {
    let (mut before, mut is_first) = (None, true);
    loop {
        let (entries, next) = match audit::page(&server, &actor, &filter, before, IN_A_BATCH).await {
            Ok(page) => page,
            Err(ActionRefused::Store(error)) => return drop(send.send(Err(error)).await),
            Err(_) => return,
        };
        let batch = lines(entries.iter().map(Line::of), is_csv, is_first);
        if send.send(Ok(batch)).await.is_err() || next.is_none() {
            return;
        }
        (before, is_first) = (next, false);
    }
}

/// Records as they stand in a copy; a CSV begins with its head.
pub fn lines(lines: impl Iterator<Item = Line>, is_csv: bool, is_first: bool) -> Bytes {
    if is_csv {
        return csv(lines, is_first);
    }
    let lines = lines.filter_map(|line| serde_json::to_string(&line).ok());
    lines.map(|line| line + "\n").collect::<String>().into()
}

/// What begins like a formula is marked as text, so that no spreadsheet runs what a stranger called their app.
fn as_text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn csv(lines: impl Iterator<Item = Line>, with_head: bool) -> Bytes {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let head: [&str; 13] =
        ["at", "actor", "action", "app", "user", "about", "address", "request_id", "id", "node", "n", "hash", "by_key"];
    // A vector takes whatever is written to it.
    if with_head {
        let _ = writer.write_record(head);
    }
    for line in lines {
        let cells = [
            line.at,
            line.actor.unwrap_or_default(),
            line.action,
            line.app.unwrap_or_default(),
            line.user.unwrap_or_default(),
            as_text(&line.about),
            line.address,
            line.request_id,
            line.id,
            line.node,
            line.n.to_string(),
            line.hash,
            as_text(&line.by_key),
        ];
        let _ = writer.write_record(cells);
    }
    writer.into_inner().unwrap_or_default().into()
}
