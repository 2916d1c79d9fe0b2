//! The `fields` filter: a comma list of what to keep, dots for nesting, parentheses for several below one name, `!` for
//! what to leave out: `total,items(added_by.id,item(name,album(!images)))`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::ApiError;

const MAX_DEPTH: u8 = 12;

/// What of an object to keep.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fields {
    keep: BTreeMap<String, Option<Fields>>,
    drop: Vec<String>,
}

impl Fields {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        let mut rest = text;
        let fields = list(&mut rest, MAX_DEPTH).ok_or(INVALID)?;
        if rest.is_empty() { Ok(fields) } else { Err(INVALID) }
    }

    /// What is left of `value`; of a list, what is left of each member.
    pub fn apply(&self, value: Value) -> Value {
        match value {
            Value::Array(list) => Value::Array(list.into_iter().map(|item| self.apply(item)).collect()),
            Value::Object(map) => {
                let kept = map.into_iter().filter_map(|(name, value)| match self.keep.get(&name) {
                    Some(Some(below)) => Some((name, below.apply(value))),
                    Some(None) => Some((name, value)),
                    // A list of exclusions alone keeps everything else.
                    None => (self.keep.is_empty() && !self.drop.contains(&name)).then_some((name, value)),
                });
                Value::Object(kept.collect())
            }
            other => other,
        }
    }

    fn keep(&mut self, name: &str, below: Option<Self>) {
        match (self.keep.get_mut(name), below) {
            // `a.b,a.c` keeps both; `a` alone keeps all of it.
            (Some(Some(known)), Some(below)) => {
                for (name, deeper) in below.keep {
                    known.keep(&name, deeper);
                }
                known.drop.extend(below.drop);
            }
            (Some(known), None) => *known = None,
            (Some(None), Some(_)) => {}
            (None, below) => {
                self.keep.insert(name.to_owned(), below);
            }
        }
    }
}

const INVALID: ApiError = ApiError::bad("Invalid fields filter");

fn name<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    *rest = after;
    (!name.is_empty()).then_some(name)
}

fn next(rest: &mut &str, c: char) -> bool {
    let after = rest.strip_prefix(c);
    *rest = after.unwrap_or(rest);
    after.is_some()
}

fn list(rest: &mut &str, depth: u8) -> Option<Fields> {
    let depth = depth.checked_sub(1)?;
    let mut fields = Fields::default();
    loop {
        *rest = rest.trim_start_matches(' ');
        if next(rest, '!') {
            fields.drop.push(name(rest)?.to_owned());
        } else {
            let name = name(rest)?;
            fields.keep(name, below(rest, depth)?);
        }
        *rest = rest.trim_start_matches(' ');
        if !next(rest, ',') {
            return Some(fields);
        }
    }
}

fn below(rest: &mut &str, depth: u8) -> Option<Option<Fields>> {
    if next(rest, '(') {
        let fields = list(rest, depth)?;
        return next(rest, ')').then_some(Some(fields));
    }
    if next(rest, '.') {
        let depth = depth.checked_sub(1)?;
        let name = name(rest)?;
        let mut fields = Fields::default();
        fields.keep(name, below(rest, depth)?);
        return Some(Some(fields));
    }
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kept(filter: &str) -> Value {
        let page = json!({
            "href": "h", "total": 2, "owner": {"id": "ada", "name": "Ada"},
            "items": [{"added_at": "t", "added_by": {"id": "ada", "uri": "u"},
                       "item": {"name": "Kelp", "href": "x", "album": {"name": "Tidepool", "href": "y", "images": []}}}],
        });
        Fields::parse(filter).unwrap().apply(page)
    }

    #[test]
    fn names_dots_and_parentheses_keep_what_they_name() {
        assert_eq!(kept("total"), json!({"total": 2}));
        assert_eq!(kept("owner.id,href"), json!({"href": "h", "owner": {"id": "ada"}}));
        assert_eq!(
            kept("total,items(added_by.id,item(name))"),
            json!({"total": 2, "items": [{"added_by": {"id": "ada"}, "item": {"name": "Kelp"}}]})
        );
        assert_eq!(kept("items.item.album.name"), json!({"items": [{"item": {"album": {"name": "Tidepool"}}}]}));
        assert_eq!(kept("owner.id,owner.name"), json!({"owner": {"id": "ada", "name": "Ada"}}));
        assert_eq!(
            kept("items.item(name),items.added_at"),
            json!({"items": [{"added_at": "t", "item": {"name": "Kelp"}}]})
        );
        assert_eq!(kept("nothing"), json!({}));
    }

    #[test]
    fn an_exclamation_mark_leaves_out() {
        assert_eq!(
            kept("items(item(name,album(!images,!href)))"),
            json!({"items": [{"item": {"name": "Kelp", "album": {"name": "Tidepool"}}}]})
        );
        assert_eq!(kept("!items,!owner"), json!({"href": "h", "total": 2}));
    }

    #[test]
    fn a_broken_filter_is_refused() {
        let deep = "a(".repeat(50) + "a" + &")".repeat(50);
        let dots = "a.".repeat(50) + "a";
        for filter in ["a(b", "a)", "a,,b", "(a)", "a(b))", "!", "a.", "a b", "*", deep.as_str(), dots.as_str()] {
            assert!(Fields::parse(filter).is_err(), "{filter}");
        }
    }
}
