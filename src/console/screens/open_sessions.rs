//! Where a number of open sessions leads: to the form of their direction, or to a choice if both forms have some.

use crate::console::protocol::dialog::Pick;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::CauseLine;
use crate::console::protocol::route::{Route, form_title};
use crate::domain::{Direction, grouped};

/// The forms that are offered.
#[derive(Debug, Default)]
pub struct FormChoice {
    routes: Vec<Route>,
}

impl FormChoice {
    /// Goes to the form that holds all of them, or offers both. Without any, it is the form of the direction `newest`.
    pub fn open(
        &mut self,
        open: [(Direction, i64); 2],
        newest: Direction,
        route: impl Fn(Direction) -> Route,
    ) -> Vec<Effect> {
        let some: Vec<_> = open.into_iter().filter(|(_, count)| *count > 0).collect();
        match some[..] {
            [] => vec![Effect::Go(route(newest))],
            [(direction, _)] => vec![Effect::Go(route(direction))],
            _ => {
                self.routes = some.iter().map(|(direction, _)| route(*direction)).collect();
                let line = |(direction, count): &(Direction, i64)| {
                    (format!("{}: {}", form_title(*direction), grouped(*count)), *direction == newest)
                };
                let title = "Which open sessions?".to_owned();
                vec![Effect::Pick(Pick { title, lines: some.iter().map(line).collect(), many: false })]
            }
        }
    }

    /// The same for the sessions that are still in a failure of one cause.
    pub fn open_cause(&mut self, cause: &CauseLine) -> Vec<Effect> {
        let route = |direction| Route::SessionsOfCause(direction, cause.digest, cause.masked.clone());
        self.open(cause.open_by_direction(), cause.last_direction, route)
    }

    /// Goes to the form that was picked; `None` if none was offered.
    pub fn picked(&mut self, chosen: &[usize]) -> Option<Vec<Effect>> {
        let routes = std::mem::take(&mut self.routes);
        if routes.is_empty() {
            return None;
        }
        let route = chosen.first().and_then(|at| routes.into_iter().nth(*at));
        Some(route.map(Effect::Go).into_iter().collect())
    }

    /// Withdraws the offer.
    pub fn clear(&mut self) {
        self.routes.clear();
    }
}
