//! Sockets, TLS and who is at the other end.

pub mod listen;
pub mod tls;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::request::Parts;

/// The address of the other end, put into each request's extensions by the listener. Headers that claim another are
/// not believed.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// Of a request; unspecified where none is known (in-process tests).
    pub fn of(parts: &Parts) -> IpAddr {
        parts.extensions.get::<Self>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip())
    }
}
