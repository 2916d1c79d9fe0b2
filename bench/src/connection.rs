//! One kept-alive HTTP/1.1 connection. It knows as much of the protocol as an answer with a `Content-Length` needs: a
//! load generator that costs more than the server it measures would measure itself.

use std::io::{Error, ErrorKind, Result};
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// No answer that is looked at here is longer.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// A connection to a server on this machine.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    bytes: Vec<u8>,
    body_at: usize,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Connects from another address of this machine (all of 127.0.0.0/8 is its own).
    pub async fn open_from(source: IpAddr, address: SocketAddr) -> Result<Self> {
        let socket = if source.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.bind((source, 0).into())?;
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream })
    }

    /// Sends a whole request and reads the whole answer.
    ///
    /// # Errors
    /// The connection was lost, or the answer is none that this understands.
    pub async fn exchange(&mut self, request: &str) -> Result<Answer> {
        self.stream.write_all(request.as_bytes()).await?;
        let mut bytes = Vec::with_capacity(2048);
        let (status, body_at, len) = loop {
            self.read_more(&mut bytes).await?;
            if let Some(head) = read_head(&bytes)? {
                break head;
            }
        };
        while bytes.len() < len {
            self.read_more(&mut bytes).await?;
        }
        if bytes.len() > len {
            return Err(Error::new(ErrorKind::InvalidData, "bytes after the end of an answer"));
        }
        Ok(Answer { status, bytes, body_at })
    }

    async fn read_more(&mut self, bytes: &mut Vec<u8>) -> Result<()> {
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(Error::new(ErrorKind::InvalidData, "an endless answer"));
        }
        match self.stream.read_buf(bytes).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Status, where the body begins, and where it ends; `None` while the head is not complete.
fn read_head(bytes: &[u8]) -> Result<Option<(u16, usize, usize)>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let bad = |what| Error::new(ErrorKind::InvalidData, what);
    let head = bytes.get(..end).and_then(|head| std::str::from_utf8(head).ok()).ok_or(bad("a head that is no text"))?;
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.ok_or(bad("no status line of HTTP/1.1"))?;
    let body_at = end + 4;
    let len = match find(head, "content-length") {
        Some(len) => len.parse::<usize>().map_err(|_| bad("a length that is no number"))?,
        None if status == 204 => 0,
        None => return Err(bad("an answer without a length")),
    };
    let whole = body_at.checked_add(len).filter(|whole| *whole <= MAX_ANSWER_BYTES);
    whole.map(|whole| Some((status, body_at, whole))).ok_or(bad("too long an answer"))
}

fn fields<'a>(head: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    head.split("\r\n").skip(1).filter_map(move |line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn find<'a>(head: &'a str, name: &'static str) -> Option<&'a str> {
    fields(head, name).next()
}

impl Answer {
    fn head(&self) -> &str {
        self.bytes.get(..self.body_at).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default()
    }

    /// Every value of a header.
    pub fn headers(&self, name: &'static str) -> impl Iterator<Item = &str> {
        fields(self.head(), name)
    }

    /// The first value of a header.
    pub fn header(&self, name: &'static str) -> Option<&str> {
        find(self.head(), name)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.bytes.get(self.body_at..).unwrap_or_default()
    }

    /// The body, for people and for pages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::read_head;

    #[test]
    fn a_head_is_read_once_it_is_there() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(read_head(&whole[..20]).unwrap(), None);
        assert_eq!(read_head(whole).unwrap(), Some((200, 38, 40)));
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for bad in
            ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"]
        {
            assert!(read_head(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
