//! WebP lossy (VP8 key frames) at coefficient level.
