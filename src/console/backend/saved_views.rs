//! Reads and changes saved views: at head office, and in a file of the state folder where head
//! office may not be written.

use crate::console::protocol::mutation::{MutationError, MutationResult, ViewMutation, lacking};
use crate::console::protocol::saved_view::{MAX_VIEWS, SavedView, THEME, ViewOrigin};
use crate::console::protocol::theme_choice::ThemeChoice;
use crate::domain::clean_line;
use crate::engine::Databases;
use crate::store::head_office::{Edit, EditError};
use crate::store::{Access, HeadOffice, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 512 << 10;

/// A view in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FileView {
    version: i64,
    view: SavedView,
}

type Views = BTreeMap<String, FileView>;

/// The operator's views, those of head office first. What this program cannot read is left out.
pub fn read(office: &HeadOffice, operator: &str, file: Option<&Path>) -> Result<Vec<SavedView>, StoreError> {
    let stored = office.saved_views(operator, i64::try_from(MAX_VIEWS).unwrap_or(i64::MAX))?;
    let known = |view: &crate::store::head_office::StoredView| {
        SavedView::read(&view.name, &view.definition, view.version, ViewOrigin::HeadOffice)
    };
    let mut views: Vec<_> = stored.iter().filter_map(known).collect();
    let kept = file.map(read_file).unwrap_or_default();
    views.extend(kept.into_iter().map(|(name, FileView { version, view })| SavedView {
        name,
        version,
        origin: ViewOrigin::StateFolder,
        ..view
    }));
    Ok(views)
}

/// Makes a change and returns the sentence that reports it. Durable when it returns.
/// `undo`: the key that undoes it.
pub fn perform(
    databases: &Databases,
    operator: &str,
    change: &ViewMutation,
    undo: &str,
) -> Result<MutationResult, MutationError> {
    match change {
        ViewMutation::Save(view, file) => save(databases, operator, view, file.as_deref()),
        ViewMutation::Delete(view, file) => delete(databases, operator, view, file.as_deref(), undo),
    }
}

fn save(
    databases: &Databases,
    operator: &str,
    view: &SavedView,
    file: Option<&Path>,
) -> Result<MutationResult, MutationError> {
    let name = &view.name;
    let saved = |on: &str| {
        let theme = ThemeChoice::of_view(view).map(|choice| format!("Theme: {}; saved{on}.", choice.words()));
        MutationResult::said(theme.unwrap_or_else(|| format!("Saved {name}{on}.")))
    };
    if let (ViewOrigin::StateFolder, Some(file)) = (&view.origin, file) {
        keep(file, view)?;
        return Ok(saved(" on this machine"));
    }
    let edit = Edit::of_version(operator, based_on(view));
    let stored =
        office(databases).map_err(EditError::from).and_then(|office| office.save_view(name, &view.definition(), edit));
    match (stored, file) {
        (Ok(()), Some(file)) if name == THEME && read_file(file).contains_key(THEME) => {
            change_file(file, THEME, None, None)?;
            Ok(saved(""))
        }
        (Ok(()), _) => Ok(saved("")),
        // The operator may read head office's file, but not write it.
        (Err(EditError::Store(StoreError::ReadOnly { .. })), Some(file)) if view.version == 0 => {
            keep(file, view)?;
            Ok(saved(" on this machine, because head office is read-only"))
        }
        (Err(error), _) => Err(refused(&error)),
    }
}

fn delete(
    databases: &Databases,
    operator: &str,
    view: &SavedView,
    file: Option<&Path>,
    undo: &str,
) -> Result<MutationResult, MutationError> {
    if let (ViewOrigin::StateFolder, Some(file)) = (&view.origin, file) {
        change_file(file, &view.name, Some(view.version), None)?;
    } else {
        let edit = Edit::of_version(operator, Some(view.version));
        let deleted = office(databases).map_err(EditError::from);
        deleted.and_then(|office| office.delete_view(&view.name, edit)).map_err(|error| refused(&error))?;
        return Ok(MutationResult::said(format!("Deleted {}; {undo} undoes it.", view.name)));
    }
    Ok(MutationResult::said(format!("Deleted {}.", view.name)))
}

