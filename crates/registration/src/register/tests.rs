use super::*;
use crate::Sketch;
use distortion::{Picture, named};

const WIDTH: usize = 480;
const HEIGHT: usize = 360;

/// Discs of all sizes and tones, one over the other: edges, corners and flat parts, the same for every `seed`.
fn discs(seed: u64, count: usize) -> Picture {
    let mut state = seed;
    let mut draw = move |end: f64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1_u64 << 24) as f64 * end
    };
    let discs: Vec<[f64; 4]> = (0..count)
        .map(|_| {
            [
                draw(WIDTH as f64),
                draw(HEIGHT as f64),
                3.0 + draw(1.0).powi(4) * 80.0,
                20.0 + draw(215.0),
            ]
        })
        .collect();
    let mut rgb = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for at in 0..WIDTH * HEIGHT {
        let (x, y) = ((at % WIDTH) as f64, (at / WIDTH) as f64);
        // Edges two pixels wide, as a lens makes them.
        let tone = discs.iter().fold(120.0, |below, [cx, cy, radius, tone]| {
            let cover = ((radius - (x - cx).hypot(y - cy)) / 2.0 + 0.5).clamp(0.0, 1.0);
            below + cover * (tone - below)
        });
        rgb.extend([tone as u8; 3]);
    }
    Picture::new(WIDTH, HEIGHT, rgb).unwrap()
}

fn plane(picture: &Picture) -> Plane {
    Plane::from_rgb(picture.width, picture.height, &picture.rgb).unwrap()
}

fn crop(left: f64, top: f64) -> Homography {
    Homography::shift(-left, -top)
}

#[test]
fn a_leak_is_placed_to_a_tenth_of_a_pixel() {
    let picture = discs(1, 400);
    let reference = Reference::new(plane(&picture));
    let middle = [(WIDTH - 1) as f64 / 2.0, (HEIGHT - 1) as f64 / 2.0];
    let turn = |degrees: f64| {
        let (sin, cos) = f64::to_radians(degrees).sin_cos();
        Homography::shift(middle[0], middle[1])
            .after(&Homography([cos, sin, 0.0, -sin, cos, 0.0, 0.0, 0.0, 1.0]))
            .after(&Homography::shift(-middle[0], -middle[1]))
    };
    let page = Homography::shift(83.0, 97.0).after(&Homography::scale(0.8, 0.8));
    for (name, mirrored, truth) in [
        ("none", false, Homography::IDENTITY),
        ("jpeg30", false, Homography::IDENTITY),
        ("noise10", false, Homography::IDENTITY),
        ("gamma0.7", false, Homography::IDENTITY),
        ("flip", true, Homography::IDENTITY),
        ("resize50", false, Homography::scale(0.5, 0.5)),
        ("resize150", false, Homography::scale(1.5, 1.5)),
        ("resize25", false, Homography::scale(0.25, 0.25)),
        ("rot5", false, turn(5.0)),
        ("rot15", false, turn(15.0)),
        ("screenshot_page", false, page),
        ("crop50", false, crop(53.0, 61.0)),
        ("crop75", false, crop(89.0, 105.0)),
    ] {
        let leak = plane(&named(name).unwrap().apply(&picture).unwrap());
        let found = reference.register(&leak).unwrap_or_else(|| panic!("{name}: nothing"));
        assert_eq!(found.mirrored, mirrored, "{name}");
        // In pixels of the rendition, at its corners; those of a crop are far from where it says anything.
        let step = truth.magnification(WIDTH, HEIGHT);
        let error = found.map.distance(&truth, WIDTH, HEIGHT) / step;
        assert!(
            error < if name == "resize25" { 0.2 } else { 0.1 },
            "{name}: {error} {found:?}"
        );
        assert!(found.likeness > 0.75, "{name}: {found:?}");
        assert!(
            reference.align(&leak, &found).unwrap().mask.count() > WIDTH * HEIGHT / 5,
            "{name}"
        );
    }
}

