//! I7: files that are a picture and something else.

use crate::pictures::{chunk, contains, file, with_segments};
use crate::target::{FAILED, Target, refused};
use anyhow::{Context, Result, ensure};
use image::ImageFormat;

const FOREIGN: [&[u8]; 5] = [
    b"PK\x03\x04 canary.class",
    b"<script>canary()</script>",
    b"%PDF-1.7 canary",
    b"<?php canary(); ?>",
    b"#!/bin/sh canary",
];

pub fn attack(target: &Target) -> Result<()> {
    for foreign in FOREIGN {
        let (jpeg, png, webp) = (
            file(ImageFormat::Jpeg)?,
            file(ImageFormat::Png)?,
            file(ImageFormat::WebP)?,
        );
        let text = chunk(b"tEXt", &[b"Comment\0", foreign].concat());
        let inside = [&png[..33], &text, &png[33..]].concat();
        for (name, bytes) in [
            ("after.jpg", [&jpeg, foreign].concat()),
            (
                "comment.jpg",
                with_segments(&jpeg, &[(0xfe, foreign.to_vec()), (0xe5, foreign.to_vec())]),
            ),
            ("after.png", [&png, foreign].concat()),
            ("text.png", inside),
            ("after.webp", [&webp, foreign].concat()),
        ] {
            for (operations, media_type) in [
                ("_", None),
                ("w_96,f_jpeg", Some("image/jpeg")),
                ("w_96,f_png", Some("image/png")),
                ("w_96,f_webp", Some("image/webp")),
            ] {
                let reply = target.render(operations, name, &bytes)?;
                ensure!(reply.status == 200, "{name}: {}", reply.status);
                ensure!(!contains(&reply.body, b"canary"), "{name} {operations} carries it on");
                ensure!(reply.header("x-content-type-options") == Some("nosniff"));
                ensure!(
                    media_type.is_none() || reply.header("content-type") == media_type,
                    "{name} {operations}"
                );
            }
        }
        // A picture that starts as something else is none.
        let reply = target.render("_", "before", &[foreign, &jpeg].concat())?;
        refused(&reply, 415, FAILED).context("before")?;
    }
    target.rejects("script.gif", b"GIF89a/*\0\0\0\0*/=1;alert(1)//", 422)
}
