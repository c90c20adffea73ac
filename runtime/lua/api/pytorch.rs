//! What is written here for names of PyTorch and torchvision, where these are not the same. Each is declared once; a test
//! sees to it that what a line tells exists, and that the name itself does not.

use crate::Error;

/// The class or the table in which a name is looked for, and what is written for it.
type Names = &'static [(&'static str, &'static str)];

const TENSOR: Names = &[
    ("view", "write t:reshape(…)"),
    ("view_as", "write t:reshape(other.shape)"),
    ("reshape_as", "write t:reshape(other.shape)"),
    ("size", "write t.shape, a list; t.shape[1] is the first dim"),
    ("dim", "write t.rank"),
    ("ndim", "write t.rank"),
    ("ndimension", "write t.rank"),
    ("nelement", "write t:numel()"),
    ("t", "write t:transpose()"),
    ("T", "write t:transpose()"),
    ("mT", "write t:transpose()"),
    ("swapaxes", "write t:transpose(first, second)"),
    ("swapdims", "write t:transpose(first, second)"),
    ("movedim", "write t:permute(…)"),
    ("backward", "write session:update(loss), or mb.grad(loss, inputs) for the gradients"),
    ("grad", "write mb.grad(loss, inputs), which returns the gradients"),
    ("zero_grad", "nothing is to be cleared: gradients do not add up from one session:update(loss) to the next"),
    ("numpy", "write t:to_table()"),
    ("tolist", "write t:to_table()"),
    ("to", "tensors lie on the session's device; a dtype is changed by t:cast(dtype)"),
    ("cuda", "tensors lie on the session's device, which --device chooses"),
    ("cpu", "tensors lie on the session's device, and t:to_table() or t:item() reads them"),
    ("type", "write t:cast(dtype)"),
    ("float", "write t:cast(\"float32\")"),
    ("double", "write t:cast(\"float32\"), the only float there is"),
    ("half", "write mb.autocast(\"float16\", body), or the option precision"),
    ("int", "write t:cast(\"int32\")"),
    ("long", "write t:cast(\"int32\"), the only integer there is"),
    ("bool", "write t:cast(\"bool\")"),
    ("byte", "write t:cast(\"int32\")"),
    ("contiguous", "a tensor never changes, so it is used as it is"),
    ("clone", "a tensor never changes, so it is used as it is"),
    ("copy_", "a tensor never changes; assign another one to the variable"),
    ("data", "write t:detach()"),
    ("any", "write t:sum():item() > 0 of a bool tensor"),
    ("all", "write t:sum():item() == t:numel() of a bool tensor"),
    ("mm", "write t:matmul(other)"),
    ("bmm", "write t:matmul(other)"),
    ("mv", "write t:matmul(other:unsqueeze(-1)):squeeze(-1)"),
    ("dot", "write (a * b):sum()"),
    ("inner", "write (a * b):sum()"),
    ("expand_as", "write t:expand(other.shape)"),
    ("tile", "write t:expand(…), or mb.cat { t, t }"),
    ("repeat_interleave", "write t:select(dim, positions) with positions that come again"),
    ("index_select", "write t:select(dim, positions)"),
    ("masked_select", "write mb.where(mask, yes, no), or t:select(dim, positions): shapes do not depend on values"),
    ("narrow", "write t:slice(dim, first, last)"),
    ("chunk", "write t:slice(dim, first, last)"),
    ("split", "write t:slice(dim, first, last)"),
    ("unbind", "write t[i], or for i, row in ipairs(t)"),
    ("sort", "write t:topk(k, dim)"),
    ("argsort", "write t:topk(k, dim), whose second value is the positions"),
    ("square", "write t ^ 2"),
    ("rsqrt", "write 1 / t:sqrt()"),
    ("reciprocal", "write 1 / t"),
    ("clip", "write t:clamp(min, max)"),
    ("clamp_min", "write t:maximum(min)"),
    ("clamp_max", "write t:minimum(max)"),
    ("logsumexp", "write t:max(dim, true) + (t - t:max(dim, true)):exp():sum(dim, true):log()"),
    ("dropout", "there is none: t * mb.rand(t.shape):ge(p):cast(\"float32\") / (1 - p) drops at random"),
    ("equal", "write t:eq(other):sum():item() == t:numel()"),
    ("greater", "write t:gt(other)"),
    ("greater_equal", "write t:ge(other)"),
    ("less", "write t:lt(other)"),
    ("less_equal", "write t:le(other)"),
    ("isnan", "write t:ne(t), which is true for NaN alone"),
    ("where", "write mb.where(condition, yes, no)"),
    ("cat", "write mb.cat { a, b }"),
    ("stack", "write mb.stack { a, b }"),
    ("new_zeros", "write mb.zeros(…)"),
    ("new_ones", "write mb.ones(…)"),
    ("new_tensor", "write mb.tensor(values)"),
    ("length", "write #t for the first dim, t:numel() for all elements"),
    ("len", "write #t for the first dim, t:numel() for all elements"),
    ("fill_", "write mb.full(sizes, value)"),
    ("zero_", "write mb.zeros(t.shape)"),
    ("normal_", "write mb.randn(t.shape)"),
    ("uniform_", "write mb.rand(t.shape)"),
    ("scatter", "write t:one_hot(classes) or mb.where(condition, yes, no)"),
    ("scatter_", "write t:one_hot(classes) or mb.where(condition, yes, no)"),
];

