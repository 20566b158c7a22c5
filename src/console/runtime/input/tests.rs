use crate::console::runtime::input::*;
use proptest::prelude::*;

const ESCAPE_TIMEOUT: Duration = Duration::from_millis(50);

fn decoder() -> Decoder {
    Decoder::new(ESCAPE_TIMEOUT)
}

fn keys(decoded: Vec<Decoded>) -> Vec<Key> {
    let key = |one| match one {
        Decoded::Key(key) => Some(key),
        Decoded::Mouse(_) | Decoded::Notice(_) => None,
    };
    decoded.into_iter().filter_map(key).collect()
}

/// Every sequence that a key may send.
fn sequences() -> Vec<(&'static [u8], Key)> {
    vec![
        (b"\x1b[A", Key::Up),
        (b"\x1bOB", Key::Down),
        (b"\x1b[1;5C", Key::Right),
        (b"\x1b[D", Key::Left),
        (b"\x1b[5~", Key::PageUp),
        (b"\x1b[6~", Key::PageDown),
        (b"\x1b[H", Key::Home),
        (b"\x1b[4~", Key::End),
        (b"\x1b[3~", Key::Delete),
        (b"\x1b[Z", Key::BackTab),
        (b"\x1bOP", Key::F(1)),
        (b"\x1b[[A", Key::F(1)),
        (b"\x1b[15~", Key::F(5)),
        (b"\x1b[21~", Key::F(10)),
        (b"\x1b[200~a\nb\x1b[201~", Key::Paste("a\nb".to_owned())),
        ("é".as_bytes(), Key::Char('é')),
        ("磁".as_bytes(), Key::Char('磁')),
        (b"q", Key::Char('q')),
        (b"\r", Key::Enter),
        (b"\x7f", Key::Backspace),
        (b"\x03", Key::Ctrl('c')),
    ]
}

/// Reports that terminals send without a key press.
fn reports() -> Vec<&'static [u8]> {
    vec![
        b"\x1b]11;rgb:0000/0000/0000\x07",
        b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
        b"\x1b]lp\rtitle\x1b\\",
        b"\x1bP>|XTerm(379)\x1b\\",
        b"\x1bP1$r0m\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b^p\r\x1b\\",
        b"\x1bXp\r\x07p\r\x1b\\",
        b"\x1b[I",
        b"\x1b[O",
        b"\x1b[24;80R",
        b"\x1b[1;4R",
        b"\x1b[?64;1;2c",
        b"\x1b[>0;276;0c",
        b"\x1b[?1;0;256S",
        b"\x1b[?2026;2$y",
        b"\x1b[27;3;112~",
        b"\x1b[112;3u",
        b"\x1b[<0;10;10M",
        b"\x1b[<0;10;10m",
        b"\x1b[<65;1;1M",
        b"\x1b[<35;7;7M",
        b"\x1b[<0;;M",
        b"\x1b[32;10;10M",
        b"\x1b[M pq",
        b"\x1b[M\xff\xfe\x20",
        b"\x1b[=1;2p",
        b"\x1b[\x18",
        b"\x1bP1\x1a",
        b"\x1b[12345678901234567890123456789012345678901234567890~",
    ]
}

#[test]
fn a_split_sequence_is_the_same_key_no_matter_when_the_rest_arrives() {
    for (bytes, key) in sequences() {
        for at_byte in 1..bytes.len() {
            let late = if bytes[at_byte - 1] == ESC { Duration::from_millis(49) } else { Duration::from_hours(1) };
            let (mut decoder, start) = (decoder(), Instant::now());
            let mut out = decoder.feed(&bytes[..at_byte], start);
            out.extend(decoder.expire(start + late));
            out.extend(decoder.feed(&bytes[at_byte..], start + late));
            assert_eq!(keys(out), std::slice::from_ref(&key), "{bytes:?} split after {at_byte}");
            assert_eq!(decoder.deadline(), None);
        }
    }
}

#[test]
fn a_sequence_sent_byte_by_byte_is_the_same_key() {
    for (bytes, key) in sequences() {
        let (mut decoder, start, mut out) = (decoder(), Instant::now(), Vec::new());
        for (step, byte) in (0..).zip(bytes) {
            out.extend(decoder.feed(&[*byte], start + Duration::from_millis(49) * step));
        }
        assert_eq!(keys(out), [key], "{bytes:?}");
    }
}

