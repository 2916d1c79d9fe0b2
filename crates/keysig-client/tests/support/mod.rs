//! A server of a few lines: answers what the test says and remembers what it was asked.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keysig_client::{Client, ClientBuilder, Clock, Endpoints};

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Request {
    /// A field of the form body.
    pub fn field(&self, name: &str) -> Option<String> {
        url_fields(&self.body).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

pub fn url_fields(query: &str) -> Vec<(String, String)> {
    let url = keysig_client::Url::parse(&format!("http://h/?{query}")).unwrap();
    url.query_pairs().into_owned().collect()
}

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

pub fn reply(status: u16, body: impl Into<String>) -> Reply {
    Reply { status, headers: Vec::new(), body: body.into() }
}

impl Reply {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

pub struct Server {
    pub base: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request by `handler`, which is also told how many came before on the same path.
    pub fn start(handler: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (handler, record) = (Arc::new(handler), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, record) = (Arc::clone(&handler), Arc::clone(&record));
                std::thread::spawn(move || answer(stream, &*handler, &record));
            }
        });
        Self { base, seen }
    }

    pub fn requests(&self, path: &str) -> Vec<Request> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|request| request.path.split('?').next() == Some(path)).cloned().collect()
    }

    pub fn builder(&self, clock: &TestClock) -> ClientBuilder {
        Client::builder("demo-web")
            .secret("demo-secret")
            .redirect_uri("http://127.0.0.1:8888/callback")
            .endpoints(Endpoints::custom(&self.base).unwrap())
            .clock(Arc::new(clock.clone()))
    }
}

fn answer(stream: TcpStream, handler: &dyn Fn(&Request, usize) -> Reply, record: &Mutex<Vec<Request>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let request = Request { method, path, headers, body: String::from_utf8(body).ok()? };
    let before = {
        let mut seen = record.lock().unwrap();
        let before = seen.iter().filter(|other| other.path == request.path).count();
        seen.push(request.clone());
        before
    };
    let reply = handler(&request, before);
    let extra: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(
        reader.get_mut(),
        "HTTP/1.1 {} X\r\ncontent-length: {}\r\nconnection: close\r\n{extra}\r\n{}",
        reply.status,
        reply.body.len(),
        reply.body
    )
    .ok()
}

/// A clock that moves when told to, and when somebody sleeps.
#[derive(Clone, Default)]
pub struct TestClock {
    now: Arc<AtomicI64>,
    pub slept: Arc<Mutex<Vec<Duration>>>,
}

impl TestClock {
    pub fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn unix_seconds(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.slept.lock().unwrap().push(duration);
        self.advance(duration.as_secs() as i64);
        Box::pin(std::future::ready(()))
    }
}
