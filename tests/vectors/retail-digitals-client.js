class RetailDigitalsClient {
constructor({ clientId, apiKey }) {
this.clientId = clientId;
this.apiKey = apiKey;
this.accessToken = null;
this.refreshToken = null;
this.expiresAt = 0;
}

async #authenticate() {
const res = await fetch('https://images.retaildigitals.com/api/v1/auth/token', {
method: 'POST',
headers: { 'Content-Type': 'application/json' },
body: JSON.stringify({ client_id: this.clientId, api_key: this.apiKey }),
});
if (!res.ok) throw new Error(`Auth failed: ${res.status}`);
const { access_token, refresh_token, expires_in } = await res.json();
this.accessToken = access_token;
this.refreshToken = refresh_token;
this.expiresAt = Date.now() + (expires_in - 60) * 1000; // renew 60s early
}

async #refresh() {
const res = await fetch('https://images.retaildigitals.com/api/v1/auth/refresh', {
method: 'POST',
headers: { 'Content-Type': 'application/json' },
body: JSON.stringify({ refresh_token: this.refreshToken }),
});
if (!res.ok) return this.#authenticate(); // fall back to full auth
const { access_token, refresh_token, expires_in } = await res.json();
this.accessToken = access_token;
this.refreshToken = refresh_token;
this.expiresAt = Date.now() + (expires_in - 60) * 1000;
}

async #ensureToken() {
if (!this.accessToken) return this.#authenticate();
if (Date.now() >= this.expiresAt) return this.#refresh();
}

async fetch(path, init = {}) {
await this.#ensureToken();
const url = `https://images.retaildigitals.com/api/v1${path}`;
const res = await fetch(url, {
...init,
headers: { ...init.headers, Authorization: `Bearer ${this.accessToken}` },
});
if (res.status === 401) { // race: token expired mid-call
await this.#refresh();
return fetch(url, {
...init,
headers: { ...init.headers, Authorization: `Bearer ${this.accessToken}` },
});
}
return res;
}
}
