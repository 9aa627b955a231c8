//! A folder served over HTTP: which file a path means, and nothing outside of it.
use crate::answer;
use http::{HeaderValue, Method, Response, header};
use percent_encoding::percent_decode_str;
use problem::Reason;
use std::io;
use std::path::{Path, PathBuf};
use wasmtime_wasi_http::WasiBody;

/// A folder whose files can be read by path. There is no listing, and no way out: not by dots, escapes or links.
pub struct Folder(PathBuf);

impl Folder {
    /// Takes an existing folder.
    pub fn new(path: &Path) -> io::Result<Self> {
        let root = path.canonicalize()?;
        if !root.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "not a folder"));
        }
        Ok(Self(root))
    }

    /// The file that a URL path means, percent-encoded as it is in the request; `None` where there is none to be had.
    pub fn file(&self, path: &str) -> Option<PathBuf> {
        let mut file = self.0.clone();
        for segment in path.strip_prefix('/')?.split('/') {
            let segment = percent_decode_str(segment).decode_utf8().ok()?;
            // Hidden files are hidden here too; `.` and `..` are among them. A slash or backslash can only come from an escape.
            if segment.is_empty() || segment.starts_with('.') || segment.contains(['/', '\\', ':', '\0']) {
                return None;
            }
            file.push(segment.as_ref());
        }
        // Links are followed, and must lead to a file inside.
        let file = file.canonicalize().ok()?;
        (file.starts_with(&self.0) && file.is_file()).then_some(file)
    }

    /// Answers GET and HEAD for a path below the folder.
    pub async fn answer(&self, method: &Method, path: &str) -> Response<WasiBody> {
        if method != Method::GET && method != Method::HEAD {
            let mut response = answer::problem(Reason::Method);
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let Some(file) = self.file(path) else {
            return answer::problem(Reason::NotFound);
        };
        match tokio::fs::read(&file).await {
            Ok(contents) => answer::with_type(contents, media_type(&file)),
            Err(_) => answer::problem(Reason::NotFound),
        }
    }

    /// The pictures directly in the folder, by name.
    pub fn pictures(&self) -> io::Result<Vec<String>> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| media_type(Path::new(name)).starts_with("image/") && !name.starts_with('.'))
            .collect();
        names.sort();
        Ok(names)
    }
}

fn media_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("webp") => "image/webp",
        Some("svg") => "image/svg+xml",
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::fs;

    fn scratch(name: &str) -> (Scratch, Folder) {
        let scratch = Scratch::new(name);
        let root = scratch.path().join("root");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::write(scratch.path().join("secret.jpg"), "outside").unwrap();
        for file in ["a.jpg", "with space.png", "sub/b.webp", ".hidden.jpg", "notes.txt"] {
            fs::write(root.join(file), file).unwrap();
        }
        let folder = Folder::new(&root).unwrap();
        (scratch, folder)
    }

    #[test]
    fn finds_files_below_the_folder() {
        let (_scratch, folder) = scratch("folder-finds");
        for path in ["/a.jpg", "/%61.jpg", "/with%20space.png", "/sub/b.webp"] {
            assert!(folder.file(path).is_some(), "{path}");
        }
        assert_eq!(folder.pictures().unwrap(), ["a.jpg", "with space.png"]);
    }

    #[test]
    fn there_is_no_way_out() {
        let (scratch, folder) = scratch("folder-out");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(scratch.path().join("secret.jpg"), folder.0.join("link.jpg")).unwrap();
            std::os::unix::fs::symlink(scratch.path(), folder.0.join("up")).unwrap();
            std::os::unix::fs::symlink("a.jpg", folder.0.join("inside.jpg")).unwrap();
            assert!(folder.file("/inside.jpg").is_some());
        }
        for path in [
            "",
            "/",
            "a.jpg",
            "/sub",
            "/sub/",
            "/missing.jpg",
            "/../secret.jpg",
            "/%2e%2e/secret.jpg",
            "/sub/../../secret.jpg",
            "/..%2fsecret.jpg",
            "/sub%2fb.webp",
            "/.hidden.jpg",
            "/./a.jpg",
            "//a.jpg",
            "/a.jpg%00",
            "/..\\secret.jpg",
            "/link.jpg",
            "/up/secret.jpg",
            "/%ff.jpg",
            "/etc/passwd",
            "//etc/passwd",
        ] {
            assert_eq!(folder.file(path), None, "{path}");
        }
    }

    #[tokio::test]
    async fn only_reading_is_answered() {
        let (_scratch, folder) = scratch("folder-reads");
        assert_eq!(
            folder.answer(&Method::GET, "/a.jpg").await.headers()["content-type"],
            "image/jpeg"
        );
        assert_eq!(folder.answer(&Method::HEAD, "/a.jpg").await.status(), 200);
        assert_eq!(folder.answer(&Method::POST, "/a.jpg").await.status(), 405);
        assert_eq!(folder.answer(&Method::GET, "/b.jpg").await.status(), 404);
    }
}
