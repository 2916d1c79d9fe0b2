//! The binary `keysig`.

fn main() -> std::process::ExitCode {
    keysig_server::cli::main()
}
