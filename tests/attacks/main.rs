//! Attacks on the real host, over real HTTP: a file per row of `docs/THREATS.md`, named after the row.
//!
//! Rows that need nothing of their own share a host per group. After each of them that host must still be healthy and must
//! not have reported a failed request; at the end of a group nothing that it printed or stored may hold a signature or a
//! secret.

mod accounts;
mod document;
mod pictures;
mod target;
mod tokens;

mod a01_a02_a03_guessed_keys;
mod a04_naming_another_client;
mod a05_rewriting_the_log;
mod h01_who_may_keep;
mod h02_unkeyed_inputs;
mod h03_cache_deception;
mod h04_reflection;
mod h05_smuggling;
mod h06_enumeration;
mod h07_unknown_or_wrong;
mod h09_mass_assignment;
mod h10_other_clients;
mod h11_error_bodies;
mod h12_security_headers;
mod i01_pixel_flood;
mod i02_compression_bombs;
mod i03_frames;
mod i04_time_bombs;
mod i05_output_bombs;
mod i06_truncation_and_bit_flips;
mod i07_polyglots;
mod i08_i09_foreign_formats;
mod i10_i11_metadata;
mod i12_odd_shapes;
mod i13_native_and_wasm;
mod i14_retirement;
mod j01_j02_j03_j04_j05_j06_j07_j08_j10_j11_one_shot_tokens;
mod j09_tokens_of_changed_clients;
mod k01_k02_store_down;
mod k03_audit_away;
mod k04_unreadable_records;
mod k05_idle_connections;
mod k06_cheap_refusals;
mod k07_overload;
mod k08_slow_store_and_flapping_origin;
mod k09_kill_during_claims;
mod k10_full_disk;
mod k11_trap;
mod l01_canary;
mod l02_log_injection;
mod l03_stolen_store;
mod l04_master_key_rotation;
mod l06_randomness;
mod l07_what_failures_print;
mod l08_strings_of_the_component;
mod n01_n02_n04_forged_addresses;
mod n03_n08_forwarded_chains;
mod n05_n07_spellings_of_addresses;
mod n06_networks;
mod o01_o02_o03_o08_special_addresses;
mod o05_redirects;
mod o06_other_schemes_and_ports;
mod o07_object_keys;
mod o09_failing_origins;
mod o10_slow_and_lying_origins;
mod o11_nothing_forwarded;
mod o12_retry_storms;
mod o13_referers;
mod r04_r05_conditions_and_aborts;
mod r06_identifiers_of_a_use;
mod r11_r12_sent_again;
mod s01_s02_spellings_of_a_signature;
mod s03_s04_extensions_and_weak_keys;
mod s05_timing;
mod s06_other_purposes;
mod s07_rotation;
mod s08_downgrade;
mod s09_no_oracle;
mod t01_t02_expiry_forms;
mod t03_t05_lifetime;
mod t04_t06_boundaries;
mod t07_clocks_and_the_janitor;
mod t08_expiry_during_download;
mod u01_any_byte;
mod u02_u03_encodings;
mod u04_u05_segments;
mod u06_u08_parameters;
mod u07_order;
mod u09_u10_moved_bytes;
mod u11_unicode;
mod u12_targets_and_hosts;
mod u13_length;
mod u14_route_bypass;
mod u15_methods;
mod u16_other_project;
mod u17_presets_and_lists;
mod w05_kept_renditions;

use anyhow::Result;
use target::{group, group_behind_proxy, group_on_redis};

#[test]
fn urls() -> Result<()> {
    group(&[
        ("U1", u01_any_byte::attack),
        ("U2, U3", u02_u03_encodings::attack),
        ("U4, U5", u04_u05_segments::attack),
        ("U6, U8", u06_u08_parameters::attack),
        ("U7", u07_order::attack),
        ("U9, U10", u09_u10_moved_bytes::attack),
        ("U11", u11_unicode::attack),
        ("U12", u12_targets_and_hosts::attack),
        ("U13", u13_length::attack),
        ("U14", u14_route_bypass::attack),
        ("U15", u15_methods::attack),
        ("U16", u16_other_project::attack),
        ("U17", u17_presets_and_lists::attack),
    ])
}

