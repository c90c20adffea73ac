//! What a script may return.

use super::{
    api::{
        Absent::{Means, NeededWithout},
        Api, EntryPoint, Form,
        Passed::{Episode, Options, Session},
    },
    policy::{CheckpointOptions, RecoverOptions},
};

/// Declares it all.
pub fn declare(api: &mut Api) {
    let (checkpoint, recover) = (api.table::<CheckpointOptions>(), api.table::<RecoverOptions>());
    let entry_points = [
        EntryPoint {
            name: "options",
            form: Form::Table("table<string, any>".into()),
            doc: "Named values with their defaults, which --set overrides; every function gets them. The runtime \
                  reads steps (how many the training has), batch (which a check lowers), precision \
                  (\"float32\", \"float16\" or \"bfloat16\") and convolution (\"fast\", with which the CPU may use \
                  Winograd's F(4×4, 3×3), whose results differ by up to about 2e-5 of the largest value, or \"exact\", \
                  with which it computes every product of the sum; a GPU has one way).",
            absent: Means("no options"),
        },
        EntryPoint {
            name: "setup",
            form: Form::Function(&[Session, Options], ""),
            doc: "Puts components under names of the session, plans the steps, fills session.state. Called once \
                  before the training, and again by each edit, fork and resumption, where components take over \
                  what fits.",
            absent: Means("the session begins empty"),
        },
        EntryPoint {
            name: "episode",
            form: Form::Function(&[Session, Options], "any"),
            doc: "What a step of the plain loop learns from, and anything but nil: an episode, a batch, a table. \
                  Called at the beginning of each step.",
            absent: NeededWithout("train"),
        },
        EntryPoint {
            name: "loss",
            form: Form::Function(&[Session, Episode, Options], "moonburn.Tensor"),
            doc: "The loss of what episode returned, a scalar, by which the optimizer updates the session's \
                  modules. Called in each step of the plain loop, after episode.",
            absent: NeededWithout("train"),
        },
        EntryPoint {
            name: "train",
            form: Form::Function(&[Session, Options], ""),
            doc: "A loop of the script's own in the place of the plain one: for step in session:steps() do … \
                  session:update(loss) end. Called once, and again where an edit or a rewind begins the loop anew; \
                  what it returns is passed over.",
            absent: Means("the plain loop of episode, loss and update"),
        },
        EntryPoint {
            name: "evaluate",
            form: Form::Function(&[Session, Options], "table<string, any>?"),
            doc: "Named numbers that say how good the components are. Called before the training and after its \
                  end, in float32; a check tries it on a few images.",
            absent: Means("nothing is evaluated"),
        },
        EntryPoint {
            name: "checkpoint",
            form: Form::Table(checkpoint),
            doc: "When the run's state is written, and which states are kept. Read when the script is loaded.",
            absent: Means("every minute, and the last 3"),
        },
        EntryPoint {
            name: "recover",
            form: Form::Table(recover),
            doc: "What is done about a loss, a gradient or an embedding that is not finite. Read when the script \
                  is loaded.",
            absent: Means("the run stops"),
        },
        EntryPoint {
            name: "device",
            form: Form::Text("a device's name"),
            doc: "Where it is to be trained, such as \"gpu\", where neither --device nor MOONBURN_DEVICE says. \
                  Read before the training begins; edits do not move one.",
            absent: Means("\"auto\""),
        },
    ];
    entry_points.into_iter().for_each(|entry_point| api.entry_point(entry_point));
}
