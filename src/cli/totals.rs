//! `cdx totals`: the rows of a list, counted by a field.

use crate::cli::args::{TotalsArgs, TotalsList};
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter::parse;
use crate::cli::output::List;
use crate::cli::terminal::print_message;
use crate::domain::{Direction, Seek, Timestamp, grouped, to_json};
use crate::engine::inquiry::{GroupQuery, MAX_COUNTED_ROWS, merge, totals};
use crate::filter::lists;
use crate::store::head_office::{GroupCount, HistoryFilter, JournalFilter, MessageFilter, SessionFilter};
use std::collections::BTreeMap;

const LIST: List<GroupCount> = List {
    columns: &["Value", "Rows", "Failures", "Newest (UTC)"],
    cells: |group| {
        vec![
            group.label.as_ref().unwrap_or(&group.value).clone().into(),
            group.rows.into(),
            group.errors.into(),
            group.last_at.map(Timestamp::to_table).into(),
        ]
    },
    json: to_json,
};

/// Prints the groups, the largest first.
pub fn run(context: &Context, args: &TotalsArgs) -> CommandResult {
    let query = query(args)?;
    let known = query.fields();
    let field = known.iter().find(|field| **field == args.by).ok_or_else(|| {
        let shown: String = args.by.chars().take(40).collect();
        Failure::usage(format!("--by {shown:?} is no field of this list; use {}", known.join(", ")))
    })?;
    let office = context.head_office_to_read()?;
    let mut groups = BTreeMap::new();
    let (mut seek, mut examined) = (Seek::First, 0);
    loop {
        let counted = totals(&office, &query, field, seek, examined)?;
        merge(&mut groups, counted.groups);
        examined = counted.examined;
        match counted.reached {
            Some(place) if examined < MAX_COUNTED_ROWS => seek = Seek::After(place),
            Some(_) => {
                print_message(&format!(
                    "only the newest {} rows were examined; --filter narrows them",
                    grouped(examined)
                ));
                break;
            }
            None => break,
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows));
    LIST.print(groups, &args.listing.listing(), context.style())?;
    Ok(Exit::Done)
}

fn query(args: &TotalsArgs) -> Result<GroupQuery, Failure> {
    let filter = |fields| parse(args.filter.as_deref(), fields);
    let sessions = |direction| {
        let terms = filter(lists::sessions(direction))?;
        Ok(GroupQuery::Sessions(SessionFilter { no_data: true, ..SessionFilter::new(direction) }.with_terms(&terms)))
    };
    match args.list {
        TotalsList::Downloads => sessions(Direction::Download),
        TotalsList::Uploads => sessions(Direction::Upload),
        TotalsList::Messages => {
            Ok(GroupQuery::Messages(MessageFilter::default().with_terms(&filter(lists::MESSAGES)?)))
        }
        TotalsList::History => Ok(GroupQuery::History(HistoryFilter::default().with_terms(&filter(lists::HISTORY)?))),
        TotalsList::Journal => Ok(GroupQuery::Journal(JournalFilter::default().with_terms(&filter(lists::JOURNAL)?))),
    }
}
