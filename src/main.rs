//! The program `cdx`; see the library for all of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    cdx_console::cli::main()
}