#[test]
fn split_and_late_terminal_reports_are_not_keys() {
    for report in reports() {
        for at_byte in 1..report.len() {
            let late = if report[at_byte - 1] == ESC { Duration::from_millis(49) } else { Duration::from_hours(1) };
            let (mut decoder, start) = (decoder(), Instant::now());
            let mut out = decoder.feed(&report[..at_byte], start);
            out.extend(decoder.feed(&report[at_byte..], start + late));
            out.extend(decoder.feed(b"x", start + late));
            assert_eq!(keys(out), [Key::Char('x')], "{report:?} split after {at_byte}");
        }
    }
}

#[test]
fn a_lone_esc_is_a_key_after_the_timeout_and_alt_keys_are_ignored() {
    let (mut decoder, start) = (decoder(), Instant::now());
    assert_eq!(decoder.feed(b"\x1b", start), []);
    assert_eq!(decoder.expire(start + Duration::from_millis(49)), []);
    assert_eq!(keys(decoder.expire(start + ESCAPE_TIMEOUT)), [Key::Esc]);
    assert_eq!(keys(decoder.feed(b"q", start + ESCAPE_TIMEOUT)), [Key::Char('q')]);
    for alt in ["\u{1b}p", "\u{1b}q", "\u{1b}\r", "\u{1b}\u{3}", "\u{1b}é", "\u{1b}磁", "\u{1b} "] {
        assert_eq!(keys(decoder.feed(format!("{alt}x").as_bytes(), start)), [Key::Char('x')], "{alt:?}");
    }
    assert_eq!(decoder.feed(b"\x1b\x1b", start), [Decoded::Key(Key::Esc)]);
    assert_eq!(keys(decoder.expire(start + ESCAPE_TIMEOUT)), [Key::Esc]);
}

#[test]
fn a_late_sequence_is_recognized_after_its_esc_timed_out() {
    let late = ESCAPE_TIMEOUT * 4;
    for (bytes, after) in [
        (&b"\x1b[200~ p\r\x1b[201~"[..], vec![Key::Esc, Key::Paste(" p\r".to_owned())]),
        (b"\x1b[A", vec![Key::Esc, Key::Up]),
        (b"\x1bOA", vec![Key::Esc, Key::Up]),
        (b"\x1b]11;p\x07", vec![Key::Esc]),
        (b"\x1bP1p\x18", vec![Key::Esc]),
        (b"\x1bPq", vec![Key::Esc, Key::Char('P'), Key::Char('q')]),
        (b"\x1b[x", vec![Key::Esc, Key::Char('['), Key::Char('x')]),
        (b"\x1bp", vec![Key::Esc, Key::Char('p')]),
    ] {
        let (mut decoder, start) = (decoder(), Instant::now());
        let mut out = decoder.feed(&bytes[..1], start);
        out.extend(decoder.feed(&bytes[1..], start + late));
        assert_eq!(keys(out), after, "{bytes:?}");
    }
    // The introducer alone, and a terminator whose halves were split.
    let (mut decoder, start) = (decoder(), Instant::now());
    let mut out = decoder.feed(b"\x1b", start);
    out.extend(decoder.feed(b"[", start + late));
    out.extend(decoder.feed(b"2", start + late * 2));
    out.extend(decoder.feed(b"00~p\r\x1b[201~\x1b]0;p\x1b", start + late * 30));
    out.extend(decoder.feed(b"\\x", start + late * 32));
    assert_eq!(keys(out), [Key::Esc, Key::Paste("p\r".to_owned()), Key::Char('x')]);
    // What an operator types after Esc comes through.
    let mut out = decoder.feed(b"\x1b", start);
    out.extend(decoder.feed(b"P", start + late));
    out.extend(decoder.expire(start + LATE_LIMIT + ESCAPE_TIMEOUT));
    assert_eq!(keys(out), [Key::Esc, Key::Char('P')]);
}

