//! The crate as an embedding program meets it: engines, trainings and runs in this process. Tests that start the
//! program are in `tests/program`.

mod contract;
mod coverage;
mod datasets;
mod declared;
mod definitions;
mod dropping;
mod edited;
mod edited_groups;
mod embedding;
mod examples;
mod gradients;
mod links;
mod longer;
mod optimizer_misuse;
mod optimizer_steps;
mod parity;
mod positions;
mod reload;
mod reload_functions;
mod repair;
mod resume;
mod runs;
mod shown;
mod structure;
mod told_options;
mod training;
mod walls;
