use crate::console::protocol::mouse::{Mouse, MouseAction};
use crate::console::runtime::input::*;

const ESCAPE_TIMEOUT: Duration = Duration::from_millis(50);

fn decoder() -> Decoder {
    Decoder::new(ESCAPE_TIMEOUT)
}

/// Reports of the mouse that the console takes.
fn mouse_reports() -> Vec<(&'static [u8], Mouse)> {
    use MouseAction::{Click, WheelDown, WheelUp};
    vec![
        (b"\x1b[<0;1;1M", Mouse { action: Click, x: 0, y: 0 }),
        (b"\x1b[<0;200;60M", Mouse { action: Click, x: 199, y: 59 }),
        (b"\x1b[<64;12;007M", Mouse { action: WheelUp, x: 11, y: 6 }),
        (b"\x1b[<65;65535;65535M", Mouse { action: WheelDown, x: 65_534, y: 65_534 }),
    ]
}

#[test]
fn a_click_is_the_same_no_matter_where_the_network_splits_it() {
    for (bytes, mouse) in mouse_reports() {
        for at_byte in 1..bytes.len() {
            let late = if bytes[at_byte - 1] == ESC { Duration::from_millis(49) } else { Duration::from_hours(1) };
            let (mut decoder, start) = (decoder(), Instant::now());
            let mut out = decoder.feed(&bytes[..at_byte], start);
            out.extend(decoder.feed(&bytes[at_byte..], start + late));
            out.extend(decoder.feed(b"x", start + late));
            out.retain(|one| !matches!(one, Decoded::Notice(_)));
            assert_eq!(out, [Decoded::Mouse(mouse), Decoded::Key(Key::Char('x'))], "{bytes:?} after {at_byte}");
            assert_eq!(decoder.deadline(), None);
        }
        // Its Esc timed out before the rest arrived.
        let (mut decoder, start) = (decoder(), Instant::now());
        let mut out = decoder.feed(&bytes[..1], start);
        out.extend(decoder.feed(&bytes[1..], start + ESCAPE_TIMEOUT * 4));
        assert_eq!(out, [Decoded::Key(Key::Esc), Decoded::Mouse(mouse)], "{bytes:?}");
    }
}

#[test]
fn other_reports_of_the_mouse_are_swallowed_whole() {
    let long = format!("\x1b[<0;{}1;1M", "0".repeat(MAX_PARAMETERS));
    for bytes in [
        &b"\x1b[<0;1;1m"[..], // the button is released
        b"\x1b[<64;1;1m",     // no terminal sends it
        b"\x1b[<1;1;1M",      // the middle button, which pastes
        b"\x1b[<2;1;1M",      // the right button
        b"\x1b[<4;1;1M",      // with Shift, Alt, Ctrl
        b"\x1b[<8;1;1M",
        b"\x1b[<16;1;1M",
        b"\x1b[<68;1;1M",
        b"\x1b[<32;1;1M",  // moved with the button held
        b"\x1b[<35;1;1M",  // moved
        b"\x1b[<66;1;1M",  // a wheel to the side
        b"\x1b[<128;1;1M", // further buttons
        b"\x1b[<0;0;1M",   // cells are counted from 1
        b"\x1b[<0;1;0M",
        b"\x1b[<0;65536;1M",
        b"\x1b[<0;99999999999;1M",
        b"\x1b[<256;1;1M",
        b"\x1b[<0;1M",
        b"\x1b[<0;1;1;1M",
        b"\x1b[<M",
        b"\x1b[<;;M",
        b"\x1b[<0;;1M",
        b"\x1b[<<0;1;1M",
        b"\x1b[<0:1:1M",
        b"\x1b[<0;1;1$M",
        b"\x1b[<0; 1;1M",
        b"\x1b[<0;1\x18", // broken off by CAN
        b"\x1b[M !!",     // X10
        b"\x1b[32;1;1M",  // urxvt
        long.as_bytes(),
    ] {
        let out = decoder().feed(&[bytes, b"x"].concat(), Instant::now());
        assert_eq!(out, [Decoded::Key(Key::Char('x'))], "{bytes:?}");
    }
    // A report that a new one interrupts.
    let out = decoder().feed(b"\x1b[<0;1\x1b[<64;2;2Mx", Instant::now());
    let wheel = Decoded::Mouse(Mouse { action: MouseAction::WheelUp, x: 1, y: 1 });
    assert_eq!(out, [wheel, Decoded::Key(Key::Char('x'))]);
}
