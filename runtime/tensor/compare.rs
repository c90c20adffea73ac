//! Comparison with broadcasting, and choosing by a condition.

use burn_backend::{
    BoolDType, Scalar,
    ops::{FloatTensorOps, IntTensorOps},
};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{DType, Kind, Tensor, create::int_value, shape};
use crate::{Result, tape::record};

type Compare = fn(DispatchTensor, DispatchTensor, BoolDType) -> DispatchTensor;
type CompareScalar = fn(DispatchTensor, Scalar, BoolDType) -> DispatchTensor;

/// The whole number that an int compares with as it would with a number between two.
#[derive(Clone, Copy)]
enum Which {
    /// None where it is not whole.
    Equal,
    /// x > v is x > ⌊v⌋, x ≤ v is x ≤ ⌊v⌋.
    Down,
    /// x ≥ v is x ≥ ⌈v⌉, x < v is x < ⌈v⌉.
    Up,
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident, $with_scalar:ident ($which:ident) = $float:ident, $int:ident, $float_elem:ident, $int_elem:ident;)*) => {
        impl Tensor {
            $(
                $(#[$doc])*
                pub fn $name(&self, other: &Self) -> Result<Self> {
                    self.compare(stringify!($name), other, Dispatch::$float, Dispatch::$int)
                }

                /// The same with a number.
                pub fn $with_scalar(&self, value: f64) -> Result<Self> {
                    self.compare_scalar(Which::$which, value, Dispatch::$float_elem, Dispatch::$int_elem)
                }
            )*
        }
    };
}

comparisons! {
    /// True where the two are equal. Shapes broadcast.
    eq, eq_scalar (Equal) = float_equal, int_equal, float_equal_elem, int_equal_elem;
    /// True where the two differ. Shapes broadcast.
    ne, ne_scalar (Equal) = float_not_equal, int_not_equal, float_not_equal_elem, int_not_equal_elem;
    /// True where self is greater. Shapes broadcast.
    gt, gt_scalar (Down) = float_greater, int_greater, float_greater_elem, int_greater_elem;
    /// True where self is not less. Shapes broadcast.
    ge, ge_scalar (Up) = float_greater_equal, int_greater_equal, float_greater_equal_elem, int_greater_equal_elem;
    /// True where self is less. Shapes broadcast.
    lt, lt_scalar (Up) = float_lower, int_lower, float_lower_elem, int_lower_elem;
    /// True where self is not greater. Shapes broadcast.
    le, le_scalar (Down) = float_lower_equal, int_lower_equal, float_lower_equal_elem, int_lower_equal_elem;
}

impl Tensor {
    fn compare(&self, op: &'static str, other: &Self, float: Compare, int: Compare) -> Result<Self> {
        self.want_device(op, other)?;
        self.want_classes(op, other)?;
        let out = shape::broadcast(op, self.shape(), other.shape())?;
        if out.contains(&0) {
            return self.without_elements(DType::Bool, &out);
        }
        let (left, right) = (self.detach(), other.detach());
        let [left, right] = left.promoted(&right)?;
        let compare = if left.kind() == Kind::Int { int } else { float };
        let raw = compare(left.expand(&out)?.raw(), right.expand(&out)?.raw(), self.device().bools());
        Ok(self.with(raw, Kind::Bool, out))
    }

    fn compare_scalar(&self, which: Which, value: f64, float: CompareScalar, int: CompareScalar) -> Result<Self> {
        if self.is_empty() {
            return self.without_elements(DType::Bool, self.shape());
        }
        let raw = if self.kind() == Kind::Float {
            float(self.detach().computed()?.raw(), value.into(), self.device().bools())
        } else {
            // The nearest float to a large int is another number: compare with the whole number that decides the same.
            let whole = match which {
                Which::Equal if value.fract() != 0.0 => f64::NAN,
                Which::Equal => value,
                Which::Down => value.floor(),
                Which::Up => value.ceil(),
            };
            let ints = self.cast(Kind::Int)?;
            let [least, most] = ints.dtype().range().map(|bound| bound as f64);
            // The nearest float to the largest int64 is one more.
            if !(least..=most).contains(&whole) || whole >= 9_223_372_036_854_775_808.0 {
                // 0 stands for every int: none is as large as the value, or as small.
                let outcome = Self::scalar(0.0, self.device())?.with_scalar(whole, float);
                return outcome.expand(self.shape());
            }
            int(ints.raw(), (whole as i64).into(), self.device().bools())
        };
        Ok(self.with(raw, Kind::Bool, self.shape().to_vec()))
    }

