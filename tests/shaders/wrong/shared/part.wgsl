// A part with a mistake in its third line.
fn part(x: f32) -> f32 {
    return x + z;
}
