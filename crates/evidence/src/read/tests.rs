//! From a photograph to an accusation.

use super::*;
use accusation::{Rule, Verdict, accuse};
use chips::webp;
use distortion::{Picture, named};
use fingerprint::{Code, Variant};
use jpeg::{Pixels, Process, Sampling};
use registration::{Plane, Reference};
use watermark::{Fragile, KeyTag, Kind, MarkKey, Payload, Subject};

const QUALITY: u8 = 85;

/// A photograph of the demo at the usual size.
fn photograph(name: &str) -> Picture {
    let path = format!("{}/../../static/photos/{name}.jpg", env!("CARGO_MANIFEST_DIR"));
    let image = image::open(path).unwrap().into_rgb8();
    let picture = Picture::new(image.width() as usize, image.height() as usize, image.into_raw()).unwrap();
    picture.resized(800, 600).unwrap()
}

/// Puts a client's symbols and fragile mark into a container.
type Mark = Box<dyn Fn(&[bool], &Fragile) -> Vec<u8>>;

/// A rendition with its chips, and everybody's copies of it.
struct Marked {
    code: Code,
    rendition: Rendition,
    reference: Reference,
    mark: Mark,
}

impl Marked {
    fn jpeg(picture: &Picture) -> Self {
        Self::jpeg_as(Process::Baseline, picture)
    }

    fn jpeg_as(process: Process, picture: &Picture) -> Self {
        let (width, height) = (picture.width as u16, picture.height as u16);
        let spectrum = jpeg::spectrum(Pixels::Rgb(&picture.rgb), width, height, QUALITY, Sampling::Yuv420).unwrap();
        let container = chips::prepare_as(process, spectrum, &key()).unwrap();
        let rendition = Rendition::of(&container).unwrap();
        let named = (container.variant(), container.chips());
        Self::new(rendition, named, move |symbols, fragile| {
            container.mark(symbols, fragile).unwrap()
        })
    }

    fn webp(picture: &Picture) -> Self {
        let sides = (picture.width as u16, picture.height as u16);
        let container = webp::prepare(vp8::Pixels::Rgb(&picture.rgb), sides, 80, &key()).unwrap();
        let rendition = Rendition::of_webp(&container, 1 << 24, |file| Some(plane(&decoded(file)))).unwrap();
        let named = (container.variant(), container.chips());
        Self::new(rendition, named, move |symbols, fragile| {
            container.mark(symbols, fragile).unwrap()
        })
    }

    fn png(picture: &Picture) -> Self {
        Self::lossless(picture, |picture| lossless::prepare(picture).unwrap())
    }

    fn lossless_webp(picture: &Picture) -> Self {
        Self::lossless(picture, |picture| lossless::prepare_webp(&picture).unwrap().unwrap())
    }

    fn lossless(picture: &Picture, prepare: impl Fn(lossless::Picture) -> lossless::Container) -> Self {
        let (width, height) = (picture.width as u32, picture.height as u32);
        let picture = lossless::Picture::new(width, height, 3, picture.rgb.clone()).unwrap();
        let container = prepare(picture);
        let rendition = Rendition::of_lossless(&container).unwrap();
        let named = (container.variant(), container.chips());
        Self::new(rendition, named, move |symbols, fragile| {
            container.mark(symbols, fragile).unwrap()
        })
    }

    fn new(
        rendition: Rendition,
        (variant, chips): (Variant, usize),
        mark: impl Fn(&[bool], &Fragile) -> Vec<u8> + 'static,
    ) -> Self {
        assert_eq!(rendition.chips(), chips);
        Self {
            code: Code::new(&key(), &variant),
            reference: Reference::new(rendition.plane().clone()),
            rendition,
            mark: Box::new(mark),
        }
    }

    /// The file that a client gets, as pixels.
    fn copy(&self, client: Subject) -> Picture {
        let recipe = self.code.recipe(self.rendition.chips());
        let symbols = self.code.codeword(&recipe, &client, &[9; 8]);
        decoded(&(self.mark)(&symbols, &key().seal(&payload(client))))
    }

