// σ(x) = 1 / (1 + e⁻ˣ).
fn logistic(x: f32) -> f32 {
    return 1.0 / (1.0 + exp(-x));
}
