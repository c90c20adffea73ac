//! Numbers that say how good predictions, rankings and clusterings are, with scikit-learn's definitions. Values are read
//! from the device and counted on the host in float64; none has a gradient.

mod accuracy;
mod clusters;
mod confusion;
mod predictions;
mod ranking;
mod shares;

pub use accuracy::{AccuracyOptions, Averaged, accuracy, class_accuracy, top_k_accuracy};
pub use clusters::{NmiAverage, NmiOptions, ari, nmi};
pub use confusion::{ConfusionOptions, confusion_matrix};
pub use ranking::{auroc, average_precision};
pub use shares::{ScoreAverage, ScoreOptions, Shares, f1, precision, precision_recall_f1, recall};
