//! Signals that end or continue the console.

use rustix::process::Signal as Number;
use std::io;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals whose default action ends the process, which would leave the terminal in raw mode.
const ENDING: [Number; 8] =
    [Number::TERM, Number::HUP, Number::USR1, Number::USR2, Number::ALARM, Number::VTALARM, Number::PROF, Number::XCPU];

/// What a signal means for the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signaled {
    /// The process must end.
    End,
    /// Keys in a terminal that is not in raw mode ask the process to end.
    Interrupt,
    /// The terminal was resized.
    Resize,
    /// The process was suspended and continues; the terminal may be in any mode.
    Continue,
}

/// Listens to signals.
pub struct Signals(Vec<(Signaled, Signal)>);

impl Signals {
    /// Starts listening, which replaces the default actions of the signals.
    pub fn listen() -> io::Result<Self> {
        let ending = ENDING.into_iter().map(|number| (Signaled::End, number));
        let others = [
            (Signaled::Resize, Number::WINCH),
            (Signaled::Continue, Number::CONT),
            (Signaled::Interrupt, Number::INT),
            (Signaled::Interrupt, Number::QUIT),
        ];
        let listen = |(what, number): (Signaled, Number)| Ok((what, signal(SignalKind::from_raw(number.as_raw()))?));
        ending.chain(others).map(listen).collect::<io::Result<_>>().map(Self)
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Signaled {
        std::future::poll_fn(|context| {
            let arrived =
                self.0.iter_mut().find_map(|(what, signal)| signal.poll_recv(context).is_ready().then_some(*what));
            arrived.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
