//! What a page is made of: its elements and attributes as a browser reads them, and what no page of ours has.

use std::cell::Ref;

use html5ever::tendril::TendrilSink;
use html5ever::{Attribute, ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};

use crate::actors::{Answer, REDIRECT_URI};

/// Attributes whose values are ours; of the others only the names count.
const OURS: [&str; 14] = [
    "class",
    "id",
    "name",
    "type",
    "rel",
    "target",
    "method",
    "enctype",
    "lang",
    "dir",
    "role",
    "autocomplete",
    "scope",
    "hidden",
];
/// Text that may turn a line around stands in one of these.
const FENCES: [&str; 5] = ["bdi", "code", "textarea", "pre", "option"];
const TURNS: [char; 9] =
    ['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

/// A page.
pub struct Shape {
    /// Each element with its depth and attributes, in the order of the page.
    pub elements: Vec<String>,
    /// The names of its headers, and the policy.
    pub headers: Vec<String>,
    /// What no page may have.
    pub problems: Vec<String>,
}

impl Shape {
    /// Its elements with their attributes, wherever they stand.
    pub fn kinds(&self) -> impl Iterator<Item = String> {
        self.elements.iter().map(|element| element.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned())
    }

    /// The first place at which it is another page.
    pub fn differs(&self, other: &Self) -> String {
        let at = self.elements.iter().zip(&other.elements).position(|(one, two)| one != two);
        let at = at.unwrap_or(self.elements.len().min(other.elements.len()));
        let around = |elements: &[String]| elements[at.saturating_sub(1)..elements.len().min(at + 2)].join(" ");
        format!("{} for {}", around(&self.elements), around(&other.elements))
    }
}

/// What of a text must be nowhere as it is: the longest piece of it that begins an element.
fn markup(text: &str) -> Option<String> {
    let at = text.find('<')?;
    let piece: String = text[at..].chars().take(40).collect();
    (piece.len() > 3).then_some(piece)
}

/// Takes a page apart that holds this text.
pub fn shape(answer: &Answer, text: &str) -> Shape {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(answer.body.as_str());
    let mut shape = Shape { elements: Vec::new(), headers: Vec::new(), problems: Vec::new() };
    walk(&dom.document, 0, &mut Vec::new(), &mut shape);
    if markup(text).is_some_and(|markup| answer.body.contains(&markup)) {
        shape.problems.push("it stands there as it was typed".to_owned());
    }
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        if name == "x-evil" || value.contains("sid=evil") {
            shape.problems.push(format!("a header of a stranger: {name}"));
        }
        if name == "content-security-policy" {
            shape.headers.push(format!("{name}: {value}"));
        } else if name != "set-cookie" && name != "location" {
            shape.headers.push(name.to_string());
        }
    }
    shape.headers.sort();
    let is_page = answer.header("content-type").starts_with("text/html");
    let policy = answer.header("content-security-policy");
    if !policy.starts_with("default-src 'none'") || policy.contains("unsafe") || policy.contains("evil") {
        shape.problems.push(format!("the policy is {policy:?}"));
    }
    if answer.status.is_server_error() || !(is_page || answer.status.is_redirection()) {
        shape.problems.push(format!("no page: {} {}", answer.status, answer.header("content-type")));
    }
    shape
}

fn walk(node: &Handle, depth: usize, within: &mut Vec<String>, shape: &mut Shape) {
    match &node.data {
        NodeData::Element { name, attrs, .. } => {
            let tag = name.local.to_string();
            element(&tag, &attrs.borrow(), depth, shape);
            within.push(tag);
        }
        NodeData::Text { contents } => {
            let text = contents.borrow();
            let is_fenced = within.iter().any(|tag| FENCES.contains(&tag.as_str()));
            if text.contains(TURNS) && !is_fenced {
                shape.problems.push(format!("{within:?} turns its line around"));
            }
            if within.last().is_some_and(|tag| tag == "title") && text.chars().any(char::is_control) {
                shape.problems.push("a title of several lines".to_owned());
            }
        }
        NodeData::Comment { .. } | NodeData::ProcessingInstruction { .. } => {
            shape.problems.push("a comment".to_owned());
        }
        NodeData::Document | NodeData::Doctype { .. } => {}
    }
    for child in node.children.borrow().iter() {
        walk(child, depth + 1, within, shape);
    }
    if matches!(node.data, NodeData::Element { .. }) {
        within.pop();
    }
}

fn element(tag: &str, attributes: &Ref<'_, Vec<Attribute>>, depth: usize, shape: &mut Shape) {
    let value = |name: &str| {
        attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| attribute.value.to_string())
    };
    let mut listed: Vec<String> = attributes
        .iter()
        .map(|attribute| match &*attribute.name.local {
            name if OURS.contains(&name) => format!("{name}={}", &*attribute.value),
            name => name.to_owned(),
        })
        .collect();
    listed.sort();
    shape.elements.push(format!("{depth}<{tag} {}>", listed.join(" ")));
    if ["iframe", "object", "embed", "base", "style", "template", "noscript", "frame", "applet"].contains(&tag) {
        shape.problems.push(format!("<{tag}>"));
    }
    for attribute in attributes.iter() {
        let (name, value) = (&*attribute.name.local, &*attribute.value);
        // The page that leads back to the app does so by itself.
        let leads_back = tag == "meta" && attributes.iter().any(|attribute| attribute.value.contains(REDIRECT_URI));
        let is_bad = ["style", "srcdoc", "ping", "background"].contains(&name) || (name == "http-equiv" && !leads_back);
        if name.starts_with("on") || is_bad {
            shape.problems.push(format!("{name} at <{tag}>"));
        }
        if ["href", "src", "action", "formaction", "data", "poster", "srcset", "xlink:href"].contains(&name) {
            leads(tag, name, value, attributes, shape);
        }
    }
    if tag == "script" && !value("src").is_some_and(|src| src.starts_with("/static/")) {
        shape.problems.push("a script that is not ours".to_owned());
    }
}

/// Whether an address is ours, or a link that says that a stranger typed it.
fn leads(tag: &str, name: &str, to: &str, attributes: &Ref<'_, Vec<Attribute>>, shape: &mut Shape) {
    let is_ours = to.starts_with('#') || (to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\"));
    if is_ours {
        return;
    }
    let rel = attributes.iter().find(|attribute| &*attribute.name.local == "rel");
    let rel = rel.map(|rel| rel.value.to_string()).unwrap_or_default();
    let is_marked = ["noopener", "nofollow", "ugc"].iter().all(|word| rel.split(' ').any(|part| part == *word));
    let is_web = to.starts_with("https://") || to.starts_with("http://");
    // The way back to the app, at an address that is registered and was asked for.
    let is_return =
        attributes.iter().any(|attribute| &*attribute.name.local == "id" && &*attribute.value == "continue");
    if !(tag == "a" && name == "href" && is_web && (is_marked || is_return)) {
        shape.problems.push(format!("{name} of <{tag}> leads to {to:?}"));
    }
}
