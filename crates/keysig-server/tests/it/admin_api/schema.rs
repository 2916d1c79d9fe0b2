//! Whether JSON is what a schema says, as far as our document uses JSON Schema: a word it does not know fails.

use serde_json::Value;

/// The first place where `value` is not what `schema` of `document` says.
pub fn mismatch(document: &Value, schema: &Value, value: &Value, place: &str) -> Option<String> {
    let wrong = |what: &str| Some(format!("{place}: {what}: {value}"));
    let Some(words) = schema.as_object() else {
        return (schema == &Value::Bool(false)).then(|| format!("{place}: nothing may stand here: {value}"));
    };
    for (word, said) in words {
        let found = match word.as_str() {
            "$ref" => {
                let pointer = said.as_str().unwrap().strip_prefix('#').unwrap();
                let target = document.pointer(pointer).unwrap_or_else(|| panic!("{place}: no {pointer}"));
                mismatch(document, target, value, place)
            }
            "type" => {
                let is_it = match said {
                    Value::Array(types) => types.iter().any(|of| is_of(of.as_str().unwrap(), value)),
                    of => is_of(of.as_str().unwrap(), value),
                };
                if is_it { None } else { wrong(&format!("not {said}")) }
            }
            "enum" => {
                let is_nothing =
                    value.is_null() && schema["type"].as_array().is_some_and(|of| of.contains(&"null".into()));
                if said.as_array().unwrap().contains(value) || is_nothing {
                    None
                } else {
                    wrong("not among the choices")
                }
            }
            "const" => (said != value).then(|| format!("{place}: not {said}: {value}")),
            "required" => {
                let is_there = |name: &&Value| value.get(name.as_str().unwrap()).is_some();
                let missing = said.as_array().unwrap().iter().find(|name| !is_there(name));
                missing.and_then(|name| wrong(&format!("{name} is missing")))
            }
            "properties" => said
                .as_object()
                .unwrap()
                .iter()
                .find_map(|(name, of)| mismatch(document, of, value.get(name)?, &format!("{place}.{name}"))),
            "additionalProperties" => value.as_object().and_then(|members| {
                let known = |name: &str| schema["properties"].get(name).is_some();
                let others = members.iter().filter(|(name, _)| !known(name));
                others.into_iter().find_map(|(name, value)| mismatch(document, said, value, &format!("{place}.{name}")))
            }),
            "items" => value
                .as_array()
                .and_then(|items| items.iter().find_map(|item| mismatch(document, said, item, &format!("{place}[]")))),
            "anyOf" | "oneOf" => {
                let all: Vec<String> =
                    said.as_array().unwrap().iter().filter_map(|of| mismatch(document, of, value, place)).collect();
                if all.len() < said.as_array().unwrap().len() { None } else { all.into_iter().next() }
            }
            "minimum" => {
                (value.is_number() && value.as_i64() < said.as_i64()).then(|| format!("{place}: below {said}: {value}"))
            }
            "maximum" => {
                (value.is_number() && value.as_i64() > said.as_i64()).then(|| format!("{place}: above {said}: {value}"))
            }
            "description" | "title" | "format" | "default" => None,
            word => panic!("{place}: {word} is not known to this test"),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        name => panic!("{name} is not known to this test"),
    }
}

#[test]
fn what_is_not_as_the_schema_says_is_found() {
    use serde_json::json;
    let schema = json!({"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"enum": ["x"]}},
                        "required": ["a"], "additionalProperties": false});
    for (value, holds) in [
        (json!({"a": "", "b": "x"}), true),
        (json!({"a": null}), true),
        (json!({"a": 1}), false),
        (json!({"b": "x"}), false),
        (json!({"a": "", "b": "y"}), false),
        (json!({"a": "", "c": 1}), false),
        (json!([]), false),
    ] {
        assert_eq!(mismatch(&Value::Null, &schema, &value, "it").is_none(), holds, "{value}");
    }
}
