//! What JPEG decoders let pass in silence: a file that ends before its picture does, which is grey below.

/// Whether a JPEG's segments and scans lead to its end marker (ITU T.81, B.1 and B.2). A thumbnail inside has
/// an end marker of its own, so it does not do to look for the bytes alone.
pub fn ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // Within a scan a 0xff is followed by 0 (a plain 0xff) or by a restart marker; any other ends the scan.
        // What stands between segments outside of scans is passed over in the same way, as decoders do.
        while let Some(pair) = bytes.get(at..at + 2) {
            if pair[0] == 0xff && !matches!(pair[1], 0x00 | 0x01 | 0xd0..=0xd7 | 0xff) {
                break;
            }
            at += 1;
        }
        let Some(pair) = bytes.get(at..at + 2) else { return false };
        if pair[1] == 0xd9 {
            return true;
        }
        let Some(length) = bytes.get(at + 2..at + 4) else { return false };
        at += 2 + usize::from(u16::from_be_bytes([length[0], length[1]]));
    }
}
