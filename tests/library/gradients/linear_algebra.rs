//! Linear algebra by the names of a program. `tests/reference/linear_operations.py` has the same. Of vectors whose signs
//! are free, the squares.

use moonburn::{
    Result, Tensor,
    tensor::{MatrixNorm, Triangular},
};

use super::program::Step;

type Unary = fn(&Tensor) -> Result<Tensor>;
type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;

const UNARY: [(&str, Unary); 8] = [
    ("trace", Tensor::trace),
    ("cholesky", Tensor::cholesky),
    ("eigvalsh", Tensor::eigvalsh),
    ("svdvals", Tensor::svdvals),
    ("inv", Tensor::inverse),
    ("pinv", |x| x.pinv(None)),
    ("det", Tensor::det),
    ("slogdet", |x| Ok(x.slogdet()?.1)),
];

const BINARY: [(&str, Binary); 7] = [
    ("dot", Tensor::dot),
    ("outer", Tensor::outer),
    ("mv", Tensor::mv),
    ("mm", Tensor::mm),
    ("bmm", Tensor::bmm),
    ("solve", Tensor::solve),
    ("lstsq", |a, b| a.lstsq(b, None)),
];

/// What a step computes, if it is one of linear algebra.
pub fn apply(step: Step<'_>, operands: &[Tensor]) -> Option<Result<Tensor>> {
    let (name, first) = (step.operation(), &operands[0]);
    if let Some((_, operation)) = UNARY.iter().find(|(own, _)| *own == name) {
        return Some(operation(first));
    }
    if let Some((_, operation)) = BINARY.iter().find(|(own, _)| *own == name) {
        return Some(operation(first, &operands[1]));
    }
    Some(match name {
        "einsum" => Tensor::einsum(step.text("equation"), operands),
        "cosine_similarity" => first.cosine_similarity(&operands[1], step.size("dim")),
        "cdist" => first.cdist(&operands[1], step.number("p")),
        "eigh" => eigh(first, step.text("part")),
        "svd" => svd(first, step.text("part")),
        "qr" => first.qr().map(|(left, right)| if step.text("part") == "left" { left } else { right }),
        "solve_triangular" => {
            let [upper, left, unitriangular] = ["upper", "left", "unitriangular"].map(|name| step.flag(name));
            first.solve_triangular(&operands[1], Triangular { upper, left, unitriangular })
        }
        "matrix_power" => first.matrix_power(step.number("n") as i64),
        "matrix_norm" => first.matrix_norm(norm(step), false),
        "vector_norm" => first.vector_norm(step.number("ord"), step.optional("dim"), step.flag("keep")),
        "cond" => first.cond(norm(step)),
        _ => return None,
    })
}

fn eigh(matrix: &Tensor, part: &str) -> Result<Tensor> {
    let (values, vectors) = matrix.eigh()?;
    if part == "values" { Ok(values) } else { vectors.mul(&vectors) }
}

fn svd(matrix: &Tensor, part: &str) -> Result<Tensor> {
    let (left, values, right) = matrix.svd(false)?;
    match part {
        "left" => left.mul(&left),
        "values" => Ok(values),
        "right" => right.mul(&right),
        _ => left.mul(&values.sin()?.unsqueeze(values.rank() - 1)?)?.matmul(&right),
    }
}

fn norm(step: Step<'_>) -> MatrixNorm {
    match step.word("ord") {
        Some("fro") => MatrixNorm::Fro,
        Some("nuc") => MatrixNorm::Nuc,
        _ => MatrixNorm::of_number(step.number("ord")).expect("an order of PyTorch's"),
    }
}
