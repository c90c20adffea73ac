//! Whether the process is one of several that a launcher of parallel programs has started. A training is one process:
//! each of several would do the whole training, and all would write to one folder.

use std::path::Path;

use moonburn::ScriptError;

/// A launcher's variables: the number of its processes, and which of them this one is. They are those of the processes
/// themselves; what a mere `sbatch` or `salloc` sets (`SLURM_NTASKS`) is about processes that nobody has started yet.
const LAUNCHERS: [(&str, &str); 6] = [
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    ("PMI_SIZE", "PMI_RANK"),
    ("JSM_NAMESPACE_SIZE", "JSM_NAMESPACE_RANK"),
    ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
    ("WORLD_SIZE", "RANK"),
];

/// Refuses to be one of several, unless `folder`, which the user gave, ends with the process's own number.
pub fn refuse_several(command: &str, folder: Option<&Path>) -> Result<(), ScriptError> {
    for (size, rank) in LAUNCHERS {
        let (Some(count), rank_given) = (number(size), number(rank)) else { continue };
        // Many a tool reads a WORLD_SIZE that somebody has set by hand.
        if count < 2 || (size == "WORLD_SIZE" && rank_given.is_none()) {
            continue;
        }
        if let (Some(own), Some(folder)) = (rank_given, folder)
            && names_number(folder, own)
        {
            return Ok(());
        }
        let reason = format!(
            "was started as {count} processes ({size}={count}), and each would train the whole model: start it once, \
             or for several runs use study, or give each a folder whose name ends with its {rank} \
             (env -u {size} starts it as it is)"
        );
        return Err(ScriptError::usage(command, reason));
    }
    Ok(())
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.trim().parse().ok()
}

/// Whether a folder's own name ends with a number, as in `run-3`.
fn names_number(path: &Path, number: u64) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let start = name.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    name[start..].parse() == Ok(number)
}