#[test]
fn a_symmetric_picture_is_not_confused_with_its_mirror_image() {
    // Nearly all points pair as well with the wrong side.
    let one_side = discs(5, 400);
    let sample = |at: usize| {
        let (x, y, channel) = (at / 3 % WIDTH, at / 3 / WIDTH, at % 3);
        let across = if y > HEIGHT / 8 { x.min(WIDTH - 1 - x) } else { x };
        one_side.rgb[(y * WIDTH + across) * 3 + channel]
    };
    let both = Picture::new(WIDTH, HEIGHT, (0..one_side.rgb.len()).map(sample).collect()).unwrap();
    let reference = Reference::new(plane(&both));
    let leak = plane(&named("flip").unwrap().apply(&both).unwrap());
    let found = reference.register(&leak).unwrap();
    assert!(found.mirrored && found.likeness > 0.99, "{found:?}");
}

#[test]
fn perspective_is_undone() {
    let picture = discs(2, 400);
    let reference = Reference::new(plane(&picture));
    let leak = plane(&named("persp3_j80").unwrap().apply(&picture).unwrap());
    let found = reference.register(&leak).unwrap();
    assert!(found.likeness > 0.97, "{found:?}");
}

#[test]
fn where_nothing_stands_out_the_leak_is_slid_into_place() {
    // Nothing but soft hills: no points for the features to hold on to.
    let hills = Plane::new(
        WIDTH,
        HEIGHT,
        (0..WIDTH * HEIGHT)
            .map(|at| {
                let (x, y) = ((at % WIDTH) as f32, (at / WIDTH) as f32);
                128.0 + 40.0 * (x / 61.0 + y / 140.0).sin() + 40.0 * (y / 47.0 - x / 200.0).cos() + x * y / 4000.0
            })
            .collect(),
    )
    .unwrap();
    let (left, top, width, height) = (120, 80, 260, 200);
    let leak = Plane::new(
        width,
        height,
        (0..width * height)
            .map(|at| hills.at((left + at % width).cast_signed(), (top + at / width).cast_signed()))
            .collect(),
    )
    .unwrap();
    let found = Reference::new(hills).register(&leak).unwrap();
    assert!(
        found.map.distance(&crop(left as f64, top as f64), WIDTH, HEIGHT) < 0.3,
        "{found:?}"
    );
}

#[test]
fn another_picture_is_not_alike() {
    let reference = Reference::new(plane(&discs(1, 400)));
    let found = reference.register(&plane(&discs(3, 400)));
    assert!(found.is_none_or(|found| found.likeness < 0.3), "{found:?}");
}

#[test]
fn a_sketch_tells_pictures_apart() {
    let sketch = |picture: &Picture| Sketch::new(&plane(picture));
    let pictures: Vec<Picture> = (1..4).map(|seed| discs(seed, 400)).collect();
    for name in ["crop75", "rot15", "resize50", "screenshot_page"] {
        let leak = sketch(&named(name).unwrap().apply(&pictures[1]).unwrap());
        let agreeing: Vec<usize> = pictures
            .iter()
            .map(|picture| sketch(picture).agreement(&leak))
            .collect();
        assert!(
            agreeing[1] >= 12 && agreeing[1] > 2 * agreeing[0].max(agreeing[2]),
            "{name}: {agreeing:?}"
        );
    }
}

#[test]
fn tiny_and_plain_leaks_are_not_found() {
    let reference = Reference::new(plane(&discs(1, 100)));
    for (width, height) in [(1, 1), (7, 300), (40, 30), (300, 200)] {
        let plain = Plane::new(width, height, vec![90.0; width * height]).unwrap();
        assert!(
            reference.register(&plain).is_none_or(|found| found.likeness < 0.3),
            "{width}x{height}"
        );
    }
    let plain = Reference::new(Plane::new(64, 64, vec![10.0; 64 * 64]).unwrap());
    assert!(
        plain
            .register(&plane(&discs(1, 100)))
            .is_none_or(|found| found.likeness < 0.3)
    );
}
