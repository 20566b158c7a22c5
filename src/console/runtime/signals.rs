//! Signals that end or continue the console.

use rustix::process::Signal as Number;
use std::io;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that would end the process at once and leave the terminal raw.
const ENDING: [Number; 10] = [
    Number::TERM,
    Number::HUP,
    Number::INT,
    Number::QUIT,
    Number::USR1,
    Number::USR2,
    Number::ALARM,
    Number::VTALARM,
    Number::PROF,
    Number::XCPU,
];

/// What a signal asks of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signaled {
    /// The process is to end.
    End,
    /// The terminal has another size.
    Resize,
    /// The process was stopped and goes on; the terminal may be in any mode.
    Continue,
}

/// The signals that the loop listens to.
pub struct Signals(Vec<(Signaled, Signal)>);

impl Signals {
    /// Listens from now on; none of them ends the process by itself any more.
    pub fn listen() -> io::Result<Self> {
        let ending = ENDING.into_iter().map(|number| (Signaled::End, number));
        let others = [(Signaled::Resize, Number::WINCH), (Signaled::Continue, Number::CONT)];
        let listen = |(what, number): (Signaled, Number)| Ok((what, signal(SignalKind::from_raw(number.as_raw()))?));
        ending.chain(others).map(listen).collect::<io::Result<_>>().map(Self)
    }

    /// The next one.
    pub async fn next(&mut self) -> Signaled {
        std::future::poll_fn(|context| {
            let arrived =
                self.0.iter_mut().find_map(|(what, signal)| signal.poll_recv(context).is_ready().then_some(*what));
            arrived.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
