//! Four 32-bit numbers in one register: what scaling and blending need of Wasm's SIMD, and the same in plain Rust for other machines.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(super) use simd128::{U32x4, add_pairs, over_eight, over_four, premultiply};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub(super) use portable::{U32x4, add_pairs, over_eight, over_four, premultiply};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use super::super::composite::{self, Cover};
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub struct U32x4(v128);

    impl U32x4 {
        #[inline(always)]
        pub fn splat(n: u32) -> Self {
            Self(u32x4_splat(n))
        }

        #[inline(always)]
        pub fn words(n: [u16; 4]) -> Self {
            let word = |n: u16, place: u32| u64::from(n) << (16 * place);
            // Becomes one load.
            let all = word(n[0], 0) | word(n[1], 1) | word(n[2], 2) | word(n[3], 3);
            Self(u32x4_extend_low_u16x8(u64x2(all, 0)))
        }

        #[inline(always)]
        pub fn bytes(n: &[u8; 16]) -> [Self; 4] {
            let half = |n: &[u8; 8]| u16x8_extend_low_u8x16(u64x2(u64::from_le_bytes(*n), 0));
            let [low, high] = n.as_chunks::<8>().0 else {
                return [Self::splat(0); 4];
            };
            let (low, high) = (half(low), half(high));
            [
                Self(u32x4_extend_low_u16x8(low)),
                Self(u32x4_extend_high_u16x8(low)),
                Self(u32x4_extend_low_u16x8(high)),
                Self(u32x4_extend_high_u16x8(high)),
            ]
        }

        /// The sum with a product.
        #[inline(always)]
        pub fn plus(self, other: Self, weight: u32) -> Self {
            Self(u32x4_add(self.0, u32x4_mul(other.0, u32x4_splat(weight))))
        }

        /// Numbers of 24 bits without the lowest 8.
        #[inline(always)]
        pub fn high_words(self) -> [u16; 4] {
            let words = u32x4_shr(self.0, 8);
            let words = u64x2_extract_lane::<0>(u16x8_narrow_i32x4(words, words));
            std::array::from_fn(|n| (words >> (16 * n)) as u16)
        }

        /// The highest 8 bits.
        #[inline(always)]
        pub fn high_bytes(self) -> [u8; 4] {
            let words = u32x4_shr(self.0, 24);
            let words = i16x8_narrow_i32x4(words, words);
            u32x4_extract_lane::<0>(u8x16_narrow_i16x8(words, words)).to_le_bytes()
        }
    }

    /// [`over_luma`](super::super::composite::over_luma) for eight pixels.
    #[inline(always)]
    pub fn over_eight(sources: &[[u8; 4]; 8], luma: &mut [u8; 8]) {
        let [low, high] = sources.as_chunks::<4>().0 else {
            return;
        };
        let (low, high) = (four(low), four(high));
        let source = u16x8_narrow_i32x4(source(low), source(high));
        let alpha = i16x8_narrow_i32x4(u32x4_shr(low, 24), u32x4_shr(high, 24));
        let through = i16x8_sub(i16x8_splat(255), alpha);
        let old = i16x8_mul(u16x8_extend_low_u8x16(u64x2(u64::from_le_bytes(*luma), 0)), through);
        let sum = i16x8_add(source, by_255(old));
        *luma = u64x2_extract_lane::<0>(u8x16_narrow_i16x8(sum, sum)).to_le_bytes();
    }

    /// [`premultiply`](super::super::composite::premultiply) for all pixels, of which there are whole ones.
    #[inline(never)]
    pub fn premultiply(rgba: &mut [u8]) {
        let (fours, rest) = rgba.as_chunks_mut::<16>();
        for four in fours {
            let pixels = self::four(four.as_chunks().0.try_into().unwrap_or(&[[0; 4]; 4]));
            let opaque = u32x4_splat(255 << 24);
            // Alpha itself is multiplied with 255.
            let factors = v128_or(
                i8x16_shuffle::<3, 3, 3, 16, 7, 7, 7, 20, 11, 11, 11, 24, 15, 15, 15, 28>(pixels, u8x16_splat(0)),
                opaque,
            );
            let low = by_255(u16x8_extmul_low_u8x16(pixels, factors));
            let high = by_255(u16x8_extmul_high_u8x16(pixels, factors));
            let bytes = u8x16_narrow_i16x8(low, high);
            let halves = [u64x2_extract_lane::<0>(bytes), u64x2_extract_lane::<1>(bytes)];
            for (to, half) in four.as_chunks_mut().0.iter_mut().zip(halves) {
                *to = half.to_le_bytes();
            }
        }
        for pixel in rest.as_chunks_mut().0 {
            *pixel = composite::premultiply(*pixel);
        }
    }

    /// [`Cover::add`] for each two pixels, as many as there are covers.
    #[inline(always)]
    pub fn add_pairs(covers: &mut [Cover], pixels: &[[u8; 4]]) {
        let (fours, rest) = pixels.as_chunks::<4>();
        let (twos, last) = covers.split_at_mut((fours.len() * 2).min(covers.len()));
        for (covers, pixels) in twos.as_chunks_mut::<2>().0.iter_mut().zip(fours) {
            // Red, blue, green and alpha of both.
            let pairs =
                i8x16_shuffle::<0, 4, 2, 6, 1, 5, 3, 7, 8, 12, 10, 14, 9, 13, 11, 15>(four(pixels), u8x16_splat(0));
            let [[a, b], [c, d]] = covers.map(|cover| cover.0);
            let sums = i16x8_add(u32x4(a, b, c, d), u16x8_extadd_pairwise_u8x16(pairs));
            let sum = |half: u64| Cover([half as u32, (half >> 32) as u32]);
            *covers = [sum(u64x2_extract_lane::<0>(sums)), sum(u64x2_extract_lane::<1>(sums))];
        }
        for (cover, pixels) in last.iter_mut().zip(rest.chunks(2)) {
            pixels.iter().for_each(|&pixel| cover.add(pixel));
        }
    }

    /// [`Cover::over`] for four chroma samples of either kind, each of which stands for four pixels.
    #[inline(always)]
    pub fn over_four(covers: &[Cover; 4], [blue, red]: [&mut [u8; 4]; 2]) {
        let [[a, b], [c, d], [e, f], [g, h]] = covers.map(|cover| cover.0);
        let (low, high) = (u32x4(a, b, c, d), u32x4(e, f, g, h));
        // Red below blue, and green below alpha.
        let (outer, inner) = (
            i32x4_shuffle::<0, 2, 4, 6>(low, high),
            i32x4_shuffle::<1, 3, 5, 7>(low, high),
        );
        let through = i32x4_sub(i32x4_splat(4 * 255), u32x4_shr(inner, 16));
        // The weights of [`Cover::chroma`] with the other sign: 32768 is no number of 16 bits, and its negative is.
        let weights = |low: i16, high: i16| i16x8(low, high, low, high, low, high, low, high);
        let difference = |outer_weights, green| {
            let sum = i32x4_add(
                i32x4_dot_i16x8(outer, outer_weights),
                i32x4_dot_i16x8(inner, weights(green, 0)),
            );
            i32x4_shr(i32x4_neg(sum), 8)
        };
        over(blue, through, difference(weights(11059, -32768), 21709));
        over(red, through, difference(weights(-32768, 5329), 27439));
    }

    #[inline(always)]
    fn over(samples: &mut [u8; 4], through: v128, difference: v128) {
        let bytes = u32x4_replace_lane::<0>(u8x16_splat(0), u32::from_le_bytes(*samples));
        let values = u32x4_extend_low_u16x8(u16x8_extend_low_u8x16(bytes));
        let product = i32x4_mul(i32x4_sub(values, i32x4_splat(128)), through);
        // 256/255 of it. Below 2^17 a quotient that is not whole is further from the next whole one than what is rounded.
        let part = i32x4_trunc_sat_f32x4(f32x4_div(f32x4_convert_i32x4(product), f32x4_splat(255.0)));
        let middle = i32x4_splat((128 << 10) + (1 << 9));
        let sum = i32x4_add(i32x4_add(difference, i32x4_add(product, part)), middle);
        let words = i16x8_narrow_i32x4(i32x4_shr(sum, 10), sum);
        *samples = u32x4_extract_lane::<0>(u8x16_narrow_i16x8(words, words)).to_le_bytes();
    }

    /// Divided by 255, up to 255 * 255: one more comes to the same divided by 256, if its own 256th is added first.
    #[inline(always)]
    fn by_255(products: v128) -> v128 {
        let sums = i16x8_add(products, u16x8_splat(128));
        u16x8_shr(i16x8_add(sums, u16x8_shr(i16x8_sub(sums, u16x8_splat(1)), 8)), 8)
    }

    #[inline(always)]
    fn four(pixels: &[[u8; 4]; 4]) -> v128 {
        // Becomes one load.
        let [a, b, c, d] = pixels.map(u32::from_le_bytes);
        u32x4(a, b, c, d)
    }

    /// The luma of four pixels.
    #[inline(always)]
    fn source(pixels: v128) -> v128 {
        let zero = u8x16_splat(0);
        // Half of green's weight goes with red, and half with blue.
        let red = i8x16_shuffle::<0, 16, 1, 16, 4, 16, 5, 16, 8, 16, 9, 16, 12, 16, 13, 16>(pixels, zero);
        let blue = i8x16_shuffle::<1, 16, 2, 16, 5, 16, 6, 16, 9, 16, 10, 16, 13, 16, 14, 16>(pixels, zero);
        let red = i32x4_dot_i16x8(red, u32x4_splat(19235 << 16 | 19595));
        let blue = i32x4_dot_i16x8(blue, u32x4_splat(7471 << 16 | 19235));
        u32x4_shr(i32x4_add(i32x4_add(red, blue), i32x4_splat(1 << 15)), 16)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use super::super::composite::{self, Cover, over_luma};

    #[derive(Clone, Copy)]
    pub struct U32x4([u32; 4]);

    impl U32x4 {
        #[inline(always)]
        pub fn splat(n: u32) -> Self {
            Self([n; 4])
        }

        #[inline(always)]
        pub fn words(n: [u16; 4]) -> Self {
            Self(n.map(u32::from))
        }

        #[inline(always)]
        pub fn bytes(n: &[u8; 16]) -> [Self; 4] {
            let four = |start: usize| Self(std::array::from_fn(|lane| n[start + lane].into()));
            [0, 4, 8, 12].map(four)
        }

        /// The sum with a product.
        #[inline(always)]
        pub fn plus(self, other: Self, weight: u32) -> Self {
            Self(std::array::from_fn(|lane| self.0[lane] + other.0[lane] * weight))
        }

        /// Numbers of 24 bits without the lowest 8.
        #[inline(always)]
        pub fn high_words(self) -> [u16; 4] {
            self.0.map(|n| (n >> 8) as u16)
        }

        /// The highest 8 bits.
        #[inline(always)]
        pub fn high_bytes(self) -> [u8; 4] {
            self.0.map(|n| (n >> 24) as u8)
        }
    }

    /// [`composite::premultiply`] for all pixels.
    pub fn premultiply(rgba: &mut [u8]) {
        for pixel in rgba.as_chunks_mut::<4>().0 {
            *pixel = composite::premultiply(*pixel);
        }
    }

    /// [`over_luma`] for eight pixels.
    #[inline(always)]
    pub fn over_eight(sources: &[[u8; 4]; 8], luma: &mut [u8; 8]) {
        for (&source, luma) in sources.iter().zip(luma) {
            over_luma(source, luma);
        }
    }

    /// [`Cover::add`] for each two pixels, as many as there are covers.
    #[inline(always)]
    pub fn add_pairs(covers: &mut [Cover], pixels: &[[u8; 4]]) {
        for (cover, pixels) in covers.iter_mut().zip(pixels.chunks(2)) {
            pixels.iter().for_each(|&pixel| cover.add(pixel));
        }
    }

    /// [`Cover::over`] for four chroma samples of either kind, each of which stands for four pixels.
    #[inline(always)]
    pub fn over_four(covers: &[Cover; 4], samples: [&mut [u8; 4]; 2]) {
        for (kind, samples) in samples.into_iter().enumerate() {
            for (cover, sample) in covers.iter().zip(samples) {
                *sample = cover.over(cover.chroma()[kind], *sample, 2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    /// As eight 16-bit lanes do it.
    #[test]
    fn a_division_by_255_needs_no_division() {
        for product in 0..=255 * 255_u16 {
            let sum = product + 128;
            assert_eq!((sum + ((sum - 1) >> 8)) >> 8, (product + 127) / 255);
        }
    }
}
