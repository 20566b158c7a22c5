//! The terminal: taken, drawn on in whole frames, and given back on every way out.

use crate::console::backend::panic_guard::is_guarded;
use crate::console::runtime::ansi_encoder::{bridged, sixteen};
use crate::console::runtime::scroll::Scroll;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{Command, cursor};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Around a frame: terminals that know it show the frame at once, the others ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Whether the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Where frames are collected before they go out whole.
#[derive(Clone, Default)]
struct Collected(Rc<RefCell<Vec<u8>>>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal that is ours until dropped.
pub struct Terminal {
    backend: CrosstermBackend<Collected>,
    collected: Collected,
    /// What is on the screen.
    shown: Buffer,
}

impl Terminal {
    /// Takes the terminal.
    pub fn take() -> io::Result<Self> {
        enter()?;
        let collected = Collected::default();
        let shown = Buffer::empty(area()?);
        Ok(Self { backend: CrosstermBackend::new(collected.clone()), collected, shown })
    }

    /// Draws what differs from the last frame, in one piece; what only moved up or down by a line is scrolled.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        let mut next = Buffer::empty(self.shown.area);
        draw(&mut next);
        if let Some(scroll) = Scroll::find(&self.shown, &next) {
            self.collected.write_all(scroll.sequence().as_bytes())?;
            scroll.apply(&mut self.shown);
        }
        let changes = self.shown.diff(&next);
        if !changes.is_empty() {
            self.backend.draw(bridged(changes, &next).into_iter())?;
        }
        self.shown = next;
        let frame = std::mem::take(&mut *self.collected.0.borrow_mut());
        // After a panic elsewhere the terminal is no longer ours.
        if frame.is_empty() || !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut whole = Vec::with_capacity(frame.len() + BEGIN.len() + END.len());
        whole.extend_from_slice(BEGIN);
        whole.extend_from_slice(&sixteen(&frame));
        whole.extend_from_slice(END);
        write(&whole)
    }

    /// Forgets what is on the screen and asks anew how large it is: the next frame is drawn whole.
    pub fn repaint(&mut self) -> io::Result<()> {
        self.shown = Buffer::empty(area()?);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = Clear(ClearType::All).write_ansi(&mut text);
        self.collected.write_all(text.as_bytes())
    }

    /// Gives the terminal back, stops the process until it is continued, and takes the terminal again.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        enter()?;
        self.repaint()
    }

    /// Takes the terminal again after the process was stopped from outside: the shell has set its own modes and screen.
    pub fn resume(&mut self) -> io::Result<()> {
        // Otherwise the library takes the terminal for raw still.
        let _ = disable_raw_mode();
        enter()?;
        self.repaint()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = EnterAlternateScreen.write_ansi(&mut text);
    let _ = EnableBracketedPaste.write_ansi(&mut text);
    let _ = cursor::Hide.write_ansi(&mut text);
    // Some terminals show the other screen as it was left.
    let _ = Clear(ClearType::All).write_ansi(&mut text);
    write(text.as_bytes())
}

/// Sends a text to the terminal's clipboard (OSC 52).
pub fn copy(text: &str) -> io::Result<()> {
    let mut sequence = String::new();
    // Writing to a String cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
    write(sequence.as_bytes())
}

/// Rings the terminal's bell.
pub fn ring() -> io::Result<()> {
    write(b"\x07")
}

/// Whether a fault means that there is no terminal any more, as a cut connection leaves it.
pub fn is_gone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| matches!(errno, Errno::IO | Errno::PIPE | Errno::NXIO))
}

/// Gives the terminal back, once: a second time would put the cursor back where it was when the terminal was taken, over what was
/// written since. Harmless when it was never taken, and when it is gone.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut text = String::new();
    let _ = DisableBracketedPaste.write_ansi(&mut text);
    let _ = LeaveAlternateScreen.write_ansi(&mut text);
    let _ = cursor::Show.write_ansi(&mut text);
    let _ = write(text.as_bytes());
    let _ = disable_raw_mode();
}

/// Restores the terminal before the words of a panic on any thread are printed, so that they can be read, and then calls `broken`.
/// A panic that is caught leaves the screen alone: it is reported where it is caught.
pub fn restore_on_panic(broken: impl Fn() + Send + Sync + 'static) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !is_guarded() {
            restore();
            before(info);
            broken();
        }
    }));
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The whole terminal.
fn area() -> io::Result<Rect> {
    let (width, height) = crossterm::terminal::size()?;
    Ok(Rect::new(0, 0, width, height))
}