fn office(databases: &Databases) -> Result<HeadOffice, StoreError> {
    let opening = databases.opening(Access::Existing);
    HeadOffice::open(&databases.head_office, opening)
}

fn refused(error: &EditError) -> MutationError {
    MutationError {
        is_stale: matches!(error, EditError::Stale { .. }),
        lacks: if let EditError::Store(error) = error { lacking(error) } else { None },
        said: error.to_string(),
    }
}

/// The version that a change of a view is based on. A theme replaces any other: the last choice
/// counts.
fn based_on(view: &SavedView) -> Option<i64> {
    Some(view.version).filter(|_| view.name != THEME)
}

fn keep(file: &Path, view: &SavedView) -> Result<(), MutationError> {
    change_file(file, &view.name, based_on(view), Some(view))
}

fn read_file(file: &Path) -> Views {
    let is_fit = |data: std::fs::Metadata| data.is_file() && data.len() <= MAX_FILE_BYTES;
    let text = std::fs::metadata(file).ok().filter(|data| is_fit(data.clone()));
    let text = text.and_then(|_| std::fs::read_to_string(file).ok());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Replaces or deletes a view that has this version; 0 is a new one, `None` any. A lock file orders
/// the changes of several consoles.
fn change_file(file: &Path, name: &str, version: Option<i64>, view: Option<&SavedView>) -> Result<(), MutationError> {
    let failed = |error: io::Error| {
        MutationError::from(format!("cannot write {}: {error}", clean_line(&file.to_string_lossy())))
    };
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let lock = File::create(file.with_extension("lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let mut views = read_file(file);
    let newest = views.get(name).map_or(0, |kept| kept.version);
    if version.is_some_and(|version| version != newest) {
        let said = format!("{name} was changed by another console of yours; nothing was saved");
        return Err(MutationError { said, is_stale: true, lacks: None });
    }
    match view {
        Some(view) => {
            // A deleted view's number is not used again, so that an older console cannot mistake
            // its successor for it.
            let version = views.values().map(|kept| kept.version).max().unwrap_or(0) + 1;
            views.insert(name.to_owned(), FileView { version, view: view.clone() });
        }
        None => drop(views.remove(name)),
    }
    replace(file, &views).map_err(failed)
}

/// Replaces the file by writing a new one and renaming it.
fn replace(file: &Path, views: &Views) -> io::Result<()> {
    let fresh = file.with_extension("new");
    let mut new = File::create(&fresh)?;
    new.write_all(serde_json::to_string_pretty(views)?.as_bytes())?;
    new.sync_all()?;
    std::fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str, filter: &str, version: i64) -> SavedView {
        SavedView {
            name: name.to_owned(),
            list: "runs".to_owned(),
            filter: filter.to_owned(),
            version,
            origin: ViewOrigin::StateFolder,
            ..SavedView::default()
        }
    }

    #[test]
    fn a_file_keeps_views_and_refuses_a_change_that_is_based_on_an_older_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("below/views.json");
        assert!(read_file(&file).is_empty());
        keep(&file, &view("nightly", "by:batch_job", 0)).expect("saved");
        keep(&file, &view("failed", "status:failed", 0)).expect("saved");
        let kept = read_file(&file);
        let versions: Vec<_> = kept.iter().map(|(name, kept)| (name.as_str(), kept.version)).collect();
        assert_eq!(versions, [("failed", 2), ("nightly", 1)]);
        // Another console replaces it; the first then refuses to overwrite and to delete it.
        keep(&file, &view("nightly", "by:console", 1)).expect("saved");
        for change in [Some(view("nightly", "by:command", 1)), None] {
            let refused = change_file(&file, "nightly", Some(1), change.as_ref()).expect_err("stale");
            assert!(refused.is_stale && refused.said.contains("another console"), "{refused:?}");
        }
        keep(&file, &view("nightly", "", 0)).expect_err("there is one of this name");
        assert_eq!(read_file(&file)["nightly"].view.filter, "by:console");
        change_file(&file, "nightly", Some(3), None).expect("deleted");
        assert_eq!(read_file(&file).keys().collect::<Vec<_>>(), ["failed"]);
        std::fs::write(&file, "[").expect("written");
        assert!(read_file(&file).is_empty());
    }
}
