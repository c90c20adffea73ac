//! Vectors of floats as wide as an instruction set has them, so that a kernel is written once. Knows of no tensor.

use pulp::{Arch, Simd, WithSimd};

/// An instruction set's vectors of float32.
pub(super) trait Vector: Copy + Send + Sync {
    /// `LANES` floats.
    type Floats: Copy;
    const LANES: usize;
    /// How many the processor holds.
    const REGISTERS: usize;

    fn splat(self, value: f32) -> Self::Floats;
    /// # Safety
    /// `from` points to `LANES` floats.
    unsafe fn load(self, from: *const f32) -> Self::Floats;
    /// # Safety
    /// `to` points to room for `LANES` floats.
    unsafe fn store(self, to: *mut f32, value: Self::Floats);
    /// The first `count` lanes, zeros in the others.
    ///
    /// # Safety
    /// `from` points to `count` floats.
    unsafe fn load_some(self, from: *const f32, count: usize) -> Self::Floats;
    /// Writes the first `count` lanes.
    ///
    /// # Safety
    /// `to` points to room for `count` floats.
    unsafe fn store_some(self, to: *mut f32, value: Self::Floats, count: usize);
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// a · b + c, rounded once where the instruction set can.
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
}

/// What is computed with vectors.
pub(super) trait Kernel {
    type Output;
    fn run<V: Vector>(self, vector: V) -> Self::Output;
}

/// Runs a kernel, compiled for an instruction set.
pub(super) fn run<K: Kernel>(arch: Arch, kernel: K) -> K::Output {
    struct With<K>(K);
    impl<K: Kernel> WithSimd for With<K> {
        type Output = K::Output;
        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> K::Output {
            self.0.run(Wide(simd))
        }
    }
    if matches!(arch, Arch::Scalar) { kernel.run(Plain) } else { arch.dispatch(With(kernel)) }
}

/// Floats of a vector of an instruction set.
pub(super) fn lanes(arch: Arch) -> usize {
    struct Lanes;
    impl Kernel for Lanes {
        type Output = usize;

        fn run<V: Vector>(self, _: V) -> usize {
            V::LANES
        }
    }
    run(arch, Lanes)
}

/// Calls a method of a kernel for as many rows as fit the registers beside two vectors of weights.
macro_rules! for_rows {
    ($vector:ident: $v:ident, $kernel:ident . $method:ident) => {
        match ($v::REGISTERS, $v::LANES) {
            (32.., _) => $kernel.$method::<$v, 8>($vector),
            (_, 5..) => $kernel.$method::<$v, 6>($vector),
            _ => $kernel.$method::<$v, 4>($vector),
        }
    };
}
pub(super) use for_rows;

/// The vectors of an instruction set that has a fused multiplication and addition.
#[derive(Clone, Copy)]
struct Wide<S>(S);

impl<S: Simd> Vector for Wide<S> {
    type Floats = S::f32s;
    const LANES: usize = S::F32_LANES;
    const REGISTERS: usize = S::REGISTER_COUNT;

    #[inline(always)]
    fn splat(self, value: f32) -> S::f32s {
        self.0.splat_f32s(value)
    }
    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> S::f32s {
        // SAFETY: as the caller promises.
        unsafe { from.cast::<S::f32s>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: S::f32s) {
        // SAFETY: as the caller promises.
        unsafe { to.cast::<S::f32s>().write_unaligned(value) }
    }
    #[inline(always)]
    unsafe fn load_some(self, from: *const f32, count: usize) -> S::f32s {
        // SAFETY: as the caller promises.
        self.0.partial_load_f32s(unsafe { std::slice::from_raw_parts(from, count) })
    }
    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, value: S::f32s, count: usize) {
        // SAFETY: as the caller promises.
        self.0.partial_store_f32s(unsafe { std::slice::from_raw_parts_mut(to, count) }, value);
    }
    #[inline(always)]
    fn add(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.add_f32s(a, b)
    }
    #[inline(always)]
    fn sub(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.sub_f32s(a, b)
    }
    #[inline(always)]
    fn mul(self, a: S::f32s, b: S::f32s) -> S::f32s {
        self.0.mul_f32s(a, b)
    }
    #[inline(always)]
    fn mul_add(self, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
        self.0.mul_add_e_f32s(a, b, c)
    }
}

/// Four floats, by whatever instructions the compiler has for the build's target.
#[derive(Clone, Copy)]
struct Plain;

impl Vector for Plain {
    type Floats = [f32; 4];
    const LANES: usize = 4;
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; 4] {
        [value; 4]
    }
    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> [f32; 4] {
        // SAFETY: as the caller promises.
        unsafe { from.cast::<[f32; 4]>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: [f32; 4]) {
        // SAFETY: as the caller promises.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(value) }
    }
    #[inline(always)]
    unsafe fn load_some(self, from: *const f32, count: usize) -> [f32; 4] {
        // SAFETY: as the caller promises.
        let given = unsafe { std::slice::from_raw_parts(from, count) };
        std::array::from_fn(|lane| given.get(lane).copied().unwrap_or(0.0))
    }
    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, value: [f32; 4], count: usize) {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts_mut(to, count) }.copy_from_slice(&value[..count]);
    }
    #[inline(always)]
    fn add(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }
    #[inline(always)]
    fn sub(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }
    #[inline(always)]
    fn mul(self, a: [f32; 4], b: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }
    #[inline(always)]
    fn mul_add(self, a: [f32; 4], b: [f32; 4], c: [f32; 4]) -> [f32; 4] {
        std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }
}
