//! The binary `keysig`.
fn main() {}
