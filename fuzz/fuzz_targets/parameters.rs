//! A query or body: what is read is what another reader reads, and can be written so that it reads the same.
#![no_main]

use keysig_core::parameters::{MAX_PARAMETERS, Parameters};
use keysig_fuzz::values_by_another_reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let Ok(read) = Parameters::parse(raw) else { return };
    let query = read.to_query();
    let again = Parameters::parse(query.as_bytes()).expect("what we write, we read");
    assert_eq!(query, again.to_query());
    assert_eq!(read.duplicate(), again.duplicate());

    let pairs: Vec<_> = url::form_urlencoded::parse(raw).collect();
    assert!(pairs.len() <= MAX_PARAMETERS);
    let mut twice = None;
    for (index, (name, value)) in pairs.iter().enumerate() {
        let ours: Vec<&str> = read.all(name).collect();
        assert_eq!(ours, values_by_another_reader(raw, name));
        assert!(again.all(name).eq(read.all(name)));
        assert!(!value.chars().any(char::is_control) && !name.chars().any(char::is_control));
        let first = ours.first().copied().filter(|first| !first.is_empty());
        assert_eq!(read.get(name), first);
        if name != "resource" && twice.is_none() && pairs[..index].iter().any(|(earlier, _)| earlier == name) {
            twice = Some(name.as_ref());
        }
    }
    assert_eq!(read.duplicate(), twice);
    assert_eq!(read.and(again).duplicate().is_some(), pairs.iter().any(|(name, _)| name != "resource"));
});
