//! How a run's results were measured, in the words of its script. Whether that is a good way is not judged here.

use super::RunRecord;

/// The protocol of a run's results, without its last full stop; none where the script returned none.
///
/// Scripts of earlier versions wrote their option `epochs` into it. An option says what was trained, not how it was
/// measured, and is in the record anyway. So the phrase is left out if its number is that option's.
pub(super) fn measured_by(record: &RunRecord) -> Option<String> {
    let protocol = record.results.get("protocol")?;
    let text = protocol.as_str().map_or_else(|| protocol.to_string(), str::to_owned);
    let text = match record.description.options.get("epochs") {
        Some(epochs) => text.replace(&format!(", after the last of {epochs} epochs"), ""),
        None => text,
    };
    Some(text.trim_end_matches('.').to_owned())
}
