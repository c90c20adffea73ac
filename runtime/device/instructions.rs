//! Which instructions kernels of the CPU take: the widest set that the processor has, or the one that the environment
//! variable MOONBURN_INSTRUCTIONS names. It is asked once in a process, and is the same for all of them.
//!
//! Sums in another order have other last bits, so a run records the set. Burn's own kernels and the crate `gemm`, which
//! multiplies matrices, detect what there is for themselves: the variable does not reach them.

use std::{ffi::OsString, sync::OnceLock};

use pulp::Arch;

use crate::{
    Error, Result,
    options::{Choice, choices},
};

/// The environment variable that names a set.
pub const VARIABLE: &str = "MOONBURN_INSTRUCTIONS";

choices! {
    /// A set of instructions that kernels are compiled for.
    pub enum Instructions of "instructions" "instruction set" {
        /// x86-64 with AVX-512 F, BW, CD, DQ and VL.
        Avx512 = "avx512",
        /// x86-64 with AVX2 and FMA.
        Avx2 = "avx2",
        /// 64-bit ARM. It has not been run.
        Neon = "neon",
        /// What every processor has that this build is for.
        #[default]
        Plain = "plain",
    }
}

impl Instructions {
    /// What kernels of this process take. Where the variable names no set that there is, which [`check`] tells, they take
    /// the widest.
    pub fn taken() -> Self {
        taken().0
    }

    /// What is dispatched on for them. None where the processor lacks them.
    pub(crate) fn arch(self) -> Option<Arch> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => pulp::x86::V4::try_new().map(Arch::V4),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => pulp::x86::V3::try_new().map(Arch::V3),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => pulp::aarch64::Neon::try_new().map(Arch::Neon),
            Self::Plain => Some(Arch::Scalar),
            _ => None,
        }
    }

    /// Those that the processor has, the widest first.
    pub(crate) fn available() -> Vec<Self> {
        Self::ALL.iter().copied().filter(|one| one.arch().is_some()).collect()
    }

    /// The one that is wanted, else the widest.
    fn choose(wanted: Option<&str>, available: &[Self]) -> Result<Self> {
        let Some(wanted) = wanted.map(str::parse::<Self>).transpose()? else {
            return Ok(available.first().copied().unwrap_or_default());
        };
        if available.contains(&wanted) {
            return Ok(wanted);
        }
        let names: Vec<&str> = available.iter().map(|one| one.name()).collect();
        let reason = format!("this processor has no {wanted}; it has {}", names.join(", "));
        Err(Error::State { op: "instructions", reason })
    }
}

/// The name of [`Instructions::taken`], as runs record it.
pub fn name() -> &'static str {
    Instructions::taken().name()
}

/// An error unless the variable is unset, empty, or names a set that the processor has.
///
/// # Errors
/// An unknown name; instructions that the processor lacks.
pub fn check() -> Result<()> {
    Instructions::choose(wanted(), &Instructions::available()).map(drop)
}

/// What kernels are dispatched on.
pub(crate) fn arch() -> Arch {
    taken().1
}

fn taken() -> (Instructions, Arch) {
    static TAKEN: OnceLock<(Instructions, Arch)> = OnceLock::new();
    *TAKEN.get_or_init(|| {
        let available = Instructions::available();
        let widest = available.first().copied().unwrap_or_default();
        let taken = Instructions::choose(wanted(), &available).unwrap_or(widest);
        (taken, taken.arch().unwrap_or(Arch::Scalar))
    })
}

/// The variable's value, read once.
fn wanted() -> Option<&'static str> {
    static WANTED: OnceLock<Option<String>> = OnceLock::new();
    let read = || std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
    WANTED.get_or_init(|| read().map(|value: OsString| value.to_string_lossy().into_owned())).as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_set_is_taken_unless_a_narrower_one_is_wanted() {
        let all = [Instructions::Avx512, Instructions::Avx2, Instructions::Plain];
        let choose = |wanted| Instructions::choose(wanted, &all).map_err(|error| error.to_string());
        assert_eq!(choose(None), Ok(Instructions::Avx512));
        assert_eq!(choose(Some("avx2")), Ok(Instructions::Avx2));
        assert_eq!(choose(Some("plain")), Ok(Instructions::Plain));
        let error = choose(Some("avx")).unwrap_err();
        assert_eq!(error, "instructions: unknown instruction set 'avx'; did you mean 'avx2'?");
        let error = choose(Some("neon")).unwrap_err();
        assert_eq!(error, "instructions: this processor has no neon; it has avx512, avx2, plain");
    }

    #[test]
    fn plain_instructions_are_always_there_and_come_last() {
        assert_eq!(Instructions::available().last(), Some(&Instructions::Plain));
        assert_eq!(name(), Instructions::taken().name());
    }
}
