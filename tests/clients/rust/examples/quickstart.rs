//! A program of the dashboard's quickstart, as it was copied from there: `tests/clients/quickstart` names the file.

include!(env!("KEYSIG_TEST_PROGRAM"));
