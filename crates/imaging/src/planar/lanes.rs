//! Eight 16-bit and four 32-bit numbers in one register: what resampling needs of Wasm's SIMD, and the same in plain Rust for other
//! machines. Sums wrap.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::{I16x8, I32x4};

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::{I16x8, I32x4};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub struct I16x8(v128);

    #[derive(Clone, Copy)]
    pub struct I32x4(v128);

    impl I16x8 {
        #[inline(always)]
        pub fn load(n: &[i16; 8]) -> Self {
            // Becomes one load.
            Self(i16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]))
        }

        /// Two numbers in turns.
        #[inline(always)]
        pub fn pair(a: i16, b: i16) -> Self {
            Self(i16x8(a, b, a, b, a, b, a, b))
        }

        /// Samples of two rows in turns.
        #[inline(always)]
        pub fn in_turns(one: &[u8; 16], other: &[u8; 16]) -> [Self; 4] {
            let row = |samples: &[u8; 16]| {
                let [low, high] = samples.as_chunks::<8>().0 else {
                    return u64x2(0, 0);
                };
                u64x2(u64::from_le_bytes(*low), u64::from_le_bytes(*high))
            };
            let (a, b) = (row(one), row(other));
            let low = i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b);
            let high = i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b);
            [
                Self(u16x8_extend_low_u8x16(low)),
                Self(u16x8_extend_high_u8x16(low)),
                Self(u16x8_extend_low_u8x16(high)),
                Self(u16x8_extend_high_u8x16(high)),
            ]
        }

        /// For each pair of neighbours the sum of their products.
        #[inline(always)]
        pub fn dot(self, other: Self) -> I32x4 {
            I32x4(i32x4_dot_i16x8(self.0, other.0))
        }
    }

    impl I32x4 {
        #[inline(always)]
        pub fn splat(n: i32) -> Self {
            Self(i32x4_splat(n))
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(i32x4_add(self.0, other.0))
        }

        /// The sum of each one's numbers.
        #[inline(always)]
        pub fn sums([a, b, c, d]: [Self; 4]) -> Self {
            let pairs =
                |a: v128, b: v128| i32x4_add(i32x4_shuffle::<0, 2, 4, 6>(a, b), i32x4_shuffle::<1, 3, 5, 7>(a, b));
            Self(pairs(pairs(a.0, b.0), pairs(c.0, d.0)))
        }

        /// Both shifted right and as 16 bits, what is out of range clamped.
        #[inline(always)]
        pub fn shift_narrow<const BITS: u32>(self, other: Self, to: &mut [i16; 8]) {
            let words = i16x8_narrow_i32x4(i32x4_shr(self.0, BITS), i32x4_shr(other.0, BITS));
            *to = [
                i16x8_extract_lane::<0>(words),
                i16x8_extract_lane::<1>(words),
                i16x8_extract_lane::<2>(words),
                i16x8_extract_lane::<3>(words),
                i16x8_extract_lane::<4>(words),
                i16x8_extract_lane::<5>(words),
                i16x8_extract_lane::<6>(words),
                i16x8_extract_lane::<7>(words),
            ];
        }

        /// Shifted right and as bytes, what is out of range clamped.
        #[inline(always)]
        pub fn shift_bytes<const BITS: u32>(self) -> [u8; 4] {
            let words = i32x4_shr(self.0, BITS);
            let words = i16x8_narrow_i32x4(words, words);
            u32x4_extract_lane::<0>(u8x16_narrow_i16x8(words, words)).to_le_bytes()
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use std::array::from_fn;

    #[derive(Clone, Copy)]
    pub struct I16x8([i16; 8]);

    #[derive(Clone, Copy)]
    pub struct I32x4([i32; 4]);

    impl I16x8 {
        #[inline(always)]
        pub fn load(n: &[i16; 8]) -> Self {
            Self(*n)
        }

        /// Two numbers in turns.
        #[inline(always)]
        pub fn pair(a: i16, b: i16) -> Self {
            Self([a, b, a, b, a, b, a, b])
        }

        /// Samples of two rows in turns.
        #[inline(always)]
        pub fn in_turns(one: &[u8; 16], other: &[u8; 16]) -> [Self; 4] {
            let sample = |n: usize| i16::from([one, other][n % 2][n / 2]);
            [0, 8, 16, 24].map(|start| Self(from_fn(|n| sample(start + n))))
        }

        /// For each pair of neighbours the sum of their products.
        #[inline(always)]
        pub fn dot(self, other: Self) -> I32x4 {
            let product = |n: usize| i32::from(self.0[n]) * i32::from(other.0[n]);
            I32x4(from_fn(|n| product(2 * n).wrapping_add(product(2 * n + 1))))
        }
    }

    impl I32x4 {
        #[inline(always)]
        pub fn splat(n: i32) -> Self {
            Self([n; 4])
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(from_fn(|n| self.0[n].wrapping_add(other.0[n])))
        }

        /// The sum of each one's numbers.
        #[inline(always)]
        pub fn sums(of: [Self; 4]) -> Self {
            Self(of.map(|Self([a, b, c, d])| a.wrapping_add(b).wrapping_add(c).wrapping_add(d)))
        }

        /// Both shifted right and as 16 bits, what is out of range clamped.
        #[inline(always)]
        pub fn shift_narrow<const BITS: u32>(self, other: Self, to: &mut [i16; 8]) {
            let narrow = |n: i32| (n >> BITS).clamp(i16::MIN.into(), i16::MAX.into()) as i16;
            *to = from_fn(|n| narrow(if n < 4 { self.0[n] } else { other.0[n - 4] }));
        }

        /// Shifted right and as bytes, what is out of range clamped.
        #[inline(always)]
        pub fn shift_bytes<const BITS: u32>(self) -> [u8; 4] {
            self.0.map(|n| (n >> BITS).clamp(0, 255) as u8)
        }
    }
}
