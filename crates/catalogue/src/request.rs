use crate::{Error, Parameters, Variants};

/// What `GET /products/{barcode}` asks for besides the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductRequest {
    /// Whether the answer holds `product_meta`.
    pub meta: bool,
    /// Which pictures are wanted; none where `include` leaves `images` out.
    pub images: Option<Variants>,
    /// Whether the pictures were named by `variants`: then having none of them is an error.
    pub named: bool,
}

impl ProductRequest {
    /// Reads `include=product_meta,images&variants=front,back`, each optional and each name once. Without `include` everything
    /// is wanted, without `variants` every picture. Naming variants without wanting images is refused.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let parameters = Parameters::parse(query, &["include", "variants"])?;
        let (meta, images) = parameters.read("include", included)?.unwrap_or((true, true));
        let variants = parameters.read("variants", Variants::parse)?;
        if variants.is_some() && !images {
            return Err(Error::Parameters);
        }
        Ok(Self {
            meta,
            images: images.then_some(variants.unwrap_or(Variants::ALL)),
            named: variants.is_some(),
        })
    }

    /// The one spelling of this request: what an `Idempotency-Key` stands for.
    pub fn canonical(&self) -> String {
        let images = self.images.unwrap_or_default().names();
        format!("meta={};images={images};named={}", self.meta, self.named)
    }
}

fn included(text: &str) -> Option<(bool, bool)> {
    match text {
        "product_meta" => Some((true, false)),
        "images" => Some((false, true)),
        "product_meta,images" | "images,product_meta" => Some((true, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_s_examples() {
        let all = ProductRequest::parse("").unwrap();
        assert_eq!((all.meta, all.images, all.named), (true, Some(Variants::ALL), false));
        let front = ProductRequest::parse("include=images&variants=front").unwrap();
        assert_eq!((front.meta, front.images.unwrap().names().as_str()), (false, "front"));
        let meta = ProductRequest::parse("include=product_meta").unwrap();
        assert_eq!((meta.meta, meta.images), (true, None));
        assert_ne!(all.canonical(), front.canonical());
        assert_ne!(front.canonical(), meta.canonical());
    }

    #[test]
    fn nothing_is_guessed() {
        for query in [
            "include=",
            "include=image",
            "include=images,images",
            "include=images,",
            "variants=",
            "variants=side",
            "variants=front,front",
            "include=product_meta&variants=front",
            "include=images&include=images",
            "credits=0",
        ] {
            assert_eq!(ProductRequest::parse(query), Err(Error::Parameters), "{query}");
        }
    }
}
