//! As much of HTML as a person's way through our pages needs: forms with their hidden inputs, and the link that leaves.

use std::collections::HashMap;

/// A form that is posted.
#[derive(Debug, Default)]
pub struct Form {
    /// Where to.
    pub action: String,
    /// Its hidden inputs, as found.
    pub hidden: Vec<(String, String)>,
    /// The name of every input and button.
    pub names: Vec<String>,
}

/// What a page offers.
#[derive(Debug, Default)]
pub struct Page {
    /// Its forms.
    pub forms: Vec<Form>,
    /// Where its links lead.
    pub links: Vec<String>,
    /// Where the leaving page leads.
    pub continue_to: Option<String>,
}

impl Page {
    /// The form that is sent to an address which ends so.
    pub fn form_to(&self, end: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.action.ends_with(end))
    }

    /// Reads a page.
    pub fn parse(html: &str) -> Self {
        let mut page = Self::default();
        let mut open: Option<Form> = None;
        for tag in html.split('<').skip(1) {
            let name = tag.split([' ', '>']).next().unwrap_or_default();
            let mut attributes = attributes(tag);
            let mut take = |attribute: &str| attributes.remove(attribute).unwrap_or_default();
            match (name, &mut open) {
                ("form", _) if take("method").eq_ignore_ascii_case("post") => {
                    open = Some(Form { action: take("action"), ..Form::default() });
                }
                ("/form", form) => page.forms.extend(form.take()),
                ("input" | "button", Some(form)) => {
                    let name = take("name");
                    if take("type") == "hidden" {
                        form.hidden.push((name.clone(), take("value")));
                    }
                    form.names.push(name);
                }
                ("a", _) => {
                    let href = take("href");
                    if take("id") == "continue" {
                        page.continue_to = Some(href.clone());
                    }
                    page.links.push(href);
                }
                _ => {}
            }
        }
        page
    }
}

/// The attributes in double quotes, which is how our pages write all that matters here.
fn attributes(tag: &str) -> HashMap<String, String> {
    let mut found = HashMap::new();
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once("=\"") {
        let Some((value, next)) = after.split_once('"') else { break };
        let name = before.rsplit([' ', '\n']).next().unwrap_or_default();
        found.insert(name.to_owned(), unescape(value));
        rest = next;
    }
    found
}

fn unescape(text: &str) -> String {
    [("&#38;", "&"), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn a_form_and_the_link_that_leaves_are_found() {
        let page = Page::parse(
            "<form method=\"post\" action=\"/login\"><input type=\"hidden\" name=\"csrf\" value=\"a&#38;b\">\
             <input id=\"identifier\" name=\"identifier\"></form><a id=\"continue\" href=\"http://x/?a=1&amp;b=2\">",
        );
        assert_eq!(page.forms[0].action, "/login");
        assert_eq!(page.forms[0].hidden, [("csrf".to_owned(), "a&b".to_owned())]);
        assert_eq!(page.forms[0].names, ["csrf", "identifier"]);
        assert_eq!(page.continue_to.unwrap(), "http://x/?a=1&b=2");
    }
}
