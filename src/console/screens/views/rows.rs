//! A view as a row.

use crate::console::protocol::saved_view::{SavedView, ViewOrigin};
use crate::console::screens::small_list::{Row, SortOrder, words};
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{self, Column, column, plain};
use crate::filter::{FieldSet, FieldValue, lists};
use std::borrow::Cow;

impl Keyed for SavedView {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&(&self.name, &self.list, self.is_own(), self.origin == ViewOrigin::HeadOffice))
    }
}

static COLUMNS: [Column<SavedView>; 4] = [
    column("View", 20).up_to(40).cell(|view, _| plain(&view.name)),
    column("List", 17).up_to(22).cell(|view, _| plain(&view.list)),
    column("Stored in", 12).drop(1).cell(|view, _| {
        let role = if matches!(view.origin, ViewOrigin::Unset(_)) { Role::Dim } else { Role::Text };
        (origin_word(view).replace('_', " "), role)
    }),
    column("Filter", 12).cell(|view, _| plain(&view.filter)),
];

/// The filter's word for where the view is stored.
pub fn origin_word(view: &SavedView) -> &'static str {
    match view.origin {
        ViewOrigin::HeadOffice => "head_office",
        ViewOrigin::StateFolder => "this_machine",
        ViewOrigin::Shipped => "shipped",
        ViewOrigin::Unset(_) => "not_set",
    }
}

impl Row for SavedView {
    const NAME: &'static str = "views";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Yours first, then shipped", "");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("View", |view| words(&view.name)),
        ("List", |view| words(&view.list)),
        ("Stored in", |view| words(origin_word(view))),
        ("Filter", |view| words(&view.filter)),
    ];
    const FIELDS: &'static FieldSet = lists::VIEWS;

    fn to_json(&self) -> serde_json::Value {
        self.to_json()
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        let text = |text| FieldValue::Text(Cow::Borrowed(text));
        match field {
            "name" => text(&self.name),
            "list" => text(&self.list),
            "filter" => text(&self.filter),
            "stored" => FieldValue::Choice(origin_word(self)),
            _ => FieldValue::Empty,
        }
    }
}
