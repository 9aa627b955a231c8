use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// Headless Chromium, spoken to by the DevTools protocol. It ends when dropped.
pub struct Browser {
    child: Child,
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    _profile: tempfile::TempDir,
    last: u64,
}

impl Browser {
    /// Starts one with a profile of its own, on an empty page.
    pub fn start() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut child = Command::new("chromium")
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--remote-debugging-port=0",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("start chromium")?;
        let stderr = BufReader::new(child.stderr.take().context("no standard error")?);
        let mut lines = stderr.lines();
        let endpoint = loop {
            let line = lines.next().context("chromium ended")??;
            if let Some((_, endpoint)) = line.split_once("DevTools listening on ws://") {
                break endpoint.trim().to_owned();
            }
        };
        // Chromium blocks when nobody reads what it prints.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let authority = endpoint.split('/').next().unwrap_or_default();
        let targets: Value = serde_json::from_slice(&crate::get(&format!("http://{authority}/json/list"))?.body)?;
        let page = targets
            .as_array()
            .and_then(|all| all.iter().find(|target| target["type"] == "page"));
        let url = page.context("no page")?["webSocketDebuggerUrl"]
            .as_str()
            .context("no address")?
            .to_owned();
        let (socket, _) = tungstenite::connect(url)?;
        Ok(Self {
            child,
            socket,
            _profile: profile,
            last: 0,
        })
    }

    /// Calls a method and waits for its result.
    pub fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.last += 1;
        let message = json!({"id": self.last, "method": method, "params": params}).to_string();
        self.socket.send(Message::text(message))?;
        loop {
            let Message::Text(text) = self.socket.read()? else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text)?;
            if answer["id"] == self.last {
                return Ok(answer["result"].clone());
            }
        }
    }

    /// The value of an expression of JavaScript on the page; a promise is waited for.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let answer = self.call(
            "Runtime.evaluate",
            &json!({"expression": expression, "returnByValue": true, "awaitPromise": true}),
        )?;
        match answer.get("exceptionDetails") {
            None => Ok(answer["result"]["value"].clone()),
            Some(exception) => bail!("{expression}: {exception}"),
        }
    }

    /// Waits up to a minute for a condition to hold on the page.
    pub fn wait_for(&mut self, condition: &str) -> Result<()> {
        let start = Instant::now();
        while self.evaluate(condition)? != true {
            if start.elapsed() > Duration::from_secs(60) {
                bail!("{condition} never held: {}", self.evaluate("document.body.innerText")?);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