const MODULE: Names = &[
    ("state_dict", "write module:state()"),
    ("load_state_dict", "write module:load(file)"),
    ("named_parameters", "write module:parameters(), a table by path"),
    ("requires_grad_", "write module:freeze() or module:unfreeze()"),
    ("to", "a module's parameters lie on the session's device"),
    ("cuda", "a module's parameters lie on the session's device, which --device chooses"),
    ("cpu", "a module's parameters lie on the session's device"),
    ("zero_grad", "nothing is to be cleared: gradients do not add up from one session:update(loss) to the next"),
    ("clone", "write module:copy()"),
    ("deepcopy", "write module:copy()"),
    ("add_module", "parts are named where it is made: mb.nn.module { NAME = …, forward = … }"),
    ("backward", "write session:update(loss)"),
    ("children", "a child is a field: module.NAME"),
    ("modules", "a child is a field: module.NAME"),
    ("named_modules", "a child is a field: module.NAME"),
    ("half", "write mb.autocast(\"float16\", body), or the option precision"),
];

const OPTIMIZER: Names = &[
    ("step", "write session:update(loss), which differentiates and steps"),
    ("zero_grad", "nothing is to be cleared: gradients do not add up from one session:update(loss) to the next"),
    ("param_groups", "write optimizer:configure(options)"),
    ("state_dict", "checkpoints hold its state; nothing is to be written"),
];

const SESSION: Names = &[
    ("backward", "write session:update(loss), which differentiates and steps"),
    ("zero_grad", "nothing is to be cleared: gradients do not add up from one session:update(loss) to the next"),
    ("save", "checkpoints are written by themselves; module:save(file) writes weights"),
];