    fn search(&self, leak: &Picture, everybody: &[Subject]) -> Option<Verdict> {
        self.search_with(leak, None, everybody)
    }

    fn search_with(&self, leak: &Picture, file: Option<&Coded>, everybody: &[Subject]) -> Option<Verdict> {
        let leak = plane(leak);
        let registration = self.reference.register(&leak)?;
        let soft = read(&self.rendition, &self.reference.align(&leak, &registration)?, file)?;
        let recipe = self.code.recipe(self.rendition.chips());
        Some(accuse(
            &self.code,
            &recipe,
            &soft,
            everybody,
            &Rule::new(1_000_000, 1),
            &|_| (),
        ))
    }
}

fn key() -> MarkKey {
    MarkKey::new([7; 32])
}

fn payload(client: Subject) -> Payload {
    Payload {
        kind: Kind::SignedUrl,
        subject: client,
        key: KeyTag::of("pk_test"),
        reference: [9; 8],
        time: 0,
    }
}

fn decoded(file: &[u8]) -> Picture {
    let image = image::load_from_memory(file).unwrap().into_rgb8();
    Picture::new(image.width() as usize, image.height() as usize, image.into_raw()).unwrap()
}

fn plane(picture: &Picture) -> Plane {
    Plane::from_rgb(picture.width, picture.height, &picture.rgb).unwrap()
}

fn clients() -> Vec<Subject> {
    (0..300)
        .map(|client| Subject::of(&format!("client {client}")))
        .collect()
}

/// Who the leaks of client 7 accuse, after each distortion.
fn accused_after(marked: &Marked, distortions: &[&str]) {
    let everybody = clients();
    let copy = marked.copy(everybody[7]);
    for name in distortions {
        let leak = named(name).unwrap().apply(&copy).unwrap();
        let verdict = marked.search(&leak, &everybody).unwrap();
        let accused: Vec<usize> = verdict.accused.iter().map(|accused| accused.subject).collect();
        assert_eq!(accused, [7], "{name}: {verdict:?}");
    }
}

#[test]
fn distorted_leaks_name_their_client() {
    let [casa, otters] = ["casa-mila", "oakland-zoo-otters"].map(|photo| Marked::jpeg(&photograph(photo)));
    accused_after(&casa, &["jpeg10", "rot5_crop_j75", "gamma0.7"]);
    accused_after(&otters, &["crop90", "resize25", "screenshot_page"]);
}

#[test]
fn distorted_leaks_of_progressive_files_name_their_client() {
    let marked = Marked::jpeg_as(Process::Progressive, &photograph("tea-gardens"));
    accused_after(&marked, &["jpeg30", "crop75", "resize50"]);
}

#[test]
fn distorted_leaks_of_webp_name_their_client() {
    let [tea, otters] = ["tea-gardens", "oakland-zoo-otters"].map(|photo| Marked::webp(&photograph(photo)));
    accused_after(&tea, &["jpeg30", "rot5_crop_j75", "webp50"]);
    accused_after(&otters, &["crop50", "resize50", "screenshot_page"]);
}

#[test]
fn distorted_leaks_of_lossless_pictures_name_their_client() {
    let (casa, otters) = (photograph("casa-mila"), photograph("oakland-zoo-otters"));
    accused_after(&Marked::png(&casa), &["jpeg30", "rot5_crop_j75", "webp50"]);
    accused_after(&Marked::png(&otters), &["crop75", "resize25", "screenshot_page"]);
    accused_after(&Marked::lossless_webp(&casa), &["crop75", "resize25", "webp50"]);
    accused_after(
        &Marked::lossless_webp(&otters),
        &["jpeg30", "rot5_crop_j75", "screenshot_page"],
    );
}

