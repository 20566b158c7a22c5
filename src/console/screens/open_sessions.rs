//! Where a number of open sessions leads: to the form of their direction, or to a choice if both
//! forms have some.

use crate::console::protocol::effect::{Effect, Pick};
use crate::console::protocol::query::CauseLine;
use crate::console::protocol::route::{Route, form_title};
use crate::domain::{Direction, grouped};

/// Goes to the form that lists all of them, or offers both. If there are none, goes to the form of
/// the direction `newest`.
pub fn open(open: [(Direction, i64); 2], newest: Direction, route: impl Fn(Direction) -> Route) -> Vec<Effect> {
    let some: Vec<_> = open.into_iter().filter(|(_, count)| *count > 0).collect();
    vec![match some[..] {
        [] => Effect::Go(route(newest)),
        [(direction, _)] => Effect::Go(route(direction)),
        _ => {
            let item = |(direction, count): &(Direction, i64)| {
                (format!("{}: {}", form_title(*direction), grouped(*count)), *direction == newest)
            };
            let routes: Vec<_> = some.iter().map(|(direction, _)| route(*direction)).collect();
            Pick::one("Which open sessions?", some.iter().map(item).collect(), move |at| Effect::Go(routes[at].clone()))
        }
    }]
}

/// Opens the sessions that are still in a failure of one cause.
pub fn open_cause(cause: &CauseLine) -> Vec<Effect> {
    let route = |direction| Route::SessionsOfCause(direction, cause.digest, cause.masked.clone());
    open(cause.open_by_direction(), cause.last_direction, route)
}
