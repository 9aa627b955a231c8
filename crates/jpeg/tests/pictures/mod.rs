//! Synthetic pictures with gradients, edges, texture and a little noise.
#![allow(dead_code, reason = "not every test needs every picture")]

/// Pseudo-random bytes, the same every time.
pub fn noise(count: usize) -> impl Iterator<Item = u8> {
    let mut state = 0x9E37_79B9u32;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 11) as u8
    })
}

/// Interleaved RGB.
pub fn picture(width: u16, height: u16) -> Vec<u8> {
    let (w, h) = (usize::from(width), usize::from(height));
    let mut noise = noise(w * h);
    let mut pixels = Vec::new();
    for (y, x) in (0..h).flat_map(|y| (0..w).map(move |x| (y, x))) {
        let (fx, fy) = (x as f32, y as f32);
        let texture = (fx * 0.05).sin() * (fy * 0.03).cos() * 50.0 + ((fx * fx + fy * fy) * 0.0004).sin() * 20.0;
        let edge = if (x / 37 + y / 29) % 2 == 1 { 20.0 } else { 0.0 };
        let grain = f32::from(noise.next().unwrap_or(0)) / 32.0 - 4.0;
        let slopes = [fx * 0.1, fy * 0.1, (fx - fy) * 0.05];
        pixels.extend(slopes.map(|slope| (100.0 + texture + edge + grain + slope).clamp(0.0, 255.0) as u8));
    }
    pixels
}

/// The red of [`picture`].
pub fn grey(width: u16, height: u16) -> Vec<u8> {
    picture(width, height).chunks_exact(3).map(|pixel| pixel[0]).collect()
}
