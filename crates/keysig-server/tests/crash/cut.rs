//! A connection that is cut after the commit of a refresh, before its answer was read: one retry recovers, and the login
//! stays one.

use std::net::SocketAddr;
use std::time::Duration;

use keysig_bench::connection::Connection;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::crowd::{Crowd, Fate};
use crate::refresh;
use crate::server::Server;

const REFRESHES: usize = 50;
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_never_arrived_costs_nobody_their_login() {
    tokio::time::timeout(PATIENCE, cut_and_retry()).await.expect("the server answers in time");
}

async fn cut_and_retry() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start(directory.path(), None).await;
    let crowd = Crowd::sign_in(server.address).await;
    let mut connection = Connection::open(server.address).await.unwrap();
    // The second app of the crowd is the one whose tokens rotate.
    let login = crowd.log_in(&mut connection, 1).await.unwrap();
    let (app, Fate::Handed(mut held)) = (login.app, login.fate) else { panic!("a login that nobody ended") };
    for _ in 0..REFRESHES {
        let lost = held.refresh_token.as_deref().unwrap();
        send_and_cut(server.address, &app.refresh(lost)).await;
        let first = refresh(&mut connection, &app, &held).await.unwrap();
        let again = refresh(&mut connection, &app, &held).await.unwrap();
        assert_eq!(first.refresh_token, again.refresh_token, "one successor, whoever asks for it again");
        assert_ne!(first.refresh_token, held.refresh_token);
        held = first;
    }
}

/// The first byte of an answer says that its refresh is committed; nobody reads it.
async fn send_and_cut(address: SocketAddr, request: &str) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut first = [0];
    assert_eq!(stream.peek(&mut first).await.unwrap(), 1);
    stream.set_zero_linger().unwrap();
}
