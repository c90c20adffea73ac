//! Recurrent layers.

use crate::{lua::api::Api, nn};

/// What is said of both.
const DOC: &str = "of [N, L, inputs], or [L, inputs]. Parameters and their names are PyTorch's: weight_ih_l0, weight_hh_l0, \
                   bias_ih_l0, …, and those that end in _reverse. Of two directions outputs are 2 · hidden wide, and there \
                   are two states a layer.";

pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.gru",
        "inputs, hidden, options",
        &format!(
            "Gated recurrent units (Cho et al. 2014) {DOC} gru(x) or gru(x, h) returns every output, [N, L, hidden], and the \
             last state, [layers, N, hidden]; the first is zeros."
        ),
        nn::gru,
    )
    .example(
        r#"local gru = mb.nn.gru(3, 4, { layers = 2 }):realise("gru")
local outputs, state = gru(mb.rand(5, 7, 3))
print(table.concat(outputs.shape, " x "), table.concat(state.shape, " x ")) --> 5 x 7 x 4 2 x 5 x 4
print(outputs[1][7]:equal(state[2][1])) --> true"#,
    );
    api.function(
        "nn.lstm",
        "inputs, hidden, options",
        &format!(
            "Long short-term memory (Hochreiter and Schmidhuber 1997) {DOC} lstm(x) or lstm(x, h, c) returns every output, \
             [N, L, hidden], and the last hidden state and cell, each [layers, N, hidden]; the first are zeros."
        ),
        nn::lstm,
    )
    .example(
        r#"local lstm = mb.nn.lstm(3, 4, { bidirectional = true }):realise("lstm")
local outputs, state, cell = lstm(mb.rand(5, 7, 3))
print(table.concat(outputs.shape, " x "), table.concat(cell.shape, " x ")) --> 5 x 7 x 8 2 x 5 x 4
print(outputs[1][7]:slice(1, 1, 4):equal(state[1][1])) --> true"#,
    );
}