#[test]
fn a_paste_over_the_limit_is_cut_and_the_rest_is_not_keys() {
    let (mut decoder, start) = (decoder(), Instant::now());
    let text = "é".repeat(40_000);
    let mut out = decoder.feed(b"\x1b[200~x", start);
    out.extend(decoder.feed(text.as_bytes(), start));
    out.extend(decoder.feed(b"4p\r\x1b[20", start));
    out.extend(decoder.feed(b"1~q", start));
    let [Decoded::Key(Key::Paste(kept)), Decoded::Notice(notice), Decoded::Key(Key::Char('q'))] = &out[..] else {
        panic!("{} decoded", out.len())
    };
    assert_eq!(kept.len(), MAX_PASTE_BYTES - 1, "half of a character is not kept");
    assert!(notice.contains("14468 bytes were dropped"), "{notice}");
    assert!(decoder.held.capacity() < MAX_PASTE_BYTES, "its memory is given back");
}

#[test]
fn an_open_sequence_is_announced_once_and_has_a_way_out() {
    for (open, way_out, expected) in [
        (&b"\x1b[200~p\r"[..], &b"\x1b[200~q\x1b[201~"[..], vec![Key::Paste("p\r\x1b[200~q".to_owned())]),
        (b"\x1b]0;p\r\x03", b"\x1b", vec![]),
        (b"\x1bPp\r", b"\x1b[A", vec![Key::Up]),
        (b"\x1b[1;", b"\x1b", vec![Key::Esc]),
    ] {
        let (mut decoder, start) = (decoder(), Instant::now());
        assert_eq!(decoder.feed(open, start), []);
        let stalled = start + STALLED_AFTER;
        assert_eq!(decoder.deadline(), Some(stalled));
        assert!(matches!(&decoder.expire(stalled)[..], [Decoded::Notice(_)]));
        assert_eq!((decoder.expire(stalled), decoder.deadline()), (Vec::new(), None));
        let mut out = decoder.feed(way_out, stalled);
        out.extend(decoder.expire(stalled + ESCAPE_TIMEOUT));
        out.extend(decoder.feed(b"x", stalled + ESCAPE_TIMEOUT));
        assert_eq!(keys(out), [expected, vec![Key::Char('x')]].concat(), "{open:?}");
    }
}

#[test]
fn noise_is_ignored() {
    let noise = b"\x1b[?62;1;6c\x1b[I\xff\xc2\x9b\x00\x1b[99~\xe7\xa3x";
    assert_eq!(keys(decoder().feed(noise, Instant::now())), [Key::Char('x')]);
}

/// Bytes of keys, reports, pastes and anything, whole or broken off.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<Vec<u8>> =
        sequences().into_iter().map(|(bytes, _)| bytes).chain(reports()).map(<[u8]>::to_vec).collect();
    let whole = prop::sample::select(known);
    let broken =
        (whole.clone(), any::<prop::sample::Index>()).prop_map(|(bytes, at)| bytes[..=at.index(bytes.len())].to_vec());
    let steering = prop::sample::select(&b"\x1b\x18\x1a\x07\x9b\\[]OPX^_M~0;?\r"[..]).prop_map(|byte| vec![byte]);
    let piece = prop_oneof![whole, broken, steering, prop::collection::vec(any::<u8>(), 1..4)];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn decoding_does_not_depend_on_splits_and_delays(
        bytes in stream(),
        splits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&[0_u64, 1, 49, 51, 5_000][..])), 0..12),
    ) {
        let (mut whole, mut split, start) = (decoder(), decoder(), Instant::now());
        let mut expected = whole.feed(&bytes, start);
        expected.extend(whole.expire(start + ESCAPE_TIMEOUT));
        let mut splits: Vec<_> = splits.into_iter().map(|(at, delay)| (at.index(bytes.len() + 1), delay)).collect();
        splits.sort_unstable();
        let (mut from, mut now, mut out) = (0, start, Vec::new());
        for (at, delay) in splits {
            out.extend(split.feed(&bytes[from..at], now));
            let waits = matches!(split.state, State::Escape | State::TextEscape);
            // Two splits at one place are one pause.
            let left = split.expires.map_or(Duration::ZERO, |expires| (expires - now).saturating_sub(Duration::from_millis(1)));
            let delay = Duration::from_millis(delay);
            now += if waits { delay.min(left) } else { delay };
            out.extend(split.expire(now));
            from = at;
        }
        out.extend(split.feed(&bytes[from..], now));
        out.extend(split.expire(now + ESCAPE_TIMEOUT));
        prop_assert_eq!(keys(out), keys(expected));
        prop_assert!(split.held.len() <= bytes.len().min(MAX_PASTE_BYTES));
    }
}
