use std::fs;
use std::os::unix::fs::PermissionsExt;

use keysig_core::testing::SeededRng;

use super::*;

const WHOLE: &str = "public_url = \"https://accounts.example.com\"\ndata = \"/var/lib/keysig\"\n";

fn load(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keysig.toml");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let environment = environment.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let dir_name = format!("{}/", dir.path().display());
    Config::load(&file, environment).map_err(|failure| failure.to_string().replace(&dir_name, ""))
}

fn refusal(text: &str, environment: &[(&str, &str)]) -> String {
    load(text, environment).err().expect("this must be refused")
}

#[test]
fn two_keys_are_enough() {
    let config = load(WHOLE, &[]).unwrap();
    assert_eq!(config.settings.public_url, "https://accounts.example.com");
    assert_eq!(config.listen, DEFAULT_LISTEN);
    assert!(!config.settings.test_mode);
}

/// The example with every key in use.
fn example() -> String {
    let example = include_str!("../../../../keysig.example.toml");
    let is_key = |line: &&str| line.contains(" = ") || line.starts_with('[');
    example.lines().map(|line| line.strip_prefix("# ").filter(is_key).unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_a_configuration_with_every_key() {
    load(include_str!("../../../../keysig.example.toml"), &[]).unwrap();
    toml::from_str::<Keys>(&example()).unwrap();
    let table: toml::Table = example().parse().unwrap();
    let known = |text: &str| toml::from_str::<Keys>(text).err().unwrap().message().matches('`').count() / 2 - 1;
    // All but `database_file`, which stands in for `database`.
    assert_eq!(known("x = 1"), table.len() + 1);
    assert_eq!(known("tls.x = 1"), table["tls"].as_table().unwrap().len());
    assert_eq!(known("limits.x = 1"), table["limits"].as_table().unwrap().len());
    assert_eq!(known("[[api]]\nx = 1"), table["api"][0].as_table().unwrap().len());
    assert_eq!(known("store.x = 1"), table["store"].as_table().unwrap().len());
    // All but `client_secret`, which stands in for its file.
    let upstreams = table["upstream"].as_array().unwrap().iter();
    let keys: std::collections::BTreeSet<_> = upstreams.flat_map(|listed| listed.as_table().unwrap().keys()).collect();
    assert_eq!(known("[[upstream]]\nx = 1"), keys.len() + 1);
    // And `smtp_file`, which stands in for `smtp`.
    assert_eq!(known("mail.x = 1"), table["mail"].as_table().unwrap().len() + 1);
}

#[test]
fn every_key_has_its_variable() {
    let table: toml::Table = example().parse().unwrap();
    for (key, value) in &table {
        // A list of tables has no variables: its file does.
        if value.is_array() {
            continue;
        }
        let section = value.as_table().cloned().unwrap_or_default();
        let variables = match value.as_table() {
            Some(_) => section.iter().map(|(inner, value)| (format!("{key}__{inner}"), value)).collect(),
            None => vec![(key.clone(), value)],
        };
        for (variable, value) in variables {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(Keys::default().set(&variable.to_uppercase(), text), Ok(true), "{variable}");
        }
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line() {
    let said = refusal(&format!("{WHOLE}publik = 1\n"), &[]);
    assert!(said.starts_with("keysig.toml, line 3: unknown key `publik`"), "{said}");
    let said = refusal(&format!("{WHOLE}[tls]\ncert = \"x\"\n"), &[]);
    assert!(said.starts_with("keysig.toml, line 4: unknown key `cert`, expected `cert_file` or `key_file`"), "{said}");
    let said = refusal(&format!("{WHOLE}[limit]\n"), &[]);
    assert!(said.contains("unknown key `limit`"), "{said}");
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn the_environment_goes_over_the_file() {
    let environment = [
        ("KEYSIG_PUBLIC_URL", "https://login.example.org"),
        ("KEYSIG_LISTEN", "127.0.0.1:9000"),
        ("KEYSIG_STORE__CACHE_MIB", "64"),
        ("KEYSIG_BRAND", "1975"),
        ("KEYSIG_LANGUAGES", "de en"),
        ("KEYSIG_CLIENT_ID", "of the SDK"),
        ("KEYSIG_PUBLIC_ULR", "a slip"),
        ("PATH", "/bin"),
    ];
    let config = load(WHOLE, &environment).unwrap();
    assert_eq!(config.settings.public_url, "https://login.example.org");
    assert_eq!(config.listen.port(), 9000);
    assert_eq!(config.store.cache_mib, Some(64));
    assert_eq!(config.settings.defaults.brand, "1975");
    assert_eq!(config.settings.languages, [Lang::De, Lang::En]);
    assert_eq!(config.ignored_variables, ["KEYSIG_PUBLIC_ULR"]);
    let said = refusal(WHOLE, &[("KEYSIG_LISTEN", "everywhere")]);
    assert!(said.starts_with("KEYSIG_LISTEN: `everywhere` is not an address"), "{said}");
}

#[test]
fn what_cannot_be_is_refused_with_the_way_out() {
    let cases = [
        ("data = \"d\"\n", "`public_url` is missing"),
        ("public_url = \"https://a.example\"\n", "`data` is missing"),
        ("data = \"d\"\npublic_url = \"http://a.example\"\n", "would send passwords in clear: write https"),
        ("data = \"d\"\npublic_url = \"https://a.example/\"\n", "write \"https://a.example\""),
        ("data = \"d\"\npublic_url = \"https://a.example/login\"\n", "write \"https://a.example\""),
        ("data = \"d\"\npublic_url = \"a.example\"\n", "is no address"),
        ("data = \"d\"\npublic_url = \"ftp://a.example\"\n", "is no web address"),
        (
            "data = \"d\"\npublic_url = \"http://127.0.0.1:1\"\n[tls]\ncert_file = \"c\"\nkey_file = \"k\"\n",
            "starts with https",
        ),
    ];
    for (text, expected) in cases {
        let said = refusal(text, &[]);
        assert!(said.contains(expected), "{said}");
    }
    let long = "a".repeat(60);
    let said = refusal(&format!("data = \"d\"\npublic_url = \"https://{long}.{long}.example\"\n"), &[]);
    assert!(said.contains("is longer than 100 bytes"), "{said}");
    let more = [
        ("signup = \"on\"", "`signup` is \"on\", but can only be \"open\" or \"invite\" or \"off\""),
        ("signup = \"open\"", "confirms addresses by mail: set `[mail]`, too"),
        ("[mail]\nsmtp = \"smtps://h\"", "`[mail]` needs `from`"),
        ("[mail]\nfrom = \"a@b.example\"", "`[mail]` needs `smtp`"),
        ("[mail]\nsmtp = \"smtp://u:hush@h\"\nfrom = \"a@b.example\"", "would send mail in clear"),
        ("[mail]\nsmtp = \"hush\"\nfrom = \"a@b.example\"", "`mail.smtp` is not like smtps://"),
        ("[mail]\nsmtp = \"smtps://h\"\nfrom = \"nobody\"", "`mail.from` is \"nobody\""),
        ("[mail]\nsmtp = \"smtps://h\"\nsmtp_file = \"f\"\nfrom = \"a@b.example\"", "both set: keep one"),
        ("compat = \"loose\"", "can only be \"friendly\" or \"strict\""),
        ("default_profile = \"oidc\"", "can only be \"spotify\" or \"standard\""),
        ("database = \"mysql://x\"", "is not like postgresql://"),
        ("database = \"postgres://x\"\ndatabase_file = \"f\"", "both set: keep one"),
        ("drain_delay_seconds = 3600", "goes from 0 to 300"),
        ("brand = \" \"", "`brand` is the name"),
        ("languages = []", "`languages` is empty"),
        ("languages = [\"en\", \"tlh\"]", "\"tlh\", but can only hold \"en\", \"de\", \"ar\""),
        ("languages = [\"de\", \"de\"]", "holds \"de\" twice"),
        ("[tls]\ncert_file = \"c\"", "needs both"),
        ("[store]\ncache_mib = 0", "`store.cache_mib` is 0, but goes from 1"),
    ];
    for (line, expected) in more {
        let said = refusal(&format!("{WHOLE}{line}\n"), &[]);
        assert!(said.contains(expected), "{line}: {said}");
        assert!(!said.contains("hush"), "a password is in no error: {said}");
    }
}

#[test]
fn plain_http_is_for_loopback() {
    for url in ["http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"] {
        load(&format!("data = \"d\"\npublic_url = \"{url}\"\n"), &[]).unwrap();
    }
}

#[test]
fn a_file_with_a_secret_is_not_for_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keysig.toml");
    for secret in ["database = \"postgres://u:p@h/d\"", "[mail]\nsmtp = \"smtps://u:p@h\"\nfrom = \"a@b.example\""] {
        fs::write(&file, format!("{WHOLE}{secret}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let said = Config::load(&file, []).err().unwrap().to_string();
        assert!(said.contains("everybody on this machine may read") && said.contains("chmod 600"), "{said}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        Config::load(&file, []).unwrap();
    }
}

#[test]
fn the_database_may_stand_in_a_file_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("database");
    fs::write(&file, "postgres://u:p@h/d\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let config = load(WHOLE, &[("KEYSIG_DATABASE_FILE", file.to_str().unwrap())]).unwrap();
    let data = DataDir::prepare(&dir.path().join("data"), Kind::Real).unwrap();
    match config.engine(&data) {
        EngineConfig::Postgres { url, .. } => assert_eq!(url, "postgres://u:p@h/d"),
        EngineConfig::Sqlite { .. } => panic!("a database was named"),
    }
    let Failure::Setup(said) = config.master_key(&data, &SeededRng::new(1)).err().unwrap() else { panic!("no setup") };
    assert!(said.contains("never made here"), "{said}");
}

#[test]
fn mail_is_set_up_by_file_or_variable() {
    let open = format!("{WHOLE}signup = \"open\"\n[mail]\nsmtp = \"smtps://h\"\nfrom = \"a@b.example\"\n");
    let config = load(&open, &[]).unwrap();
    assert!(config.settings.sends_mail() && config.settings.defaults.sign_up == SignUp::Open);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("smtp");
    fs::write(&file, "smtps://u:p@h\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let by_variable = [("KEYSIG_MAIL__SMTP_FILE", file.to_str().unwrap()), ("KEYSIG_MAIL__FROM", "A <a@b.example>")];
    let config = load(WHOLE, &by_variable).unwrap();
    assert!(config.settings.sends_mail() && config.settings.defaults.sign_up == SignUp::Invite);
    assert!(!format!("{:?}", config.settings).contains("u:p"), "no password is printed");
    assert!(!load(WHOLE, &[]).unwrap().settings.sends_mail());
}

#[test]
fn a_master_key_is_made_once_and_never_over_data() {
    let dir = tempfile::tempdir().unwrap();
    let config = load(WHOLE, &[]).unwrap();
    let data = DataDir::prepare(&dir.path().join("data"), Kind::Real).unwrap();
    let rng = SeededRng::new(1);
    config.master_key(&data, &rng).unwrap();
    let key_file = data.default_key_file();
    let made = fs::read_to_string(&key_file).unwrap();
    assert_eq!(fs::metadata(&key_file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(data.path()).unwrap().permissions().mode() & 0o777, 0o700);

    config.master_key(&data, &rng).unwrap();
    assert_eq!(fs::read_to_string(&key_file).unwrap(), made);

    fs::write(data.database(), "").unwrap();
    fs::remove_file(&key_file).unwrap();
    let said = config.master_key(&data, &rng).err().unwrap().to_string();
    assert!(said.contains("put the key file back"), "{said}");
    assert!(!key_file.exists());
}

#[test]
fn a_key_of_dev_and_a_key_for_everybody_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = DataDir::prepare(dir.path(), Kind::Real).unwrap();
    let key_file = data.default_key_file();
    let config = load(WHOLE, &[]).unwrap();
    let refused = |text: &str, mode: u32| {
        fs::write(&key_file, text).unwrap();
        fs::set_permissions(&key_file, fs::Permissions::from_mode(mode)).unwrap();
        config.master_key(&data, &SeededRng::new(1)).err().unwrap().to_string()
    };
    assert!(refused(&format!("test:{}", "ab".repeat(32)), 0o600).contains("test key"));
    assert!(refused(&"ab".repeat(32), 0o644).contains("chmod 600"));
    assert!(refused("short", 0o600).contains("64 hexadecimal digits"));
    let by_environment = load(WHOLE, &[("KEYSIG_MASTER_KEY", &format!("test:{}", "ab".repeat(32)))]).unwrap();
    let said = by_environment.master_key(&data, &SeededRng::new(1)).err().unwrap().to_string();
    assert!(said.starts_with("KEYSIG_MASTER_KEY holds a test key"), "{said}");
}

mod upstream;
