//! DINO (Caron et al., ICCV 2021): the cross-entropy of a student's crops with a teacher's of the same images.

use super::operands::{over, rows, wants_rows};
use crate::{
    Error, Result, Tensor,
    options::{Options, options, over as above},
};

options! {
    /// Options of `mb.loss.dino`.
    #[derive(Clone)]
    pub struct DinoOptions {
        /// The student's crops per image; the first of them are the teacher's.
        pub crops: usize = 2, in 2..;
        /// The teacher's crops per image.
        pub teacher_crops: usize = 2, in 1..;
        /// Divides the student's logits.
        pub temperature: f64 = 0.1, in above(0.0);
        /// Divides the teacher's logits.
        pub teacher_temperature: f64 = 0.04, in above(0.0);
        /// What is subtracted from the teacher's logits, [K]: a moving average of their mean.
        pub center: Option<Tensor> = None;
    }
}

/// The mean over images, and over pairs of a teacher's and another crop of the student's, of −Σ q · log p with the
/// softmaxes q of (teacher − center) / its temperature and p of student / temperature. Logits `[crops · B, K]` and
/// `[teacher_crops · B, K]` are view-major. No gradient flows into the teacher or the center.
///
/// # Errors
/// Logits that are not float rows of one width; rows that the crops do not divide, or of other numbers of images; a
/// teacher with more crops than the student; a center that does not broadcast.
pub fn dino(student: &Tensor, teacher: &Tensor, options: &DinoOptions) -> Result<Tensor> {
    const OP: &str = "dino";
    options.check(OP)?;
    let ([count, width], [teachers, teacher_width]) = (rows(OP, student)?, rows(OP, teacher)?);
    let (crops, teacher_crops) = (options.crops, options.teacher_crops);
    if teacher_crops > crops {
        let want = format!("at most the {crops} crops of the student");
        return Err(Error::argument(OP, "teacher_crops", want, teacher_crops));
    }
    if !count.is_multiple_of(crops) {
        return Err(wants_rows(OP, format!("wants a multiple of {crops} rows, one for each crop"), student));
    }
    let images = count / crops;
    if [teachers, teacher_width] != [teacher_crops * images, width] {
        let want = format!("wants a teacher [{}, {width}], {teacher_crops} crops per image", teacher_crops * images);
        return Err(wants_rows(OP, want, teacher));
    }
    let teacher = teacher.detach();
    let centred = match &options.center {
        Some(center) => teacher.sub(&over(OP, "center", &center.detach(), teacher.shape())?)?,
        None => teacher,
    };
    let targets = centred.div_scalar(options.teacher_temperature)?.softmax(1)?;
    let targets = targets.reshape(&[teacher_crops, images, width])?;
    let own = student.div_scalar(options.temperature)?.log_softmax(1)?.reshape(&[crops, images, width])?;
    // Each target beside all crops but its own.
    let others = own.sum(Some(0), true)?.sub(&own.slice(0, 0, teacher_crops)?)?;
    let terms = (teacher_crops * crops - teacher_crops) * images;
    targets.mul(&others)?.sum(None, false)?.div_scalar(-(terms as f64))
}