const ROOT: Names = &[
    ("Tensor", "write mb.tensor(values)"),
    ("from_numpy", "write mb.tensor(values)"),
    ("as_tensor", "write mb.tensor(values)"),
    ("concat", "write mb.cat { a, b }"),
    ("concatenate", "write mb.cat { a, b }"),
    ("mm", "write a:matmul(b)"),
    ("bmm", "write a:matmul(b)"),
    ("einsum", "write a:matmul(b), with t:permute(…) and t:reshape(…) around it"),
    ("linspace", "write mb.arange(first, last, step)"),
    ("range", "write mb.arange(first, last, step)"),
    ("zeros_like", "write mb.zeros(t.shape)"),
    ("ones_like", "write mb.ones(t.shape)"),
    ("full_like", "write mb.full(t.shape, value)"),
    ("randn_like", "write mb.randn(t.shape)"),
    ("rand_like", "write mb.rand(t.shape)"),
    ("randint", "write (mb.rand(…) * n):floor():cast(\"int32\")"),
    ("empty", "write mb.zeros(…)"),
    ("manual_seed", "a run is seeded by --seed"),
    ("seed", "a run is seeded by --seed"),
    ("save", "write module:save(file)"),
    ("load", "write module:load(file)"),
    ("cdist", "write mb.linalg.squared_distances(a, b):sqrt()"),
    ("autograd", "write mb.grad(loss, inputs)"),
    ("cuda", "--device chooses the device"),
    ("inference_mode", "write mb.no_grad(body)"),
    ("float32", "a dtype is written as text, \"float32\""),
    ("float", "a dtype is written as text, \"float32\""),
    ("int32", "a dtype is written as text, \"int32\""),
    ("int64", "a dtype is written as text; \"int32\" is the only integer there is"),
    ("long", "a dtype is written as text; \"int32\" is the only integer there is"),
    ("bool", "a dtype is written as text, \"bool\""),
    ("functional", "functions are methods of tensors, t:softmax(dim), and losses are in mb.loss.cross_entropy"),
    ("transforms", "write mb.augment.chain(…)"),
    ("utils", "write mb.data.images(source, options)"),
    ("dropout", "there is none: t * mb.rand(t.shape):ge(p):cast(\"float32\") / (1 - p) drops at random"),
    ("lr_scheduler", "write mb.schedule.cosine(first, last)"),
];

const NN: Names = &[
    ("BatchNorm1d", "write mb.nn.batch_norm(channels)"),
    ("BatchNorm2d", "write mb.nn.batch_norm(channels)"),
    ("batch_norm1d", "write mb.nn.batch_norm(channels)"),
    ("batch_norm2d", "write mb.nn.batch_norm(channels)"),
    ("AdaptiveAvgPool2d", "write mb.nn.global_avg_pool()"),
    ("adaptive_avg_pool2d", "write mb.nn.global_avg_pool()"),
    ("Dropout", DROPOUT),
    ("Dropout2d", DROPOUT),
    ("dropout", DROPOUT),
    ("Module", "write mb.nn.module { NAME = …, forward = function(self, x) … end }"),
    ("Sequential", "write mb.nn.sequential { … }"),
    ("ModuleList", "write mb.nn.sequential { … }, or name the parts of mb.nn.module { … }"),
    ("ModuleDict", "name the parts of mb.nn.module { … }"),
    ("Embedding", "write labels:one_hot(classes):matmul(weight), the weight by mb.nn.parameter(sizes)"),
    ("LayerNorm", LAYER_NORM),
    ("layer_norm", LAYER_NORM),
    ("GroupNorm", LAYER_NORM),
    ("GELU", "call t:gelu() in the forward of mb.nn.module"),
    ("Tanh", "call t:tanh() in the forward of mb.nn.module"),
    ("Sigmoid", "call t:sigmoid() in the forward of mb.nn.module"),
    ("Softmax", "call t:softmax(dim) in the forward of mb.nn.module"),
    ("LogSoftmax", "call t:log_softmax(dim) in the forward of mb.nn.module"),
    ("CrossEntropyLoss", "write mb.loss.cross_entropy(logits, labels)"),
    ("cross_entropy", "write mb.loss.cross_entropy(logits, labels)"),
    ("MSELoss", "write ((a - b) ^ 2):mean()"),
    ("mse_loss", "write ((a - b) ^ 2):mean()"),
    ("L1Loss", "write (a - b):abs():mean()"),
    ("BCELoss", "write -(y * p:log() + (1 - y) * (1 - p):log()):mean()"),
    ("BCEWithLogitsLoss", "write (x:maximum(0) - x * y + (-x:abs()):exp():log1p()):mean()"),
    ("NLLLoss", "write mb.loss.cross_entropy(logits, labels)"),
    ("functional", "functions are methods of tensors: t:softmax(dim)"),
    ("init", "write mb.nn.parameter(sizes, { std = … })"),
    ("utils", "parameters are moved by session:update(loss)"),
];

