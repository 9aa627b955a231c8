use serde::{Deserialize, Serialize};

/// An origin of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OriginRecord {
    /// A web server.
    Https {
        /// Scheme, host, where it is not the usual one port, and perhaps a path that all originals are below.
        url: String,
    },
    /// A bucket of an S3-compatible object store.
    S3 {
        /// Scheme, host and where it is not the usual one port.
        endpoint: String,
        /// The region that requests are signed for.
        region: String,
        /// The bucket.
        bucket: String,
        /// The start of all keys: empty, or ending in a slash.
        #[serde(default)]
        prefix: String,
        /// Where the bucket's name stands in an address.
        style: BucketStyle,
        /// The public half of the access key.
        access_key_id: String,
        /// The secret half, sealed for [`crate::ProjectRecord::place_of`].
        secret: String,
    },
}

/// Where a bucket's name stands in the address of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BucketStyle {
    /// First in the path.
    Path,
    /// Before the host.
    VirtualHost,
}

#[cfg(test)]
mod tests {
    use crate::{BucketStyle, Error, OriginRecord, ProjectRecord};

    const STORED: &str = r#"{"v":1,"id":"prj_1","slug":"demo","referers":[],"allow_empty_referer":true,"origins":{"photos":{"s3":{"endpoint":"https://s3.example.com","region":"eu-central-1","bucket":"originals","prefix":"o/","style":"virtual-host","access_key_id":"AK","secret":"v1.n.c"}},"web":{"https":{"url":"https://images.example.com/o"}}}}"#;

    #[test]
    fn the_stored_bytes_do_not_drift() {
        let mut project = ProjectRecord::new("prj_1".into(), "demo".into());
        let s3 = OriginRecord::S3 {
            endpoint: "https://s3.example.com".into(),
            region: "eu-central-1".into(),
            bucket: "originals".into(),
            prefix: "o/".into(),
            style: BucketStyle::VirtualHost,
            access_key_id: "AK".into(),
            secret: "v1.n.c".into(),
        };
        let url = "https://images.example.com/o".into();
        project.origins = [("photos".into(), s3), ("web".into(), OriginRecord::Https { url })].into();
        assert_eq!(String::from_utf8(project.to_bytes()).unwrap(), STORED);
        assert_eq!(ProjectRecord::from_bytes("prj_1", STORED.as_bytes()).unwrap(), project);
        assert_eq!(project.place_of("photos"), "project/prj_1/origin/photos");
    }

    #[test]
    fn anything_not_understood_is_an_error() {
        for (part, other) in [
            (r#""region""#, r#""acl":"x","region""#),
            (r#""s3":"#, r#""gcs":"#),
            (r#""url""#, r#""proxy":"x","url""#),
            (r#""virtual-host""#, r#""dns""#),
            (r#","secret":"v1.n.c""#, ""),
        ] {
            let changed = STORED.replace(part, other);
            assert_ne!(changed, STORED);
            assert!(
                matches!(
                    ProjectRecord::from_bytes("prj_1", changed.as_bytes()),
                    Err(Error::Shape(_))
                ),
                "{changed}"
            );
        }
    }
}
