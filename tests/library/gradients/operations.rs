//! The operations that a program names, as the core has them. `tests/reference/operations.py` has the same names.

use moonburn::{
    Result, Tensor,
    tensor::{Convolution, Dims, Interpolation, SvmOptions, Window},
};

use super::{elementwise, layers, linear_algebra, losses, program::Step, rearranging};

/// A tensor and another one.
type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;
/// A tensor and a number.
type Scalar = fn(&Tensor, f64) -> Result<Tensor>;
type Unary = fn(&Tensor) -> Result<Tensor>;
/// A tensor along one dim.
type Along = fn(&Tensor, usize) -> Result<Tensor>;
/// Over all elements or some dims, which may stay.
type Reduction = fn(&Tensor, Dims, bool) -> Result<Tensor>;
/// What is chosen along a dim, and where it was.
type Choosing = fn(&Tensor, usize) -> Result<(Tensor, Tensor)>;
type Position = fn(&Tensor, usize, bool) -> Result<Tensor>;
type Spread = fn(&Tensor, Dims, bool, f64) -> Result<Tensor>;
type Pool = fn(&Tensor, Window) -> Result<Tensor>;
type Picking = fn(&Tensor, usize, &Tensor) -> Result<Tensor>;
type Joining = fn(&[Tensor], usize) -> Result<Tensor>;

/// What a step computes of its operands.
pub fn apply(step: Step<'_>, operands: &[Tensor]) -> Result<Tensor> {
    let name = step.operation();
    let first = &operands[0];
    if let Some(loss) = losses::apply(step, operands) {
        return loss;
    }
    if let Some(operation) = binary(name) {
        return operation(first, &operands[1]);
    }
    if let Some(operation) = scalar(name) {
        return operation(first, step.number("value"));
    }
    if let Some(operation) = unary(name) {
        return operation(first);
    }
    if let Some(operation) = along(name) {
        return operation(first, step.size("dim"));
    }
    if let Some(operation) = reduction(name) {
        return operation(first, step.dims(), step.flag("keep"));
    }
    if let Some(choosing) = choosing(name) {
        return Ok(choosing(first, step.size("dim"))?.0);
    }
    if let Some(found) = elementwise::apply(step, operands) {
        return found;
    }
    if let Some(layer) = layers::apply(step, operands) {
        return layer;
    }
    if let Some(rearranged) = rearranging::apply(step, operands) {
        return rearranged;
    }
    if let Some(found) = linear_algebra::apply(step, operands) {
        return found;
    }
    let dim = || step.size("dim");
    match name {
        "argmax" | "argmin" => {
            let position: Position = if name == "argmax" { Tensor::argmax } else { Tensor::argmin };
            position(first, dim(), step.flag("keep"))
        }
        "var" | "std" => {
            let spread: Spread = if name == "var" { Tensor::var } else { Tensor::std };
            spread(first, step.dims(), step.flag("keep"), if step.flag("biased") { 0.0 } else { 1.0 })
        }
        "max_pool2d" | "avg_pool2d" => {
            let pool: Pool = if name == "max_pool2d" { Tensor::max_pool2d } else { Tensor::avg_pool2d };
            pool(first, window(step))
        }
        "select" | "gather" => {
            let picking: Picking = if name == "select" { Tensor::select } else { Tensor::gather };
            picking(first, dim(), &operands[1])
        }
        "cat" | "stack" => {
            let joining: Joining = if name == "cat" { Tensor::cat } else { Tensor::stack };
            joining(operands, dim())
        }
        "topk" if step.flag("smallest") => Ok(first.smallest_k(step.size("k"), dim())?.0),
        "topk" => Ok(first.topk(step.size("k"), dim())?.0),
        "sort" => Ok(first.sort(dim(), step.flag("descending"))?.0),
        "kthvalue" => Ok(first.kthvalue(step.size("k"), dim(), step.flag("keep"))?.0),
        "median" => match step.optional("dim") {
            None => first.median_of_all(step.flag("keep")),
            Some(dim) => Ok(first.median(dim, step.flag("keep"))?.0),
        },
        "quantile" => {
            first.quantile(&step.numbers("shares"), step.optional("dim"), step.flag("keep"), Interpolation::Linear)
        }
        "diff" => first.diff(step.size("n"), dim()),
        "topk_positions" => Ok(first.topk(step.size("k"), dim())?.1),
        "clamp" => first.clamp(step.bound("min", f64::NEG_INFINITY), step.bound("max", f64::INFINITY)),
        "where" => Tensor::select_where(first, &operands[1], &operands[2]),
        "masked_fill" => first.masked_fill(&operands[1], step.number("value")),
        "cast" => first.cast(step.kind()),
        "detach" => Ok(first.detach()),
        "reshape" => first.reshape(&step.sizes("shape")),
        "flatten" => first.flatten(step.size("from"), step.size("to")),
        "squeeze" => first.squeeze(step.optional("dim")),
        "permute" => first.permute(&step.sizes("order")),
        "transpose" => first.transpose(step.size("first"), step.size("second")),
        "expand" => first.expand(&step.sizes("shape")),
        "at" => first.at(dim(), step.size("position")),
        "slice" => first.slice(dim(), step.size("from"), step.size("to")),
        "one_hot" => first.one_hot(step.size("classes")),
        "conv2d" => first.conv2d(&operands[1], operands.get(2), convolution(step)),
        "adaptive_avg_pool2d" => first.adaptive_avg_pool2d(step.pair("size")),
        "batch_norm_train" => Ok(first.batch_norm_train(&operands[1], &operands[2], step.number("epsilon"))?.output),
        "batch_norm" => {
            first.batch_norm(&operands[1], &operands[2], &operands[3], &operands[4], step.number("epsilon"))
        }
        "svm_dual" => {
            let options = SvmOptions { c: step.number("c"), tolerance: 1e-9, sweeps: 5000 };
            first.svm_dual(&operands[1], step.size("ways"), options)
        }
        _ => panic!("there is no operation {name}"),
    }
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        "add" => Tensor::add,
        "sub" => Tensor::sub,
        "mul" => Tensor::mul,
        "div" => Tensor::div,
        "remainder" => Tensor::remainder,
        "floor_div" => Tensor::floor_div,
        "pow" => Tensor::pow,
        "maximum" => Tensor::maximum,
        "minimum" => Tensor::minimum,
        "eq" => Tensor::eq,
        "ne" => Tensor::ne,
        "gt" => Tensor::gt,
        "ge" => Tensor::ge,
        "lt" => Tensor::lt,
        "le" => Tensor::le,
        "logical_and" => Tensor::logical_and,
        "logical_or" => Tensor::logical_or,
        "matmul" => Tensor::matmul,
        "solve_spd" => Tensor::solve_spd,
        "squared_distances" => Tensor::squared_distances,
        _ => return None,
    })
}

