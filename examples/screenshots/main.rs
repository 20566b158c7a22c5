//! Draws the pictures of the documents: `cargo run --example screenshots` writes docs/images/*.svg.

mod draw;

use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    std::fs::create_dir_all(&folder)?;
    for (name, svg) in draw::pictures()? {
        std::fs::write(folder.join(format!("{name}.svg")), svg)?;
    }
    Ok(())
}
