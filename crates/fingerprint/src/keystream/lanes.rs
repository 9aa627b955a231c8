//! Four 32-bit words in one register: Wasm's SIMD, and the same in plain Rust, against which the rest is tested.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use simd128::Lanes;

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use portable::Lanes;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use core::arch::wasm32::*;

    #[derive(Clone, Copy)]
    pub struct Lanes(v128);

    impl Lanes {
        #[inline(always)]
        pub fn splat(word: u32) -> Self {
            Self(u32x4_splat(word))
        }

        /// A number and the three after it.
        #[inline(always)]
        pub fn counting(first: u32) -> Self {
            Self(u32x4_add(u32x4_splat(first), u32x4(0, 1, 2, 3)))
        }

        #[inline(always)]
        pub fn add(self, other: Self) -> Self {
            Self(u32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// To the left.
        #[inline(always)]
        pub fn rotate<const BITS: u32>(self) -> Self {
            Self(v128_or(u32x4_shl(self.0, BITS), u32x4_shr(self.0, 32 - BITS)))
        }

        /// The four words of each lane, as bytes with the lowest first.
        #[inline(always)]
        pub fn transpose([a, b, c, d]: [Self; 4]) -> [[u8; 16]; 4] {
            let zip = |a, b| (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b));
            let ((ab, ab_high), (cd, cd_high)) = (zip(a.0, b.0), zip(c.0, d.0));
            let of_pairs = |ab, cd| [i64x2_shuffle::<0, 2>(ab, cd), i64x2_shuffle::<1, 3>(ab, cd)];
            let ([first, second], [third, fourth]) = (of_pairs(ab, cd), of_pairs(ab_high, cd_high));
            [first, second, third, fourth].map(|words| {
                let halves = [u64x2_extract_lane::<0>(words), u64x2_extract_lane::<1>(words)];
                // Becomes one store.
                std::array::from_fn(|i| (halves[i / 8] >> (i % 8 * 8)) as u8)
            })
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    #[derive(Clone, Copy)]
    pub struct Lanes([u32; 4]);

    impl Lanes {
        pub fn splat(word: u32) -> Self {
            Self([word; 4])
        }

        pub fn counting(first: u32) -> Self {
            Self([0, 1, 2, 3].map(|n| first.wrapping_add(n)))
        }

        pub fn add(self, other: Self) -> Self {
            Self(std::array::from_fn(|i| self.0[i].wrapping_add(other.0[i])))
        }

        pub fn xor(self, other: Self) -> Self {
            Self(std::array::from_fn(|i| self.0[i] ^ other.0[i]))
        }

        pub fn rotate<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word.rotate_left(BITS)))
        }

        pub fn transpose(words: [Self; 4]) -> [[u8; 16]; 4] {
            std::array::from_fn(|lane| std::array::from_fn(|i| words[i / 4].0[lane].to_le_bytes()[i % 4]))
        }
    }
}
