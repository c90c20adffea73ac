//! The losses that a program names, as the core has them. `tests/reference/loss_operations.py` has the same names.

use std::str::FromStr;

use moonburn::{
    Result, Tensor,
    loss::{self, Reduction, ReductionOptions},
    tensor::Kind,
};

use super::program::Step;

/// None where the name is not that of a loss.
pub fn apply(step: Step<'_>, operands: &[Tensor]) -> Option<Result<Tensor>> {
    let name = step.operation().strip_prefix("loss.")?;
    let first = &operands[0];
    let second = || &operands[1];
    // That of a divergence has a name more.
    let reduction = if name == "kl_div" { None } else { chosen(step, "reduction") };
    let common = ReductionOptions { reduction: reduction.unwrap_or(Reduction::Mean) };
    let number = |name: &str, default: f64| step.bound(name, default);
    let weight = |own: &str, fixed: usize| {
        step.names().position(|name| name == own).map(|place| operands[fixed + place].clone())
    };
    Some(match name {
        "mse" => loss::mse(first, second(), common),
        "l1" => loss::l1(first, second(), common),
        "huber" => loss::huber(first, second(), loss::HuberOptions { delta: step.number("delta"), common }),
        "smooth_l1" => loss::smooth_l1(first, second(), loss::SmoothL1Options { beta: step.number("beta"), common }),
        "bce_with_logits" => {
            let (weight, pos_weight) = (weight("weight", 2), weight("pos_weight", 2));
            loss::bce_with_logits(first, second(), &loss::BceWithLogitsOptions { weight, pos_weight, common })
        }
        "bce" => loss::bce(first, second(), &loss::BceOptions { weight: weight("weight", 2), common }),
        "focal" => {
            let options = loss::FocalOptions { alpha: step.number("alpha"), gamma: step.number("gamma"), common };
            loss::focal(first, second(), options)
        }
        "cross_entropy" => {
            let options = loss::CrossEntropyOptions {
                weight: weight("weight", 2),
                ignore_index: number("ignore_index", -100.0) as i64,
                label_smoothing: number("label_smoothing", 0.0),
                common,
            };
            loss::cross_entropy(first, second(), &options)
        }
        "nll" => {
            let ignore_index = number("ignore_index", -100.0) as i64;
            let options = loss::NllOptions { weight: weight("weight", 2), ignore_index, common };
            loss::nll(first, second(), &options)
        }
        "kl_div" => {
            let reduction = chosen(step, "reduction").unwrap_or_default();
            let options = loss::KlDivOptions { reduction, log_target: step.flag("log_target") };
            loss::kl_div(first, second(), options)
        }
        "multi_margin" => {
            let (p, margin) = (step.size("p") as u64, step.number("margin"));
            let options = loss::MultiMarginOptions { p, margin, weight: weight("weight", 2), common };
            loss::multi_margin(first, second(), &options)
        }
        "margin_ranking" => {
            let options = loss::MarginRankingOptions { margin: step.number("margin"), common };
            loss::margin_ranking(first, second(), &operands[2], options)
        }
        "hinge" => loss::hinge(first, second(), loss::HingeOptions { margin: step.number("margin"), common }),
        "hinge_embedding" => {
            loss::hinge_embedding(first, second(), loss::HingeOptions { margin: step.number("margin"), common })
        }
        "cosine_embedding" => {
            let options = loss::CosineEmbeddingOptions { margin: step.number("margin"), common };
            loss::cosine_embedding(first, second(), &operands[2], options)
        }
        "negative_cosine_similarity" => loss::negative_cosine_similarity(first, second(), common),
        "triplet_margin" => {
            let (margin, p) = (number("margin", 1.0), number("p", 2.0));
            let options = loss::TripletMarginOptions { margin, p, eps: 1e-6, swap: step.flag("swap"), common };
            loss::triplet_margin(first, second(), &operands[2], options)
        }
        "triplet" => {
            let mining = chosen(step, "mining").expect("which triplets count");
            let options = loss::TripletOptions { mining, margin: step.number("margin"), squared: step.flag("squared") };
            loss::triplet(first, second(), options)
        }
        "nt_xent" => {
            let (views, temperature) = (step.size("views"), step.number("temperature"));
            loss::nt_xent(first, loss::NtXentOptions { views, temperature })
        }
        "supervised_contrastive" => {
            let options = loss::SupervisedContrastiveOptions { temperature: step.number("temperature") };
            loss::supervised_contrastive(first, second(), options)
        }
        "vicreg" | "vicreg_terms" => {
            let terms = loss::VicregTermsOptions { gamma: number("gamma", 1.0), epsilon: number("epsilon", 1e-4) };
            let options = loss::VicregOptions {
                invariance: number("invariance", 25.0),
                variance: number("variance", 25.0),
                covariance: number("covariance", 1.0),
                terms,
            };
            match name {
                "vicreg" => loss::vicreg(first, second(), options),
                _ => loss::vicreg_terms(first, second(), terms).and_then(|terms| Tensor::stack(&terms, 0)),
            }
        }
        "dino" => dino(step, first, second(), weight("center", 2)),
        "dcl" => loss::dcl(first, loss::DclOptions { temperature: step.number("temperature") }),
        "dclw" => {
            let common = loss::DclOptions { temperature: step.number("temperature") };
            loss::dclw(first, loss::DclwOptions { sigma: step.number("sigma"), common })
        }
        "alignment" => loss::alignment(first, second(), loss::AlignmentOptions { alpha: step.number("alpha") }),
        "uniformity" => loss::uniformity(first, loss::UniformityOptions { t: step.number("t") }),
        _ => panic!("there is no loss {name}"),
    })
}

/// A teacher and a center of ints, through which no difference could go.
fn dino(step: Step<'_>, student: &Tensor, teacher: &Tensor, center: Option<Tensor>) -> Result<Tensor> {
    let options = loss::DinoOptions {
        crops: step.size("crops"),
        teacher_crops: step.size("teacher_crops"),
        temperature: step.number("temperature"),
        teacher_temperature: step.number("teacher_temperature"),
        center: center.map(|center| center.cast(Kind::Float)).transpose()?,
    };
    loss::dino(student, &teacher.cast(Kind::Float)?, &options)
}

/// A choice among names; none where the step has none.
fn chosen<T: FromStr>(step: Step<'_>, name: &str) -> Option<T> {
    step.word(name).map(|word| word.parse().unwrap_or_else(|_| panic!("{}: no {name} {word}", step.operation())))
}
