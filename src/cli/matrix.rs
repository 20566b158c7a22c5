//! `cdx matrix`: the last state of each job at each store.

use crate::cli::args::ShortListing;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::output::List;
use crate::cli::terminal::print_message;
use crate::domain::{Direction, Seek, Status, Timestamp, grouped, to_json};
use crate::engine::inquiry::{MAX_EXAMINED_SESSIONS, matrix};
use serde::Serialize;
use std::collections::HashSet;

/// A cell of the matrix.
#[derive(Serialize)]
struct MatrixRow {
    channel_database: String,
    job_name: String,
    direction: Direction,
    status: Status,
    session_number: i64,
    modified_at: Timestamp,
}

const LIST: List<MatrixRow> = List {
    columns: &["Channel database", "Job name", "Direction", "Status", "Session number", "Modified (UTC)"],
    cells: |row| {
        vec![
            row.channel_database.clone().into(),
            row.job_name.clone().into(),
            row.direction.word().into(),
            row.status.label().into(),
            row.session_number.into(),
            row.modified_at.to_table().into(),
        ]
    },
    json: to_json,
};

/// Prints the cells by store and job.
pub fn run(context: &Context, args: &ShortListing) -> CommandResult {
    let office = context.head_office_to_read()?;
    let (mut rows, mut known) = (Vec::new(), HashSet::new());
    for direction in Direction::ALL {
        let (mut seek, mut examined) = (Seek::First, 0);
        loop {
            let piece = matrix(&office, direction, seek, examined)?;
            for state in piece.states {
                if known.insert((direction, state.channel_database.clone(), state.job_name.clone())) {
                    let modified_at = state.modified_at();
                    let (status, session_number) = (state.status, state.session_number);
                    let (channel_database, job_name) = (state.channel_database, state.job_name);
                    rows.push(MatrixRow { channel_database, job_name, direction, status, session_number, modified_at });
                }
            }
            examined = piece.examined;
            match piece.reached {
                Some(place) if examined < MAX_EXAMINED_SESSIONS => seek = Seek::After(place),
                Some(_) => {
                    print_message(&format!("only the newest {} {direction} sessions were examined", grouped(examined)));
                    break;
                }
                None => break,
            }
        }
    }
    rows.sort_by(|a, b| (&a.channel_database, &a.job_name).cmp(&(&b.channel_database, &b.job_name)));
    LIST.print(rows, &args.listing(), context.style())?;
    Ok(Exit::Done)
}
