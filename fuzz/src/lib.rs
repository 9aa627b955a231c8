//! Everything that reads what a request or an origin sends, as functions of bytes. A finding is a panic, an overflow, an
//! assertion that does not hold, or memory beyond the limit.
//!
//! The bodies stand here once. `fuzz_targets/` hands them to libFuzzer, which finds its way by coverage; `tests/` hands them
//! the seeds and some thousand of their [`mutation`]s on every run of the ordinary tests.
#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "a finding is a panic: this is how a target says that there is one"
)]

pub mod container;
pub mod jpeg_coefficients;
pub mod leak;
pub mod lossless_container;
pub mod mutation;
pub mod operations;
pub mod render;
pub mod signed_url;
pub mod source;
mod stored;
pub mod token;
pub mod trace;
pub mod vp8_levels;
pub mod webp_container;

/// What may be fuzzed: a name, which is also that of its folder of seeds, and what is done with an input.
pub struct Target {
    /// As in `cargo xtask fuzz --target NAME`.
    pub name: &'static str,
    /// Panics where there is a finding.
    pub run: fn(&[u8]),
}

/// All targets, by name.
pub const TARGETS: [Target; 12] = [
    Target {
        name: "container",
        run: container::run,
    },
    Target {
        name: "jpeg_coefficients",
        run: jpeg_coefficients::run,
    },
    Target {
        name: "leak",
        run: leak::run,
    },
    Target {
        name: "lossless_container",
        run: lossless_container::run,
    },
    Target {
        name: "operations",
        run: operations::run,
    },
    Target {
        name: "render",
        run: render::run,
    },
    Target {
        name: "signed_url",
        run: signed_url::run,
    },
    Target {
        name: "source",
        run: source::run,
    },
    Target {
        name: "token",
        run: token::run,
    },
    Target {
        name: "trace",
        run: trace::run,
    },
    Target {
        name: "vp8_levels",
        run: vp8_levels::run,
    },
    Target {
        name: "webp_container",
        run: webp_container::run,
    },
];

/// A small budget, so that an input is judged by what it makes us do and not by what we could do.
fn budget() -> imaging::Budget {
    imaging::Budget {
        pixel_bytes: 4 << 20,
        working_bytes: 32 << 20,
        output_side: 1024,
        output_pixels: 1 << 20,
        ..imaging::Budget::default()
    }
}
