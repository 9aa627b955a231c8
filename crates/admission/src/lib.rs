//! Rate windows: who may ask how often.
