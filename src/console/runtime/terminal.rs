//! The terminal: raw mode and alternate screen while the console runs, drawing frame by frame, and
//! restoring it on every exit path.

use crate::console::backend::panic_guard::is_guarded;
use crate::console::runtime::frame_compactor::{compact, fill_gaps};
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

/// Synchronized output around a frame: avoids tearing; terminals without support ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Whether the terminal is in raw mode and on the alternate screen.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether the terminal is to report the mouse while the console has it.
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Clicks and the wheel, in the SGR form, which has no limit of columns. Movements are not wanted:
/// without them the terminal still selects text with Shift.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// Collects the output of a frame, so that it is written at once.
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

/// The terminal in raw mode and on the alternate screen; dropping it restores it.
pub struct Terminal {
    backend: CrosstermBackend<Collected>,
    collected: Collected,
    /// What is on the screen.
    shown: Buffer,
}

impl Terminal {
    /// Enters raw mode and the alternate screen.
    pub fn take() -> io::Result<Self> {
        enter()?;
        let collected = Collected::default();
        let shown = Buffer::empty(area()?);
        Ok(Self { backend: CrosstermBackend::new(collected.clone()), collected, shown })
    }

    /// Draws a frame: scrolls rows that moved, then writes the cells that differ from the last
    /// frame.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        let mut next = Buffer::empty(self.shown.area);
        draw(&mut next);
        if let Some(scroll) = Scroll::find(&self.shown, &next) {
            self.collected.write_all(scroll.sequence().as_bytes())?;
            scroll.apply(&mut self.shown);
        }
        let changes = self.shown.diff(&next);
        if !changes.is_empty() {
            self.backend.draw(fill_gaps(changes, &next).into_iter())?;
        }
        self.shown = next;
        let frame = std::mem::take(&mut *self.collected.0.borrow_mut());
        // A panic on another thread has restored the terminal.
        if frame.is_empty() || !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut whole = Vec::with_capacity(frame.len() + BEGIN.len() + END.len());
        whole.extend_from_slice(BEGIN);
        whole.extend_from_slice(&compact(&frame));
        whole.extend_from_slice(END);
        write(&whole)
    }

    /// Reads the terminal's size and clears the screen; the next frame is drawn completely.
    pub fn repaint(&mut self) -> io::Result<()> {
        self.shown = Buffer::empty(area()?);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = Clear(ClearType::All).write_ansi(&mut text);
        self.collected.write_all(text.as_bytes())
    }

    /// Restores the terminal, suspends the process, and enters the terminal again when it
    /// continues.
    pub fn suspend(&mut self) -> io::Result<()> {
        restore();
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
        enter()?;
        self.repaint()
    }

    /// Enters the terminal again after another process suspended this one: the shell has changed
    /// its modes and screen.
    pub fn resume(&mut self) -> io::Result<()> {
        // Otherwise crossterm believes that raw mode is still on.
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
    if MOUSE.load(Ordering::SeqCst) {
        text.push_str(MOUSE_ON);
    }
    // Some terminals keep the old contents of the alternate screen.
    let _ = Clear(ClearType::All).write_ansi(&mut text);
    write(text.as_bytes())
}

/// Copies text to the terminal's clipboard (OSC 52).
pub fn copy(text: &str) -> io::Result<()> {
    let mut sequence = String::new();
    // Writing to a String cannot fail.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut sequence);
    write(sequence.as_bytes())
}

/// Lets the terminal report the mouse, or not, while the console has the terminal.
pub fn use_mouse(is_on: bool) -> io::Result<()> {
    MOUSE.store(is_on, Ordering::SeqCst);
    // Otherwise it is switched on when the console takes the terminal again.
    if !TAKEN.load(Ordering::SeqCst) {
        return Ok(());
    }
    write(if is_on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
}

/// Rings the terminal's bell.
pub fn ring() -> io::Result<()> {
    // Not while a pager has the terminal.
    if TAKEN.load(Ordering::SeqCst) { write(b"\x07") } else { Ok(()) }
}

/// Writes a question below what is on the restored terminal.
pub fn ask(question: &str) -> io::Result<()> {
    write(format!("\n{question}").as_bytes())
}

/// Whether an error means that the terminal is gone, for instance because of a disconnect.
pub fn is_gone(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = Errno::from_io_error(error);
    errno.is_some_and(|errno| matches!(errno, Errno::IO | Errno::PIPE | Errno::NXIO))
}

/// Restores the terminal if it was entered. Repeated calls do nothing: restoring twice would move
/// the cursor back over text written since. Harmless if the terminal is gone.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut text = String::new();
    if MOUSE.load(Ordering::SeqCst) {
        text.push_str(MOUSE_OFF);
    }
    let _ = DisableBracketedPaste.write_ansi(&mut text);
    let _ = LeaveAlternateScreen.write_ansi(&mut text);
    let _ = cursor::Show.write_ansi(&mut text);
    let _ = write(text.as_bytes());
    let _ = disable_raw_mode();
}

/// Installs a panic hook that restores the terminal before the message is printed, and then calls
/// `panicked`. Panics that [`is_guarded`] catches are not printed: the catcher reports them.
pub fn restore_on_panic(panicked: impl Fn() + Send + Sync + 'static) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !is_guarded() {
            restore();
            before(info);
            panicked();
        }
    }));
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Returns the area of the whole terminal.
fn area() -> io::Result<Rect> {
    let (width, height) = crossterm::terminal::size()?;
    Ok(Rect::new(0, 0, width, height))
}
