//! The accept loop: header timeout, a limit on connections, TLS, and a drain when it is told to stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::net::Peer;
use crate::net::tls::Certificates;

/// Connections at once; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 20_000;
/// A request's head must arrive within this time of the connection or of the answer before it (slow-loris attack).
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);
/// A TLS handshake too.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);
/// Room for a request line of 16 KiB and a header block of as much.
const HEAD_BYTES: usize = 40 * 1024;
const MAX_HEADERS: usize = 100;
/// After the signal to stop, requests under way have this long.
const DRAIN: Duration = Duration::from_secs(20);

/// Serves `app` on `listener` until `stop` turns true, then drains.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    certificates: Option<Arc<Certificates>>,
    mut stop: watch::Receiver<bool>,
) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a connection that was gone at once: others must not suffer for it.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (app, certificates, stop) = (app.clone(), certificates.clone(), stop.clone());
        connections.spawn(async move {
            match certificates {
                None => connection(stream, Version::Http1, peer, app, stop).await,
                Some(certificates) => {
                    let handshake = certificates.acceptor().accept(stream);
                    match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
                        Ok(Ok(stream)) => {
                            let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                            let version = if is_h2 { Version::Http2 } else { Version::Http1 };
                            connection(stream, version, peer, app, stop).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%error, %peer, "a TLS handshake failed"),
                        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
                    }
                }
            }
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let drained = tokio::time::timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tracing::warn!("some requests did not finish in time and are cut");
    }
}

/// What a connection speaks: agreed on by ALPN under TLS, else HTTP/1. It is never guessed from the first bytes, because
/// guessing waits for them without an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Http1,
    Http2,
}

async fn connection<I>(stream: I, version: Version, peer: SocketAddr, app: Router, mut stop: watch::Receiver<bool>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        app.clone().oneshot(request.map(Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADER_TIMEOUT)
        .keep_alive_timeout(HEADER_TIMEOUT)
        .max_header_list_size(32 * 1024)
        .max_concurrent_streams(200);
    let builder = match version {
        Version::Http1 => builder.http1_only(),
        Version::Http2 => builder.http2_only(),
    };
    let served = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    tokio::select! {
        finished = served.as_mut() => {
            if let Err(error) = finished {
                tracing::debug!(%error, %peer, "a connection ended early");
            }
        }
        // Told to stop: it finishes what is under way and takes nothing new.
        _ = async { let _ = stop.wait_for(|stop| *stop).await; } => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}
