//! Four 32-bit numbers in one register: what scaling and blending need of Wasm's SIMD, and the same in plain Rust for other machines.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::{U32x4, over_eight, premultiply};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::{U32x4, over_eight, premultiply};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
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
            *pixel = super::super::composite::premultiply(*pixel);
        }
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
    use super::super::composite::{self, over_luma};

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
