// Part of views.wgsl: what a stage does to each pixel by itself, its points one after another.

// A point is its kind, a number, and the place of more of them.
fn changed(pixel: vec3f, place: u32, told: Told, i: u32, at: vec2u, area: u32) -> vec3f {
    let zero = vec3f(0.0);
    let one = vec3f(1.0);
    let amount = bitcast<f32>(program[place + 1u]);
    let numbers = program[place + 2u];
    switch program[place] {
        case BRIGHTNESS: { return clamp(pixel * amount, zero, one); }
        case CONTRAST: { return clamp(pixel * amount + (1.0 - amount) * told.mean, zero, one); }
        case SATURATION: { return select(pixel, clamp(pixel * amount + (1.0 - amount) * dot(pixel, LUMA), zero, one), lanes == 3u); }
        case HUE: { return select(pixel, hue_turned(pixel, amount), lanes == 3u); }
        case GRAYSCALE: { return select(pixel, vec3f(dot(pixel, LUMA)), lanes == 3u); }
        case SOLARIZE: { return select(pixel, one - pixel, pixel >= vec3f(amount)); }
        case POSTERIZE: { return clamp(floor(pixel * amount), zero, vec3f(amount - 1.0)) / amount; }
        case INVERT: { return one - pixel; }
        case AUTOCONTRAST: {
            let is_flat = told.greatest <= told.least;
            let range = select(told.greatest - told.least, one, is_flat);
            return select(clamp((pixel - told.least) / range, zero, one), pixel, is_flat);
        }
        case EQUALIZE: {
            let level = level_of(pixel);
            return vec3f(levels[level.r], levels[256u + level.g], levels[512u + level.b]);
        }
        case NORMALIZE: { return (pixel - of_channels(numbers)) * of_channels(numbers + options.channels); }
        case NOISE: {
            // Mean, whether it is clamped, the seed.
            let noisy = pixel + bitcast<f32>(program[numbers]) + amount * noise(numbers + 2u, i, area);
            return select(noisy, clamp(noisy, zero, one), program[numbers + 1u] != 0u);
        }
        case ERASE, ERASE_NOISE: {
            let corner = vec2u(program[numbers + 1u], program[numbers]);
            let size = vec2u(program[numbers + 3u], program[numbers + 2u]);
            if any(at < corner) || any(at >= corner + size) {
                return pixel;
            }
            if program[place] == ERASE_NOISE {
                return noise(numbers + 4u, i, area);
            }
            return of_channels(numbers + 4u);
        }
        default: { return pixel; }
    }
}

// Standard normal numbers of a pixel's places in [channels, height, width], under a seed: runtime/augment/pixels/normal.rs.
fn noise(seed: u32, i: u32, area: u32) -> vec3f {
    let places = channel * area + i;
    return vec3f(normal(seed, places.x), normal(seed, places.y), normal(seed, places.z));
}

// Two places that differ in one bit are a pair of G. Box and M. Muller, 1958.
fn normal(seed: u32, place: u32) -> f32 {
    let near = bits_of(seed, place & ~16u);
    let far = bits_of(seed, place | 16u);
    // A logarithm near 1 may come out on the wrong side of 0.
    let size = sqrt(max(0.0, -2.0 * log((f32(near >> 9u) + 0.5) / 8388608.0)));
    let radius = select(size, -size, (far & 1u) == 1u);
    let x = f32(far >> 9u) / 8388608.0 - 0.5;
    let q = x * x;
    if (place & 16u) == 0u {
        return radius * ((((0.2196968 * q - 1.3318802) * q + 4.058412) * q - 4.9347925) * q + 1.0);
    }
    return radius * ((((0.077659406 * q - 0.5982922) * q + 2.5500777) * q - 5.1677103) * q + 3.1415927) * x;
}

fn bits_of(seed: u32, place: u32) -> u32 {
    return hash((place * 0x9e3779b1u + program[seed + 1u]) ^ program[seed]);
}

fn hash(word: u32) -> u32 {
    let mixed = (word ^ (word >> 16u)) * 0x7feb352du;
    let more = (mixed ^ (mixed >> 15u)) * 0x846ca68bu;
    return more ^ (more >> 16u);
}

fn hue_turned(pixel: vec3f, turns: f32) -> vec3f {
    let largest = max(max(pixel.r, pixel.g), pixel.b);
    let range = largest - min(min(pixel.r, pixel.g), pixel.b);
    let divisor = select(1.0, range, range > 0.0);
    var offset = 4.0;
    var difference = pixel.r - pixel.g;
    if largest == pixel.r {
        offset = 0.0;
        difference = pixel.g - pixel.b;
    } else if largest == pixel.g {
        offset = 2.0;
        difference = pixel.b - pixel.r;
    }
    var hue = offset + 6.0 * turns + difference / divisor;
    hue = select(hue, hue + 6.0, hue < 0.0);
    let k = hue + vec3f(5.0, 3.0, 1.0);
    let sixths = k - 6.0 * floor(k / 6.0);
    return vec3f(largest) - range * clamp(min(sixths, 4.0 - sixths), vec3f(0.0), vec3f(1.0));
}
