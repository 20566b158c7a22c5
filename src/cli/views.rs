//! `cdx views`: lists the views of the operator.

use crate::cli::args::ViewsArgs;
use crate::cli::console::state_file;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::output::List;
use crate::console::backend::saved_views;
use crate::console::protocol::saved_state::SavedState;
use crate::console::protocol::saved_view::{MAX_VIEWS, SavedView, ViewOrigin, shipped, views_file};
use crate::domain::Timestamp;

const LIST: List<SavedView> = List {
    columns: &["View", "List", "Stored in", "Filter"],
    cells: |view| {
        let kept = match view.origin {
            ViewOrigin::HeadOffice => "head office",
            ViewOrigin::StateFolder => "this machine",
            ViewOrigin::Shipped => "shipped",
            ViewOrigin::Unset(_) => "not set",
        };
        vec![view.name.clone().into(), view.list.clone().into(), kept.to_owned().into(), view.filter.clone().into()]
    },
    json: SavedView::to_json,
};

/// Lists the operator's own views, then the shipped ones.
pub fn run(context: &Context, args: &ViewsArgs) -> CommandResult {
    let state = state_file(&context.config);
    let last_here = state.as_deref().and_then(|file| SavedState::read(file).last_here).map(Timestamp);
    let file = state.as_deref().map(views_file);
    let saved = saved_views::read(&context.head_office_to_read()?, &operator(), file.as_deref())?;
    let own = saved.iter().filter(|view| view.is_listed()).cloned();
    let views = own.chain(shipped(&saved, last_here)).collect();
    let limit = i64::try_from(MAX_VIEWS).unwrap_or(i64::MAX).saturating_mul(4);
    let listing = args.format.listing(limit);
    LIST.print(views, &listing, context.style())?;
    Ok(Exit::Done)
}
