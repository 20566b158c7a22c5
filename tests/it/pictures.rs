//! The pictures in the documents show the screens as they are.

#[path = "../../examples/screenshots/draw.rs"]
mod draw;

use std::path::Path;

#[test]
fn the_pictures_of_the_documents_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/images");
    let pictures = draw::pictures().expect("the screens are drawn");
    let is_old = |(name, svg): &&(&str, String)| {
        std::fs::read_to_string(folder.join(format!("{name}.svg"))).ok().as_ref() != Some(svg)
    };
    let old: Vec<_> = pictures.iter().filter(is_old).map(|(name, _)| *name).collect();
    assert!(
        old.is_empty(),
        "docs/images: {old:?} are out of date; draw them again with: cargo run --example screenshots"
    );
    let kept = std::fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(kept, pictures.len(), "docs/images contains files that no screen draws");
}
