//! JPEG at coefficient level: forward transform, entropy coding, reading coefficients back.
