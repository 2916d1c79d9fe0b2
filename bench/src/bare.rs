//! The yardstick: axum with one route and nothing else, on the runtime and the accept loop that `keysig` has.

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tower::ServiceExt as _;

/// Answers `/` with "ok" until it is told to stop.
pub async fn run(ready_file: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let app = Router::new().route("/", get(|| async { "ok" }));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
    let issuer = format!("http://{}", listener.local_addr().map_err(failed)?);
    write_ready_file(ready_file, &issuer).map_err(failed)?;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.map_err(failed)?;
                let _ = stream.set_nodelay(true);
                tokio::spawn(connection(stream, app.clone()));
            }
            _ = terminate.recv() => return Ok(()),
        }
    }
}

fn write_ready_file(ready_file: &Path, issuer: &str) -> std::io::Result<()> {
    let beside = ready_file.with_extension("part");
    std::fs::File::create(&beside)?.write_all(serde_json::json!({ "issuer": issuer }).to_string().as_bytes())?;
    std::fs::rename(beside, ready_file)
}

async fn connection(stream: TcpStream, app: Router) {
    let service =
        hyper::service::service_fn(move |request: Request<Incoming>| app.clone().oneshot(request.map(Body::new)));
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5));
    builder.http2().timer(TokioTimer::new());
    // A connection that was lost is the load generator's to complain about.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}
