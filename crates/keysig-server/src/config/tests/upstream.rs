use super::*;
use crate::upstream::{Kind, Provider};

const OPENID: &str = "[[upstream]]\nid = \"example\"\nname = \"Example ID\"\nkind = \"openid\"\n\
                      issuer = \"https://id.example.com\"\nclient_id = \"keysig\"\nclient_secret = \"hush\"\n";
const OAUTH2: &str = "[[upstream]]\nid = \"other\"\nname = \"Other\"\nkind = \"oauth2\"\nclient_id = \"k\"\n\
                      client_secret = \"hush\"\nauthorization_endpoint = \"https://o.example/authorize\"\n\
                      token_endpoint = \"https://o.example/token\"\nuser_endpoint = \"https://o.example/user\"\n\
                      subject_field = \"id\"\n";
const GITHUB: &str =
    "[[upstream]]\nid = \"github\"\npreset = \"github\"\nclient_id = \"k\"\nclient_secret = \"hush\"\n";

fn providers(tables: &str) -> Result<Vec<std::sync::Arc<Provider>>, String> {
    load(&format!("{WHOLE}{tables}"), &[]).map(|config| config.settings.upstreams)
}

fn one(table: &str) -> Provider {
    let listed = providers(table).unwrap();
    assert_eq!(listed.len(), 1);
    Provider::clone(&listed[0])
}

#[test]
fn an_openid_provider_needs_little() {
    let provider = one(OPENID);
    assert_eq!((provider.id.as_str(), provider.realm()), ("example", "https://id.example.com"));
    assert_eq!(provider.scope, "openid profile email");
    assert!(!provider.sign_up && !provider.trust_email && !provider.keep_tokens);
    assert!(one(&format!("{OPENID}trust_email = true\nsign_up = true\n")).sign_up);
}

#[test]
fn presets_know_what_is_theirs_and_what_the_file_says_goes_over_them() {
    let github = one(&format!("{GITHUB}trust_email = true\nsign_up = true\nscopes = [\"read:user\"]\n"));
    let Kind::OAuth2(oauth2) = &github.kind else { panic!("it speaks OAuth 2.0") };
    assert_eq!((oauth2.fields.subject.as_str(), oauth2.secret_in_form), ("id", true));
    assert_eq!((github.name.as_str(), github.scope.as_str()), ("GitHub", "read:user"));
    let spotify = one(&GITHUB.replace("github", "spotify"));
    let Kind::OAuth2(oauth2) = &spotify.kind else { panic!("it speaks OAuth 2.0") };
    assert_eq!(oauth2.user_endpoint, "https://api.spotify.com/v1/me");
    assert!(!oauth2.secret_in_form && oauth2.fields.email_verified.is_none());
    let renamed =
        one(&format!("{GITHUB}name = \"Our GitHub\"\nuser_endpoint = \"https://github.corp.example/user\"\n"));
    assert_eq!((renamed.name.as_str(), renamed.realm()), ("Our GitHub", "https://github.corp.example/user"));
}

#[test]
fn a_secret_stands_in_its_file_and_in_no_message() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    fs::write(&file, "from the file\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let table = OPENID.replace("client_secret = \"hush\"", &format!("client_secret_file = \"{}\"", file.display()));
    assert_eq!(one(&table).client_secret.expose(), "from the file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(providers(&table).is_err(), "everybody may read it");
    assert!(!format!("{:?}", one(OPENID)).contains("hush"));
    assert!(!providers(&format!("{OPENID}x = 1\n")).err().unwrap().contains("hush"));
}

#[test]
fn what_cannot_be_is_refused_with_its_reason() {
    let without = |table: &str, key: &str| {
        let start = format!("{key} = ");
        table.lines().filter(|line| !line.starts_with(&start)).map(|line| format!("{line}\n")).collect::<String>()
    };
    for (tables, reason) in [
        (without(OPENID, "id"), "has no `id`"),
        (OPENID.replace("\"example\"", "\"Example\""), "has no `id`"),
        (OPENID.replace("\"example\"", "\"../x\""), "has no `id`"),
        (without(OPENID, "name"), "`name` is missing"),
        (OPENID.replace("Example ID", " "), "1 to 40 characters"),
        (without(OPENID, "kind"), "`kind` is missing"),
        (OPENID.replace("\"openid\"", "\"saml\""), "can only be \"openid\" or \"oauth2\""),
        (without(OPENID, "issuer"), "`issuer` is missing"),
        (OPENID.replace("https://id.", "http://id."), "is no https address"),
        (OPENID.replace("https://id.", "https://u@id."), "is no https address"),
        (without(OPENID, "client_id"), "`client_id` is missing"),
        (without(OPENID, "client_secret"), "`client_secret_file` is missing"),
        (OPENID.replace("hush", ""), "the client secret is empty"),
        (format!("{OPENID}client_secret_file = \"/x\"\n"), "keep one"),
        (
            format!("{OPENID}client_secret_file = \"/no/such/file\"\n").replace("client_secret = \"hush\"\n", ""),
            "/no/such",
        ),
        (format!("{OPENID}scopes = [\"profile\"]\n"), "lacks \"openid\""),
        (format!("{OPENID}scopes = [\"openid\", \"a b\"]\n"), "is no scope"),
        (format!("{OPENID}token_endpoint = \"https://x.example\"\n"), "is for `kind = \"oauth2\"`"),
        (format!("{OPENID}subject_field = \"id\"\n"), "is for `kind = \"oauth2\"`"),
        (format!("{OPENID}preset = \"github\"\n"), "with a `preset`"),
        (GITHUB.replace("preset = \"github\"", "preset = \"gitlab\""), "can only be \"spotify\" or \"github\""),
        (format!("{OPENID}sign_up = true\n"), "`sign_up` needs `trust_email`"),
        (format!("{OAUTH2}trust_email = true\n"), "nothing says which addresses are confirmed"),
        (GITHUB.replace("github", "spotify") + "trust_email = true\n", "nothing says which addresses are confirmed"),
        (without(OAUTH2, "subject_field"), "`subject_field` is missing"),
        (without(OAUTH2, "user_endpoint"), "`user_endpoint` is missing"),
        (OAUTH2.replace("\"id\"\n", "\"\"\n"), "`subject_field` is empty"),
        (format!("{OAUTH2}client_auth = \"query\"\n"), "\"header\" or \"form\""),
        (format!("{OPENID}{}", OPENID.replace("\"example\"", "\"other\"")), "listed twice"),
        (format!("{OPENID}{}", OAUTH2.replace("\"other\"", "\"example\"")), "two `[[upstream]]` have the `id`"),
        (format!("{OPENID}nonsense = 1\n"), "nonsense"),
        (GITHUB.repeat(13), "at most 12"),
    ] {
        let refused = providers(&tables).err().unwrap_or_else(|| panic!("this must be refused: {tables}"));
        assert!(refused.contains(reason), "{reason}: {refused}");
    }
}
