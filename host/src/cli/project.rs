use super::key::domain;
use super::origin::{self, Origins};
use super::{RecordsPlace, print, table};
use crate::records::{Records, new_project};
use anyhow::{Result, bail};
use clap::{ArgAction, Args, Subcommand};
use identity::{ProjectRecord, Untraceable};
use serde_json::json;
use std::process::ExitCode;

/// Settings that all keys of a project share
#[derive(Subcommand)]
pub enum Project {
    Set(Box<Set>),
    List(List),
}

impl Project {
    pub fn run(self) -> Result<ExitCode> {
        match self {
            Self::Set(set) => set.run()?,
            Self::List(list) => list.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Say which pages may embed a project's pictures, name operations, and say where originals are; the project is made if it does
/// not exist yet
#[derive(Args)]
#[command(after_help = "Examples:
  deckle project set shop --referer shop.example.com --allow-empty-referer false
  deckle project set shop --any-referer --url https://images.example.com          # over its admin API
  deckle project set shop --preset thumb=w_200,h_200,fit_cover --preset hero=w_1600,f_webp
  deckle project set shop --remove-preset hero
  deckle project set shop --untraceable refuse
  deckle project set shop --origin web=https://images.example.com/originals      # sources: @web/tea.jpg
  AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… deckle project set shop --s3 photos \\
    --endpoint https://s3.eu-central-1.amazonaws.com --region eu-central-1 --bucket originals --prefix 2024/")]
pub struct Set {
    /// The project in the URLs
    slug: String,
    /// A domain that may embed, subdomains included; replaces the list
    #[arg(long, value_name = "DOMAIN", value_parser = domain)]
    referer: Vec<String>,
    /// Empty the list: any page may embed
    #[arg(long, conflicts_with = "referer")]
    any_referer: bool,
    /// Whether requests without a Referer pass where there is a list
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    allow_empty_referer: Option<bool>,
    /// What becomes of pictures that cannot carry a mark which outlives changes: `serve` them and say so, or `refuse` them (422)
    #[arg(long, value_name = "serve|refuse", value_parser = untraceable)]
    untraceable: Option<Untraceable>,
    /// Operations that `preset_NAME` in a URL stands for; replaces the preset of that name
    #[arg(long, value_name = "NAME=OPERATIONS", value_parser = preset)]
    preset: Vec<(String, String)>,
    /// Forget a preset: URLs with it answer 400
    #[arg(long, value_name = "NAME")]
    remove_preset: Vec<String>,
    #[command(flatten)]
    origins: Origins,
    #[command(flatten)]
    place: RecordsPlace,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl Set {
    fn run(self) -> Result<()> {
        let json = self.json;
        let project = match self.place.registry()? {
            Some(registry) => {
                let found = registry.project(&self.slug)?;
                let project = self.changed(found)?;
                registry.keep_project(&project)?;
                project
            }
            None => {
                let store = self.place.store.open()?;
                let records = Records::new(&*store);
                let found = records.project(&self.slug)?;
                let project = self.changed(found)?;
                records.keep_project(&project)?;
                project
            }
        };
        match json {
            true => print(&shown(&project).to_string()),
            false => print(&table(&[head(), row(&project)])),
        }
    }

    /// The project as it is to be.
    fn changed(self, found: Option<ProjectRecord>) -> Result<ProjectRecord> {
        let mut project = match found {
            Some(project) => project,
            None => new_project(&self.slug)?,
        };
        if self.any_referer || !self.referer.is_empty() {
            project.referers = self.referer;
        }
        project.allow_empty_referer = self.allow_empty_referer.unwrap_or(project.allow_empty_referer);
        project.untraceable = self.untraceable.unwrap_or(project.untraceable);
        for name in &self.remove_preset {
            if project.presets.remove(name).is_none() {
                bail!("`{}` has no preset `{name}`", self.slug);
            }
        }
        project.presets.extend(self.preset);
        self.origins.apply(&mut project, &self.place.store.place.data)?;
        Ok(project)
    }
}

/// List all projects
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    place: RecordsPlace,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

impl List {
    fn run(self) -> Result<()> {
        let projects = match self.place.registry()? {
            Some(registry) => registry.projects()?,
            None => Records::new(&*self.place.store.open()?).projects()?,
        };
        if self.json {
            return print(&json!(projects.iter().map(shown).collect::<Vec<_>>()).to_string());
        }
        if projects.is_empty() {
            return print(
                "No projects yet: deckle key create --project SLUG --client ID makes one with its first key.",
            );
        }
        print(&table(
            &std::iter::once(head())
                .chain(projects.iter().map(row))
                .collect::<Vec<_>>(),
        ))
    }
}

fn shown(project: &ProjectRecord) -> serde_json::Value {
    let origins = project
        .origins
        .iter()
        .map(|(name, origin)| (name.clone(), origin::shown(origin)));
    let mut shown = json!({
        "project": project.slug, "id": project.id, "referers": project.referers,
        "allow_empty_referer": project.allow_empty_referer, "presets": project.presets,
        "untraceable": project.untraceable,
    });
    // A server does not tell of them.
    if !project.origins.is_empty() {
        shown["origins"] = serde_json::Value::Object(origins.collect());
    }
    shown
}

fn head() -> Vec<String> {
    [
        "PROJECT",
        "ID",
        "REFERERS",
        "EMPTY REFERER",
        "PRESETS",
        "UNTRACEABLE",
        "ORIGINS",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn row(project: &ProjectRecord) -> Vec<String> {
    let referers = if project.referers.is_empty() {
        "any".to_owned()
    } else {
        project.referers.join(",")
    };
    let empty = if project.allow_empty_referer {
        "allowed"
    } else {
        "refused"
    };
    let presets: Vec<&str> = project.presets.keys().map(String::as_str).collect();
    let origins = project
        .origins
        .iter()
        .map(|(name, origin)| origin::summary(name, origin));
    let origins = origins.collect::<Vec<_>>().join(",");
    vec![
        project.slug.clone(),
        project.id.clone(),
        referers,
        empty.to_owned(),
        presets.join(","),
        project.untraceable.as_str().to_owned(),
        origins,
    ]
}

fn untraceable(text: &str) -> Result<Untraceable> {
    match Untraceable::parse(text) {
        Some(policy) => Ok(policy),
        None => bail!("write serve or refuse"),
    }
}

/// A preset on the command line, checked as the components will read it.
fn preset(text: &str) -> Result<(String, String)> {
    let Some((name, operations)) = text.split_once('=') else {
        bail!("write NAME=OPERATIONS, for example thumb=w_200,h_200");
    };
    if !operations::is_preset_name(name) {
        bail!("`{name}` cannot be a preset: use 1 to 32 letters, digits, `-` and `_`");
    }
    match operations::parse(operations) {
        Ok(_) => Ok((name.to_owned(), operations.to_owned())),
        Err(operations::Error::UnknownPreset) => bail!("a preset cannot hold a preset"),
        Err(error) => bail!("{error}"),
    }
}
