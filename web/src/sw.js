// The service worker of an exported site: makes it start without a network.
//
// sw-manifest.json, which the export writes, lists the site's files:
//
//	{"version": "…", "files": [{"url": "boxer.js", "sha256": "hex", "size": n}, …]}
//
// The page registers sw.js?v=VERSION, so each version of the site is a service
// worker of its own with a cache of its own, named by the version. A version
// is whole or it is not there: its files are all fetched and verified before
// it may serve, and it serves only when no page of the old version is open.
// So the core and its translations are never of two versions.
//
// A page of another origin that embeds boxer has a service worker of its own
// origin: a copy of this file, registered as sw.js?v=VERSION&from=BASE, where
// BASE is the address of the exported site, and VERSION its manifest's. The
// page's own files are listed in a sw-manifest.json beside the copy; there, a
// sha256 may be left out.
//
// Chunks of the image that the core fetched are in a cache of the core's own
// ("boxer-chunks", by digest) and outlive versions. A file of the image that
// the manifest lists is served here, ranges too.

const query = new URL(self.location.href).searchParams;
const version = query.get("v") ?? "";
const from = query.get("from");
const scope = self.registration.scope;
// Caches are the origin's, and a site is a directory of it.
const prefix = `boxer-site:${new URL(scope).pathname}:`;
const cacheName = prefix + version;
const bases = from ? [new URL(from).href, scope] : [scope];

const tell = async (message) => {
	for (const c of await self.clients.matchAll({ includeUncontrolled: true })) c.postMessage({ boxer: message });
};

self.addEventListener("install", (e) => e.waitUntil(install()));
self.addEventListener("activate", (e) => e.waitUntil(activate()));
self.addEventListener("message", (e) => {
	if (e.data?.boxer === "activate") self.skipWaiting();
});

async function install() {
	try {
		const cache = await caches.open(cacheName), files = [];
		for (const base of bases) {
			const at = new URL("sw-manifest.json", base), answer = await fetch(at, { cache: "no-cache" });
			if (!answer.ok) throw new Error(`${at} answers ${answer.status}`);
			const text = await answer.text(), manifest = JSON.parse(text);
			if (base === bases[0] && manifest.version !== version) throw new Error(`the site changed while it was being kept (${version} is ${manifest.version} now)`);
			await cache.put(at, new Response(text, { headers: { "content-type": "application/json" } }));
			for (const f of manifest.files) {
				const url = new URL(f.url, base);
				if (!url.href.startsWith(base)) throw new Error(`${f.url} is outside the site`);
				files.push({ at: url, sha256: f.sha256, size: f.size ?? 0 });
			}
		}
		const total = files.reduce((n, f) => n + f.size, 0);
		let done = 0;
		for (const file of files) {
			await keep(cache, file);
			done += file.size;
			tell({ what: "keeping", done, total });
		}
	} catch (e) {
		await caches.delete(cacheName);
		const full = e.name === "QuotaExceededError";
		tell({ what: "failed", message: full ? "There is not enough space in this browser to keep the site for offline use." : `The site could not be kept for offline use: ${e.message}` });
		throw e;
	}
}

/** Puts a file into the cache, from an older version's where that has the same content. */
async function keep(cache, { at, sha256 }) {
	if (sha256 && (await cache.match(at, exact))?.headers.get("x-boxer-sha256") === sha256) return;
	for (const name of await caches.keys()) {
		if (!sha256 || !name.startsWith(prefix) || name === cacheName) continue;
		const old = await (await caches.open(name)).match(at, exact);
		if (old?.headers.get("x-boxer-sha256") === sha256) {
			await cache.put(at, old);
			if (at.pathname.endsWith("/core.wasm.gz")) {
				const core = await (await caches.open(name)).match(unpacked(at), exact);
				if (core) await cache.put(unpacked(at), core);
			}
			return;
		}
	}
	// The page has just fetched most of it: what the browser still has, however old, is as good where its hash is.
	let answer, data, hash;
	for (const mode of sha256 ? ["force-cache", "no-cache"] : ["no-cache"]) {
		answer = await fetch(at, { cache: mode });
		if (!answer.ok) continue;
		data = await answer.arrayBuffer();
		hash = hex(await crypto.subtle.digest("SHA-256", data));
		if (hash === sha256) break;
	}
	if (!answer.ok) throw new Error(`${at} answers ${answer.status}`);
	if (sha256 && hash !== sha256) {
		// Some servers send .gz as an encoding of what is inside.
		const inside = at.pathname.endsWith(".gz") && answer.headers.has("content-encoding");
		throw new Error(inside ? `${at} comes inflated: the server must send it without Content-Encoding` : `${at} has the SHA-256 ${hash} in place of ${sha256}`);
	}
	const headers = {
		"content-type": type(at, answer), "content-length": String(data.byteLength), "x-boxer-sha256": hash, "x-boxer-kept": "1",
	};
	await cache.put(at, new Response(data, { headers }));
	// The core is kept as it is compiled from, at its own address and with its
	// type, so that the browser can keep what it compiled.
	if (at.pathname.endsWith("/core.wasm.gz")) {
		const core = await new Response(new Response(data).body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
		await cache.put(unpacked(at), new Response(core, {
			headers: { ...headers, "content-type": "application/wasm", "content-length": String(core.byteLength) },
		}));
	}
}

const exact = { ignoreVary: true };
const unpacked = (at) => new URL(at.href.replace(/\.gz$/, ""));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");

function type(at, answer) {
	if (at.pathname.endsWith(".wasm")) return "application/wasm";
	return answer.headers.get("content-type") ?? "application/octet-stream";
}

async function activate() {
	for (const name of await caches.keys()) {
		if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
	}
	await self.clients.claim();
	tell({ what: "active", version });
}

self.addEventListener("fetch", (e) => {
	const { request } = e;
	if (!/^(GET|HEAD)$/.test(request.method) || !bases.some((base) => request.url.startsWith(base))) return;
	const at = new URL(request.url);
	at.search = at.hash = "";
	e.respondWith(serve(request, at));
});

async function serve(request, at) {
	// What version there is, is asked of the network first: else none would
	// ever follow this one.
	if (bases.some((base) => at.href === base + "sw-manifest.json")) {
		const fresh = await fetch(request).catch(() => null);
		if (fresh?.ok) return fresh;
	}
	if (at.href.endsWith("/")) at.pathname += "index.html";
	const cache = await caches.open(cacheName);
	const kept = await cache.match(at, exact);
	if (!kept) return fetch(request);
	if (request.method === "HEAD") return new Response(null, { headers: kept.headers });
	const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
	if (!range) return kept;
	const blob = await kept.blob(), from = +range[1], to = Math.min(+range[2], blob.size - 1);
	if (from > to) return new Response(null, { status: 416, headers: { "content-range": `bytes */${blob.size}` } });
	return new Response(blob.slice(from, to + 1), {
		status: 206,
		headers: { "content-type": kept.headers.get("content-type"), "content-range": `bytes ${from}-${to}/${blob.size}`, "content-length": String(to - from + 1) },
	});
}
