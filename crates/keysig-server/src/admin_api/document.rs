//! The OpenAPI document, made from the list that is served and the types that are sent.

use std::sync::OnceLock;

use http::Method;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::BASE;
use super::problem::{KINDS, ProblemAnswer};
use crate::operations::{OPERATIONS, Operation, Route};

const ABOUT: &str = "What operators do, for programs. Keys are made on /admin/api-keys or by `keysig api-key add`. \
                     Every change is recorded in the audit, with the key and whoever made it.";

/// The document.
pub fn document() -> Value {
    let mut taken = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator();
    let given = SchemaSettings::draft2020_12().for_serialize();
    let mut given = given.with(|settings| settings.definitions_path = "/components/schemas".into()).into_generator();
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let Some(route) = &operation.route else { continue };
        let described = described(operation, route, &mut taken, &mut given);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(route.method.as_str().to_lowercase(), described);
        }
    }
    let problem = given.subschema_for::<ProblemAnswer>();
    let responses = KINDS.iter().map(|(_, code, meaning)| {
        let response = json!({"description": meaning, "content": {"application/json": {"schema": problem}}});
        ((*code).to_owned(), response)
    });
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Keysig admin API", "version": "1", "description": ABOUT},
        "servers": [{"url": BASE}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A key, which begins with ks_."}},
            "responses": responses.collect::<Map<_, _>>(),
            "schemas": given.take_definitions(true),
        },
    })
}

/// The document as it is served.
pub fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| format!("{:#}\n", document()))
}

fn described(operation: &Operation, route: &Route, taken: &mut SchemaGenerator, given: &mut SchemaGenerator) -> Value {
    let takes = (operation.takes)(taken).to_value();
    let none = Map::new();
    let members = takes.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let is_required = |name: &str| {
        let required = takes.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|known| known == name))
    };
    let in_path = |name: &str| route.path.contains(&format!("{{{name}}}"));
    let has_body = route.method != Method::GET;
    let (mut parameters, mut of_body, mut required) = (Vec::new(), Map::new(), Vec::new());
    for (name, schema) in members {
        if has_body && !in_path(name) {
            of_body.insert(name.clone(), schema.clone());
            required.extend(is_required(name).then_some(name));
            continue;
        }
        let (mut schema, place) = (schema.clone(), if in_path(name) { "path" } else { "query" });
        let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        parameters.push(json!({
            "name": name, "in": place, "required": in_path(name) || is_required(name), "description": about, "schema": schema,
        }));
    }
    let content = match route.is_copy {
        true => {
            json!({"application/x-ndjson": {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}})
        }
        false => json!({"application/json": {"schema": Schema::to_value((operation.gives)(given))}}),
    };
    let mut responses = Map::new();
    responses.insert("200".to_owned(), json!({"description": "It is done.", "content": content}));
    for (status, code, _) in KINDS {
        responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{code}")}));
    }
    let mut described = json!({
        "operationId": operation.name,
        "summary": operation.summary,
        "description": format!("Needs the role {}.", operation.needs.name()),
        "tags": [operation.name.split('.').next()],
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(described) = described.as_object_mut().filter(|_| has_body && !of_body.is_empty()) {
        let schema =
            json!({"type": "object", "properties": of_body, "required": required, "additionalProperties": false});
        let is_needed = !required.is_empty();
        let body = json!({"required": is_needed, "content": {"application/json": {"schema": schema}}});
        described.insert("requestBody".to_owned(), body);
    }
    described
}
