//! Eight 16-bit and four 32-bit numbers in one register: what the transforms need of Wasm's SIMD, and the same in plain
//! Rust for other machines. Sums and products wrap.

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
        pub fn new(n: [i16; 8]) -> Self {
            // Becomes one load.
            Self(i16x8(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7]))
        }

        #[inline(always)]
        pub fn to_array(self) -> [i16; 8] {
            let [low, high] = [u64x2_extract_lane::<0>(self.0), u64x2_extract_lane::<1>(self.0)];
            // Becomes one store.
            std::array::from_fn(|n| (if n < 4 { low >> (n * 16) } else { high >> (n * 16 - 64) }) as i16)
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(i16x8_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(i16x8_sub(self.0, other.0))
        }

        #[inline(always)]
        pub fn mul(self, other: Self) -> Self {
            Self(i16x8_mul(self.0, other.0))
        }

        #[inline(always)]
        pub fn shift_left<const BITS: u32>(self) -> Self {
            Self(i16x8_shl(self.0, BITS))
        }

        /// To the nearest, of ties the greater.
        #[inline(always)]
        pub fn shift_right_rounding<const BITS: u32>(self) -> Self {
            Self(i16x8_shr(i16x8_add(self.0, i16x8_splat(1 << (BITS - 1))), BITS))
        }

        /// The first halves of both, their numbers in turn, and the second halves.
        #[inline(always)]
        pub fn zip(self, other: Self) -> (Self, Self) {
            (
                Self(i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(self.0, other.0)),
                Self(i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(self.0, other.0)),
            )
        }

        /// The nearest integers, of ties the even ones, of the products with `factors`, whose magnitudes are below 2^22; what is out of
        /// range clamped.
        #[inline(always)]
        pub fn scale(self, factors: [f32; 8]) -> Self {
            // Adding 1.5 * 2^23 leaves a sum no fraction bits.
            const LARGE: f32 = 12_582_912.0;
            let round = |four, [a, b, c, d]: [f32; 4]| {
                let product = f32x4_mul(f32x4_convert_i32x4(four), f32x4(a, b, c, d));
                i32x4_sub(f32x4_add(product, f32x4_splat(LARGE)), f32x4_splat(LARGE))
            };
            let [a, b, c, d, e, f, g, h] = factors;
            Self(i16x8_narrow_i32x4(
                round(i32x4_extend_low_i16x8(self.0), [a, b, c, d]),
                round(i32x4_extend_high_i16x8(self.0), [e, f, g, h]),
            ))
        }

        /// For each pair of neighbours the sum of their products.
        #[inline(always)]
        pub fn dot(self, other: Self) -> I32x4 {
            I32x4(i32x4_dot_i16x8(self.0, other.0))
        }

        /// The even and the odd places of both.
        #[inline(always)]
        pub fn unzip(self, other: Self) -> (Self, Self) {
            (
                Self(i16x8_shuffle::<0, 2, 4, 6, 8, 10, 12, 14>(self.0, other.0)),
                Self(i16x8_shuffle::<1, 3, 5, 7, 9, 11, 13, 15>(self.0, other.0)),
            )
        }

        /// Four rows of four pairs, transposed.
        #[inline(always)]
        pub fn transpose_pairs([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            let (ab, cd) = (
                i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0),
                i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0),
            );
            let (ef, gh) = (
                i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0),
                i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0),
            );
            [
                Self(i64x2_shuffle::<0, 2>(ab, cd)),
                Self(i64x2_shuffle::<1, 3>(ab, cd)),
                Self(i64x2_shuffle::<0, 2>(ef, gh)),
                Self(i64x2_shuffle::<1, 3>(ef, gh)),
            ]
        }

        /// Both shifted right and as bytes, what is out of range clamped.
        #[inline(always)]
        pub fn shift_bytes<const BITS: u32>(self, other: Self) -> [[u8; 8]; 2] {
            let bytes = u8x16_narrow_i16x8(i16x8_shr(self.0, BITS), i16x8_shr(other.0, BITS));
            [
                u64x2_extract_lane::<0>(bytes).to_le_bytes(),
                u64x2_extract_lane::<1>(bytes).to_le_bytes(),
            ]
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

        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(i32x4_sub(self.0, other.0))
        }

        /// Both shifted right and as 16 bits, what is out of range clamped.
        #[inline(always)]
        pub fn shift_narrow<const BITS: u32>(self, other: Self) -> I16x8 {
            I16x8(i16x8_narrow_i32x4(i32x4_shr(self.0, BITS), i32x4_shr(other.0, BITS)))
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
        pub fn new(n: [i16; 8]) -> Self {
            Self(n)
        }

        #[inline(always)]
        pub fn to_array(self) -> [i16; 8] {
            self.0
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(from_fn(|n| self.0[n].wrapping_add(other.0[n])))
        }

        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(from_fn(|n| self.0[n].wrapping_sub(other.0[n])))
        }

        #[inline(always)]
        pub fn mul(self, other: Self) -> Self {
            Self(from_fn(|n| self.0[n].wrapping_mul(other.0[n])))
        }

        #[inline(always)]
        pub fn shift_left<const BITS: u32>(self) -> Self {
            Self(self.0.map(|n| n << BITS))
        }

        /// To the nearest, of ties the greater.
        #[inline(always)]
        pub fn shift_right_rounding<const BITS: u32>(self) -> Self {
            Self(self.0.map(|n| n.wrapping_add(1 << (BITS - 1)) >> BITS))
        }

        /// The first halves of both, their numbers in turn, and the second halves.
        #[inline(always)]
        pub fn zip(self, other: Self) -> (Self, Self) {
            let half = |start: usize| Self(from_fn(|n| if n % 2 == 0 { self } else { other }.0[start + n / 2]));
            (half(0), half(4))
        }

        /// The nearest integers, of ties the even ones, of the products with `factors`, whose magnitudes are below 2^22; what is out of
        /// range clamped.
        #[inline(always)]
        pub fn scale(self, factors: [f32; 8]) -> Self {
            // Adding 1.5 * 2^23 leaves a sum no fraction bits.
            const LARGE: f32 = 12_582_912.0;
            let round = |n: usize| {
                let sum = f32::from(self.0[n]) * factors[n] + LARGE;
                let integer = sum.to_bits().cast_signed() - LARGE.to_bits().cast_signed();
                integer.clamp(i16::MIN.into(), i16::MAX.into()) as i16
            };
            Self(from_fn(round))
        }

        /// For each pair of neighbours the sum of their products.
        #[inline(always)]
        pub fn dot(self, other: Self) -> I32x4 {
            let product = |n: usize| i32::from(self.0[n]) * i32::from(other.0[n]);
            I32x4(from_fn(|n| product(2 * n).wrapping_add(product(2 * n + 1))))
        }

        /// The even and the odd places of both.
        #[inline(always)]
        pub fn unzip(self, other: Self) -> (Self, Self) {
            let at = |n: usize| if n < 8 { self.0[n] } else { other.0[n - 8] };
            (Self(from_fn(|n| at(2 * n))), Self(from_fn(|n| at(2 * n + 1))))
        }

        /// Four rows of four pairs, transposed.
        #[inline(always)]
        pub fn transpose_pairs(rows: [Self; 4]) -> [Self; 4] {
            from_fn(|column| Self(from_fn(|n| rows[n / 2].0[column * 2 + n % 2])))
        }

        /// Both shifted right and as bytes, what is out of range clamped.
        #[inline(always)]
        pub fn shift_bytes<const BITS: u32>(self, other: Self) -> [[u8; 8]; 2] {
            [self, other].map(|eight| eight.0.map(|n| (n >> BITS).clamp(0, 255) as u8))
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

        #[inline(always)]
        pub fn sub(self, other: Self) -> Self {
            Self(from_fn(|n| self.0[n].wrapping_sub(other.0[n])))
        }

        /// Both shifted right and as 16 bits, what is out of range clamped.
        #[inline(always)]
        pub fn shift_narrow<const BITS: u32>(self, other: Self) -> I16x8 {
            let narrow = |n: i32| (n >> BITS).clamp(i16::MIN.into(), i16::MAX.into()) as i16;
            I16x8(from_fn(|n| narrow(if n < 4 { self.0[n] } else { other.0[n - 4] })))
        }
    }
}

impl I16x8 {
    /// Eight rows of eight, transposed.
    #[inline(always)]
    pub fn transpose(rows: [Self; 8]) -> [Self; 8] {
        // A number's place has six bits, three of the row and three of the column. One round turns them left by one.
        let round = |[a, b, c, d, e, f, g, h]: [Self; 8]| {
            let ((ae0, ae1), (bf0, bf1), (cg0, cg1), (dh0, dh1)) = (a.zip(e), b.zip(f), c.zip(g), d.zip(h));
            [ae0, ae1, bf0, bf1, cg0, cg1, dh0, dh1]
        };
        round(round(round(rows)))
    }
}