#[test]
fn the_file_of_a_coarse_webp_says_more_than_its_pixels() {
    let everybody = clients();
    let marked = Marked::jpeg(&photograph("tea-gardens"));
    let copy = marked.copy(everybody[7]);
    // Whole, and cut so that no block of either codec lies on one of the other.
    let (width, height) = (copy.width - 150, copy.height - 87);
    let row = |y: usize| &copy.rgb[((y + 41) * copy.width + 83) * 3..][..width * 3];
    let cut = Picture::new(width, height, (0..height).flat_map(row).copied().collect()).unwrap();
    for (leak, quality) in [(&copy, 20), (&cut, 30)] {
        let pixels = vp8::Pixels::Rgb(&leak.rgb);
        let file = vp8::encode(pixels, leak.width as u16, leak.height as u16, quality).unwrap();
        let coded = Coded::of(&file, 1 << 20).unwrap();
        let bound = |coded| {
            let verdict = marked.search_with(&decoded(&file), coded, &everybody).unwrap();
            let [accused] = verdict.accused.as_slice() else {
                panic!("{verdict:?}");
            };
            assert_eq!(accused.subject, 7);
            accused.log10
        };
        let (by_file, by_pixels) = (bound(Some(&coded)), bound(None));
        assert!(by_file < 1.5 * by_pixels, "{by_file} {by_pixels}");
    }
    // A file of other pixels than those that leaked says nothing, and accuses nobody.
    let other = photograph("oakland-zoo-otters");
    let other = vp8::encode(vp8::Pixels::Rgb(&other.rgb), 800, 600, 20).unwrap();
    let verdict = marked.search_with(&decoded(&other), Coded::of(&other, 1 << 20).as_ref(), &everybody);
    assert!(verdict.is_none_or(|verdict| verdict.accused.is_empty()));
    assert!(Coded::of(&other, 800 * 600 - 1).is_none() && Coded::of(&other[..5000], 1 << 20).is_none());
}

#[test]
fn a_coalition_is_named_and_nobody_else() {
    let everybody = clients();
    let marked = Marked::jpeg(&photograph("oakland-zoo-otters"));
    let copies: Vec<Picture> = [3, 50, 200]
        .iter()
        .map(|&client| marked.copy(everybody[client]))
        .collect();
    let mix = |sample: fn([u8; 3]) -> u8| {
        let rgb = (0..copies[0].rgb.len()).map(|at| sample(std::array::from_fn(|copy| copies[copy].rgb[at])));
        Picture::new(copies[0].width, copies[0].height, rgb.collect()).unwrap()
    };
    let average = mix(|[a, b, c]| ((u16::from(a) + u16::from(b) + u16::from(c)) / 3) as u8);
    let median = mix(|[a, b, c]| a.max(b).min(a.min(b).max(c)));
    for (name, leak) in [("average", average), ("median", median)] {
        let recompressed = named("jpeg75").unwrap().apply(&leak).unwrap();
        let verdict = marked.search(&recompressed, &everybody).unwrap();
        let mut accused: Vec<usize> = verdict.accused.iter().map(|accused| accused.subject).collect();
        accused.sort_unstable();
        assert_eq!(accused, [3, 50, 200], "{name}: {verdict:?}");
    }
}

#[test]
fn nobody_is_accused_of_what_nobody_leaked() {
    let everybody = clients();
    let photo = photograph("casa-mila");
    let marked = Marked::jpeg(&photo);
    let unmarked = jpeg::transform(Pixels::Rgb(&photo.rgb), 800, 600, QUALITY, Sampling::Yuv420).unwrap();
    let unmarked = decoded(&jpeg::encode(&unmarked).unwrap());
    let other = photograph("oakland-zoo-otters");
    for leak in [
        &photo,
        &unmarked,
        &named("jpeg50").unwrap().apply(&unmarked).unwrap(),
        &other,
    ] {
        if let Some(verdict) = marked.search(leak, &everybody) {
            assert_eq!(verdict.accused, []);
        }
    }
}
