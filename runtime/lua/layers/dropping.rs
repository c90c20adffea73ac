//! Layers that drop values at random.

use crate::{Result, lua::api::Api, nn, nn::Module};

type Dropping = fn(f64) -> Result<Module>;

/// Name, sentence, layer, and the probability where none is given.
const LAYERS: [(&str, &str, Dropping, f64, &str); 3] = [
    (
        "nn.dropout",
        "In training mode each value is 0 with probability p (0.5 by default), and divided by 1 - p where not (Srivastava \
         et al. 2014); in evaluation mode the input.",
        nn::dropout,
        0.5,
        r"local drop = mb.nn.dropout(0.5)
local y = drop(mb.ones(1000))
print(y:max():item(), y:mean():item() > 0.8, y:mean():item() < 1.2) --> 2.0 true true
print(drop:eval()(mb.ones(1000)):mean():item()) --> 1.0",
    ),
    (
        "nn.dropout2d",
        "As dropout, of whole channels: each [H, W] of [N, C, H, W] (Tompson et al. 2015).",
        nn::dropout2d,
        0.5,
        r"local y = mb.nn.dropout2d(0.5)(mb.ones(8, 16, 2, 2))
print(y:amax({ 3, 4 }):equal(y:amin({ 3, 4 }))) --> true",
    ),
    (
        "nn.drop_path",
        "As dropout, of whole rows: the first dim counts them, and p is 0 by default. In a residual branch it is \
         stochastic depth (Huang et al. 2016), x + drop(branch(x)).",
        nn::drop_path,
        0.0,
        r"local y = mb.nn.drop_path(0.25)(mb.ones(100, 3))
print(y:max():item() == y[1]:max():item() or y[1]:max():item() == 0) --> true
print(y:amax(2):equal(y:amin(2))) --> true",
    ),
];

/// What is said of all of them.
const KEYED: &str = "What is dropped is a draw of the session's step, in a stream of the layer's own path: the same after a \
                     resume, a rewind and in mb.recompute, and another one in each layer.";

pub(super) fn declare(api: &mut Api) {
    for (name, doc, layer, usual, example) in LAYERS {
        let doc = format!("{doc} {KEYED}");
        api.function(name, "p", &doc, move |p: Option<f64>| layer(p.unwrap_or(usual))).example(example);
    }
}