    fn with_scalar(&self, value: f64, compare: CompareScalar) -> Self {
        self.with(compare(self.raw(), value.into(), self.device().bools()), Kind::Bool, self.shape().to_vec())
    }

    /// Elements of `yes` where the condition is true, of `no` elsewhere. The three shapes broadcast.
    ///
    /// # Errors
    /// A condition that is not bool; shapes that differ.
    pub fn select_where(condition: &Self, yes: &Self, no: &Self) -> Result<Self> {
        condition.want("where", Kind::Bool)?;
        let out = shape::broadcast("where", yes.shape(), no.shape())?;
        let out = shape::broadcast("where", condition.shape(), &out)?;
        let [yes, no] = Self::joined([yes, no])?;
        let (yes, no) = (&*yes, &*no);
        if out.contains(&0) {
            return Ok(record("where", [yes, no], yes.without_elements(yes.dtype(), &out)?, |_| {
                let (yes, no) = (yes.detach(), no.detach());
                move |_, _| Ok([Some(yes.zeros_like()?), Some(no.zeros_like()?)])
            }));
        }
        let (kind, mask) = (yes.kind(), condition.expand(&out)?);
        let [on_yes, on_no] = [yes, no].map(|tensor| tensor.detach().expand(&out));
        let raw = by_kind!(
            kind,
            float_mask_where,
            int_mask_where,
            bool_mask_where(on_no?.into_raw(), mask.raw(), on_yes?.into_raw())
        );
        Ok(record("where", [yes, no], condition.with(raw, kind, out), |tape| {
            let shapes = [yes, no].map(|tensor| tensor.shape().to_vec());
            let mask = tape.keep(&mask);
            move |by: Self, step| {
                let mask = mask.get(step)?;
                let by_yes = || by.masked_fill(&mask.logical_not()?, 0.0)?.sum_to(&shapes[0]);
                Ok([step.of(0, by_yes)?, step.of(1, || by.masked_fill(&mask, 0.0)?.sum_to(&shapes[1]))?])
            }
        }))
    }

    /// `value` where the mask is true, self elsewhere; no gradient flows where it is.
    pub fn masked_fill(&self, mask: &Self, value: f64) -> Result<Self> {
        mask.want("masked_fill", Kind::Bool)?;
        let out = shape::broadcast("masked_fill", self.shape(), mask.shape())?;
        if out.contains(&0) {
            let output = self.without_elements(self.dtype(), &out)?;
            let own = self.detach();
            return Ok(record("masked_fill", [self], output, |_| move |_, _| Ok([Some(own.zeros_like()?)])));
        }
        let (tensor, mask) = (self.detach().expand(&out)?, mask.expand(&out)?);
        let value: Scalar = match self.kind() {
            Kind::Float => value.into(),
            Kind::Int => int_value("masked_fill", value, self.dtype())?.into(),
            Kind::Bool => Scalar::Bool(value != 0.0),
        };
        let raw =
            by_kind!(self.kind(), float_mask_fill, int_mask_fill, bool_mask_fill(tensor.into_raw(), mask.raw(), value));
        Ok(record("masked_fill", [self], self.with(raw, self.kind(), out), |tape| {
            let (mask, shape) = (tape.keep(&mask), self.shape().to_vec());
            move |by: Self, step| Ok([Some(by.masked_fill(&mask.get(step)?, 0.0)?.sum_to(&shape)?)])
        }))
    }
}
