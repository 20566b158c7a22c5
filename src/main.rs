//! The program `cdx`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    cdx_console::cli::main()
}