const DROPOUT: &str = "there is none: in the forward of mb.nn.module, if self.training, \
                       x * mb.rand(x.shape):ge(p):cast(\"float32\") / (1 - p) drops at random";

const LAYER_NORM: &str = "there is none: in the forward of mb.nn.module, (x - x:mean(-1, true)) / \
                          (((x - x:mean(-1, true)) ^ 2):mean(-1, true) + 1e-5):sqrt()";

const OPTIM: Names = &[
    ("Adam", ADAM),
    ("AdamW", ADAM),
    ("adam", ADAM),
    ("adamw", ADAM),
    ("RMSprop", ADAM),
    ("rmsprop", ADAM),
    ("lr_scheduler", "write mb.optim.sgd { lr = mb.schedule.cosine(first, last) }"),
];

const ADAM: &str = "there are mb.optim.sgd { lr = … } and mb.optim.lars { lr = … }";

const LOSS: Names = &[
    ("CrossEntropyLoss", "write mb.loss.cross_entropy(logits, labels)"),
    ("nll_loss", "write mb.loss.cross_entropy(logits, labels)"),
    ("MSELoss", "write ((a - b) ^ 2):mean()"),
    ("mse", "write ((a - b) ^ 2):mean()"),
    ("mse_loss", "write ((a - b) ^ 2):mean()"),
    ("l1", "write (a - b):abs():mean()"),
    ("l1_loss", "write (a - b):abs():mean()"),
    ("info_nce", "write mb.loss.nt_xent(z, { views = 2 })"),
    ("InfoNCE", "write mb.loss.nt_xent(z, { views = 2 })"),
    ("simclr", "write mb.loss.nt_xent(z, { views = 2 })"),
];

const SCHEDULE: Names = &[
    ("CosineAnnealingLR", "write mb.schedule.cosine(first, last)"),
    ("cosine_annealing", "write mb.schedule.cosine(first, last)"),
    ("LinearLR", "write mb.schedule.linear(first, last)"),
];

const DATA: Names = &[
    ("DataLoader", "write mb.data.images(source, options), and images:next(count) for a batch"),
    ("dataloader", "write mb.data.images(source, options), and images:next(count) for a batch"),
    ("Dataset", "write mb.data.images(source, options)"),
    ("ImageFolder", "write mb.data.images(folder, { size = … })"),
    ("CIFAR10", "write mb.data.images(folder)"),
];

const AUGMENT: Names = &[
    ("Compose", "write mb.augment.chain(…)"),
    ("compose", "write mb.augment.chain(…)"),
    ("RandomHorizontalFlip", "write mb.augment.horizontal_flip()"),
    ("random_horizontal_flip", "write mb.augment.horizontal_flip()"),
    ("RandomGrayscale", "write mb.augment.grayscale()"),
    ("RandomSolarize", "write mb.augment.solarize()"),
    ("ToTensor", "images are tensors of floats from 0 to 1 already"),
    ("to_tensor", "images are tensors of floats from 0 to 1 already"),
    ("Resize", "write mb.data.images(folder, { size = … })"),
    ("resize", "write mb.data.images(folder, { size = … })"),
];

/// Each class, and each table of the module, with PyTorch's names.
const PLACES: &[(&str, Names)] = &[
    ("Tensor", TENSOR),
    ("Module", MODULE),
    ("Optimizer", OPTIMIZER),
    ("session", SESSION),
    ("moonburn", ROOT),
    ("moonburn.nn", NN),
    ("moonburn.optim", OPTIM),
    ("moonburn.loss", LOSS),
    ("moonburn.schedule", SCHEDULE),
    ("moonburn.data", DATA),
    ("moonburn.augment", AUGMENT),
];

