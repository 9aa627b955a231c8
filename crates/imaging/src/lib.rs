//! Decode, transform, mark and encode: a list of named steps.