#[test]
fn signatures_and_times() -> Result<()> {
    group(&[
        ("S1, S2", s01_s02_spellings_of_a_signature::attack),
        ("S3, S4", s03_s04_extensions_and_weak_keys::attack),
        ("S5", s05_timing::attack),
        ("S6", s06_other_purposes::attack),
        ("S7", s07_rotation::attack),
        ("S8", s08_downgrade::attack),
        ("S9", s09_no_oracle::attack),
        ("T1, T2", t01_t02_expiry_forms::attack),
        ("T3, T5", t03_t05_lifetime::attack),
        ("T4, T6", t04_t06_boundaries::attack),
        ("T8", t08_expiry_during_download::attack),
        ("R6", r06_identifiers_of_a_use::attack),
        (
            "J1 to J11",
            j01_j02_j03_j04_j05_j06_j07_j08_j10_j11_one_shot_tokens::attack,
        ),
    ])
}

#[test]
fn addresses_and_http() -> Result<()> {
    group(&[
        ("N1, N2, N4", n01_n02_n04_forged_addresses::attack),
        ("N5, N7", n05_n07_spellings_of_addresses::attack),
        ("H1", h01_who_may_keep::attack),
        ("H2", h02_unkeyed_inputs::attack),
        ("H3", h03_cache_deception::attack),
        ("H4", h04_reflection::attack),
        ("H5", h05_smuggling::attack),
        ("H6", h06_enumeration::attack),
        ("H11", h11_error_bodies::attack),
        ("H12", h12_security_headers::attack),
        ("L2", l02_log_injection::attack),
        ("L8", l08_strings_of_the_component::attack),
        ("L3", l03_stolen_store::attack),
        ("L4", l04_master_key_rotation::attack),
        ("L6", l06_randomness::attack),
    ])
}

#[test]
fn origins() -> Result<()> {
    group(&[
        ("O1, O2, O3, O8", o01_o02_o03_o08_special_addresses::attack),
        ("O5", o05_redirects::attack),
        ("O6", o06_other_schemes_and_ports::attack),
        ("O7", o07_object_keys::attack),
        ("O9", o09_failing_origins::attack),
        ("O10", o10_slow_and_lying_origins::attack),
        ("O11", o11_nothing_forwarded::attack),
        ("O12", o12_retry_storms::attack),
        ("O13", o13_referers::attack),
    ])
}

#[test]
fn images() -> Result<()> {
    group(&[
        ("I1", i01_pixel_flood::attack),
        ("I2", i02_compression_bombs::attack),
        ("I3", i03_frames::attack),
        ("I4", i04_time_bombs::attack),
        ("I5", i05_output_bombs::attack),
        ("I6", i06_truncation_and_bit_flips::attack),
        ("I7", i07_polyglots::attack),
        ("I8, I9", i08_i09_foreign_formats::attack),
        ("I10, I11", i10_i11_metadata::attack),
        ("I12", i12_odd_shapes::attack),
        ("I13", i13_native_and_wasm::attack),
        ("I14", i14_retirement::attack),
    ])
}

#[test]
fn marks() -> Result<()> {
    group(&[("W5", w05_kept_renditions::attack)])
}

#[test]
fn outages() -> Result<()> {
    group(&[
        ("K4", k04_unreadable_records::attack),
        ("K6", k06_cheap_refusals::attack),
        ("K7", k07_overload::attack),
        ("K9", k09_kill_during_claims::attack),
        ("K10", k10_full_disk::attack),
        ("K11", k11_trap::attack),
        ("R4, R5", r04_r05_conditions_and_aborts::attack),
    ])
}

#[test]
fn accountability() -> Result<()> {
    group(&[
        ("A4", a04_naming_another_client::attack),
        ("A5", a05_rewriting_the_log::attack),
        ("H9", h09_mass_assignment::attack),
        ("K3", k03_audit_away::attack),
    ])
}

#[test]
fn accounts() -> Result<()> {
    group_behind_proxy(&[
        ("A1, A2, A3", a01_a02_a03_guessed_keys::attack),
        ("H6, H10", h10_other_clients::attack),
        ("H7", h07_unknown_or_wrong::attack),
        ("J9", j09_tokens_of_changed_clients::attack),
        ("R11, R12", r11_r12_sent_again::attack),
        ("L7", l07_what_failures_print::attack),
    ])
}

#[test]
fn idle_connections() -> Result<()> {
    group(&[("K5", k05_idle_connections::attack)])
}

#[test]
fn outages_of_redis() -> Result<()> {
    group_on_redis(&[
        ("K1, K2", k01_k02_store_down::attack),
        ("K8", k08_slow_store_and_flapping_origin::attack),
    ])
}
