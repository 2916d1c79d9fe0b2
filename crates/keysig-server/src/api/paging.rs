//! Paging: limits and offsets in, pages with absolute addresses out. Clients request `next` exactly as it stands.

use keysig_core::parameters::{Parameters, percent_encode};
use serde_json::{Value, json};

use super::error::ApiError;

/// No list is read from further behind.
const MAX_OFFSET: u32 = 100_000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Paging {
    /// How many.
    pub limit: u32,
    /// From where.
    pub offset: u32,
}

/// Reads `limit`: a number from 0 to `max`.
pub fn limit(query: &Parameters, default: u32, max: u32) -> Result<u32, ApiError> {
    let limit = query.get("limit").map_or(Ok(default), str::parse);
    limit.ok().filter(|limit| *limit <= max).ok_or(ApiError::bad("Invalid limit"))
}

impl Paging {
    /// Reads `limit` and `offset`. Above `max`, the higher maximum of the older documents, is an error, as clients expect.
    pub fn read(query: &Parameters, default: u32, max: u32) -> Result<Self, ApiError> {
        Self::read_to(query, default, max, MAX_OFFSET)
    }

    /// The same for a list with an end of its own.
    pub fn read_to(query: &Parameters, default: u32, max: u32, max_offset: u32) -> Result<Self, ApiError> {
        let limit = limit(query, default, max)?;
        let offset = query.get("offset").map_or(Ok(0), str::parse);
        let offset = offset.ok().filter(|offset| *offset <= max_offset).ok_or(ApiError::bad("Invalid offset"))?;
        Ok(Self { limit, offset })
    }

    /// The paging object. `address` is the list's own, without a query; `keep` are parameters its links repeat.
    pub fn page(self, address: &str, keep: &[(&str, Option<&str>)], items: Vec<Value>, total: u64) -> Value {
        let at = |offset: u32| {
            let mut link = format!("{address}?offset={offset}&limit={}", self.limit);
            append(&mut link, keep);
            link
        };
        let end = self.offset.saturating_add(self.limit);
        let has_next = self.limit > 0 && u64::from(end) < total;
        let previous = (self.limit > 0 && self.offset > 0).then(|| at(self.offset.saturating_sub(self.limit)));
        json!({
            "href": at(self.offset),
            "items": items,
            "limit": self.limit,
            "next": has_next.then(|| at(end)),
            "offset": self.offset,
            "previous": previous,
            "total": total,
        })
    }
}

/// Adds the parameters that were sent to a link that has a query already.
pub fn append(link: &mut String, keep: &[(&str, Option<&str>)]) {
    for (name, value) in keep {
        if let Some(value) = value {
            link.push_str(&format!("&{name}={}", percent_encode(value)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Paging, ApiError> {
        Paging::read(&Parameters::parse(query.as_bytes()).unwrap(), 20, 50)
    }

    #[test]
    fn limits_above_the_maximum_and_nonsense_are_refused() {
        assert_eq!(read(""), Ok(Paging { limit: 20, offset: 0 }));
        assert_eq!(read("limit=50&offset=7"), Ok(Paging { limit: 50, offset: 7 }));
        for query in ["limit=51", "limit=-1", "limit=ten", "limit=1.5", "limit=99999999999"] {
            assert_eq!(read(query), Err(ApiError::bad("Invalid limit")), "{query}");
        }
        for query in ["offset=-1", "offset=100001", "offset=x"] {
            assert_eq!(read(query), Err(ApiError::bad("Invalid offset")), "{query}");
        }
    }

    #[test]
    fn links_are_null_at_the_ends_and_repeat_what_was_asked() {
        let links = |limit, offset, total| {
            let page =
                Paging { limit, offset }.page("https://x/v1/l", &[("market", Some("N L")), ("q", None)], vec![], total);
            (page["next"].clone(), page["previous"].clone())
        };
        let at = |offset| Value::from(format!("https://x/v1/l?offset={offset}&limit=20&market=N%20L"));
        assert_eq!(links(20, 0, 20), (Value::Null, Value::Null));
        assert_eq!(links(20, 0, 21), (at(20), Value::Null));
        assert_eq!(links(20, 30, 60), (at(50), at(10)));
        assert_eq!(links(20, 10, 21), (Value::Null, at(0)));
        assert_eq!(links(0, 0, 5), (Value::Null, Value::Null));
    }
}
