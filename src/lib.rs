//! The image component.
