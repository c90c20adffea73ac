//! What is put around any optimizer.

use std::{cell::RefCell, rc::Rc};

use super::{super::api::Api, shared::Shared};
use crate::{
    Result,
    optim::{Lookahead, Optimizer, Scheme, Sharpness},
    session::opened,
};

/// Declares the functions.
pub(super) fn declare(api: &mut Api) {
    api.function(
        "optim.sam",
        "optimizer, options",
        "Sharpness-aware minimisation (Foret et al. 2021) with any optimizer: its gradients are taken at p + rho · g / ‖g‖, \
         where the loss is about the largest nearby. So each update needs the loss as a function, which is called twice: \
         session:update(function() … return loss end). Both calls draw the same and get the same batches of the session's \
         data sets; these, and running statistics, move once. Whatever else the function changes happens twice: writes \
         into tensors, data:append, session.state, a loop over data:batches. A script's entry point loss is called twice by \
         itself.",
        |optimizer: Shared, sharpness: Sharpness| {
            with(&optimizer, |scheme| scheme.sharpness = Some(sharpness))
        },
    )
    .example(
        r"session.model = mb.nn.linear(1, 1, { bias = false })
session.optimizer = mb.optim.sam(mb.optim.sgd { lr = 0.1 }, { rho = 0.5 })
local first = session.model.weight:detach()
local function loss() return (session.model(mb.ones(1, 1)) ^ 2 / 2):sum() end
for _ in session:steps(1) do session:update(loss) end
-- The gradient of w² / 2 is w, and w ± 0.5 where it is taken.
print(session.model.weight:allclose(first - 0.1 * (first + 0.5 * first:sign()))) --> true",
    );
    api.function(
        "optim.lookahead",
        "optimizer, options",
        "Lookahead (Zhang et al. 2019) around any optimizer: slow weights follow a share alpha of the way after so many \
         steps, and the optimizer goes on from them.",
        |optimizer: Shared, lookahead: Lookahead| with(&optimizer, |scheme| scheme.after.push(lookahead.into())),
    )
    .example(
        r"session.model = mb.nn.linear(1, 1, { bias = false })
session.optimizer = mb.optim.lookahead(mb.optim.sgd { lr = 1 }, { steps = 2, alpha = 0.5 })
local first = session.model.weight:detach()
for _ in session:steps(2) do session:update(session.model(mb.ones(1, 1)):sum()) end
print(first - session.model.weight) -- half of two steps
--> tensor [1, 1] float32 on cpu, requires grad
--> [[1.0000]]",
    );
}

/// An optimizer like another one, with a change.
fn with(optimizer: &Shared, change: impl FnOnce(&mut Scheme)) -> Result<Shared> {
    let mut scheme = opened(optimizer)?.scheme().clone();
    change(&mut scheme);
    Ok(Rc::new(RefCell::new(Optimizer::with(scheme)?)))
}