/// An error for a name that is none of those known: what is written for it if it is PyTorch's, else the nearest.
pub(crate) fn unknown(place: &str, what: &'static str, got: String, known: &[String]) -> Error {
    let names = PLACES.iter().find(|(name, _)| *name == place).map(|(_, names)| *names);
    let instead = names.and_then(|names| names.iter().find(|(name, _)| *name == got)).map(|(_, instead)| *instead);
    if let Some(instead) = instead {
        return Error::Elsewhere { op: place.into(), what, got, instead: instead.into() };
    }
    // PyTorch's mark of what changes a tensor where it is.
    if let Some(method) = got.strip_suffix('_').filter(|method| known.iter().any(|name| name == method)) {
        let instead = format!("a tensor never changes: write t = t:{method}(…)");
        return Error::Elsewhere { op: place.into(), what, got, instead };
    }
    Error::unknown(place, what, got, known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lua::{api::Api, declare_all};

    /// `mb.nn.linear`, `t:reshape` and `t.rank` in a text: what stands before the name, the mark, the name.
    fn mentioned(text: &str) -> Vec<(&str, char, &str)> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == ':';
        let words = text.split(|c: char| !is_name(c)).map(|word| word.trim_matches(['.', ':']));
        words
            .filter_map(|word| {
                word.rfind([':', '.']).map(|at| (&word[..at], word.as_bytes()[at] as char, &word[at + 1..]))
            })
            .collect()
    }

    #[test]
    fn what_is_told_for_a_name_of_pytorch_exists_and_the_name_does_not() {
        let mut api = Api::default();
        declare_all(&mut api);
        let class = |name: &str| api.classes.iter().find(|class| class.name() == name).unwrap();
        let has = |name: &str, member: &str| {
            let class = class(name);
            class.entries().iter().any(|entry| entry.name == member)
                || class.fields().iter().any(|field| field.0 == member)
        };
        let is_function = |path: &str| {
            let inside = |name: &str| name == path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
            api.functions.iter().any(|entry| inside(&entry.name))
        };
        for (place, names) in PLACES {
            for (name, instead) in *names {
                let path = place.strip_prefix("moonburn").map(|table| format!("{table}.{name}"));
                let exists = match (path, *place) {
                    (Some(path), _) => is_function(path.trim_start_matches('.')),
                    (None, "session") => has("Session", name),
                    (None, class) => has(class, name),
                };
                assert!(!exists, "{place} has {name}");
                for (owner, mark, member) in mentioned(instead) {
                    let known = match owner {
                        "session" => has("Session", member),
                        "module" if member == "NAME" => true,
                        "self" => has("Module", member),
                        "module" => has("Module", member),
                        "optimizer" => has("Optimizer", member),
                        "images" => has("Images", member),
                        _ if owner == "mb" || owner.starts_with("mb.") => {
                            is_function(format!("{owner}.{member}").trim_start_matches("mb."))
                        }
                        _ if owner.chars().all(|c| c.is_ascii_digit()) || owner.is_empty() => {
                            mark == '.' || has("Tensor", member)
                        }
                        _ => has("Tensor", member),
                    };
                    assert!(known, "{place}.{name}: {owner}{mark}{member}");
                }
            }
        }
    }

    #[test]
    fn a_name_of_pytorch_is_answered_with_what_is_written_here() {
        let known = ["add".to_owned(), "reshape".to_owned()];
        let told = |name: &str| unknown("Tensor", "name", name.into(), &known).to_string();
        assert_eq!(told("view"), "Tensor: unknown name 'view'; write t:reshape(…)");
        assert_eq!(told("add_"), "Tensor: unknown name 'add_'; a tensor never changes: write t = t:add(…)");
        assert_eq!(told("reshpae"), "Tensor: unknown name 'reshpae'; did you mean 'reshape'?");
    }
}