fn scalar(name: &str) -> Option<Scalar> {
    Some(match name {
        "add_scalar" => Tensor::add_scalar,
        "sub_scalar" => Tensor::sub_scalar,
        "mul_scalar" => Tensor::mul_scalar,
        "div_scalar" => Tensor::div_scalar,
        "pow_scalar" => Tensor::pow_scalar,
        "eq_scalar" => Tensor::eq_scalar,
        "ne_scalar" => Tensor::ne_scalar,
        "gt_scalar" => Tensor::gt_scalar,
        "ge_scalar" => Tensor::ge_scalar,
        "lt_scalar" => Tensor::lt_scalar,
        "le_scalar" => Tensor::le_scalar,
        _ => return None,
    })
}

fn unary(name: &str) -> Option<Unary> {
    Some(match name {
        "neg" => Tensor::neg,
        "abs" => Tensor::abs,
        "exp" => Tensor::exp,
        "log" => Tensor::log,
        "log1p" => Tensor::log1p,
        "sqrt" => Tensor::sqrt,
        "sin" => Tensor::sin,
        "cos" => Tensor::cos,
        "tanh" => Tensor::tanh,
        "erf" => Tensor::erf,
        "floor" => Tensor::floor,
        "ceil" => Tensor::ceil,
        "round" => Tensor::round,
        "sign" => Tensor::sign,
        "relu" => Tensor::relu,
        "sigmoid" => Tensor::sigmoid,
        "gelu" => Tensor::gelu,
        "logical_not" => Tensor::logical_not,
        "global_avg_pool" => Tensor::global_avg_pool,
        _ => return None,
    })
}

fn along(name: &str) -> Option<Along> {
    Some(match name {
        "softmax" => Tensor::softmax,
        "log_softmax" => Tensor::log_softmax,
        "normalize" => Tensor::normalize,
        "unsqueeze" => Tensor::unsqueeze,
        "flip" => Tensor::flip,
        "cumsum" => Tensor::cumsum,
        "cumprod" => Tensor::cumprod,
        "logcumsumexp" => Tensor::logcumsumexp,
        _ => return None,
    })
}

fn reduction(name: &str) -> Option<Reduction> {
    Some(match name {
        "sum" => Tensor::sum,
        "mean" => Tensor::mean,
        "max" => Tensor::max,
        "min" => Tensor::min,
        "norm" => Tensor::norm,
        "amax" => Tensor::amax,
        "amin" => Tensor::amin,
        "prod" => Tensor::prod,
        "logsumexp" => Tensor::logsumexp,
        "nansum" => Tensor::nansum,
        "nanmean" => Tensor::nanmean,
        _ => return None,
    })
}

fn choosing(name: &str) -> Option<Choosing> {
    Some(match name {
        "cummax" => Tensor::cummax,
        "cummin" => Tensor::cummin,
        "max_with_positions" => |t, dim| t.max_with_positions(dim, true),
        "min_with_positions" => |t, dim| t.min_with_positions(dim, true),
        _ => return None,
    })
}

pub fn window(step: Step<'_>) -> Window {
    Window { kernel: step.pair("kernel"), stride: step.pair("stride"), padding: step.pair("padding") }
}

pub fn convolution(step: Step<'_>) -> Convolution {
    Convolution {
        stride: step.pair("stride"),
        padding: step.pair("padding"),
        dilation: step.optional_pair("dilation").unwrap_or([1, 1]),
        groups: step.size("groups"),
    }
}
