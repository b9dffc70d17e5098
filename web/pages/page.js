// The page of an exported site. What it shows is said by site.json beside it,
// which boxer export writes:
//
//	{
//	  "title": "busybox",           heading and title of the page
//	  "about": "one sentence",      below it
//	  "image": "./image/",          the rest are attributes of <boxer-box>:
//	  "cmd": "sh", "tty": true, "stdin": false, "env": "A=1", "memory": "256m",
//	  "user": "", "workdir": "",
//	  "persist": "name",            kept from the start; else the visitor may choose it
//	  "edit": {"path": "/hello.sh", "run": "sh /hello.sh", "text": "…"},   path "": only run
//	  "examples": [{"title": …, "about": …, and any of the above}, …]
//	}
//
// All may be left out; "image" is then "./image/", with a terminal. "text" is
// written to "path" when the file is not there yet. With more than one example
// the page offers a choice, and an example has what it does not say from the
// top level.

const $ = (id) => document.getElementById(id);
const inline = globalThis.__boxerInline;
const attributes = ["image", "cmd", "env", "memory", "user", "workdir", "hostname", "persist", "files"];

/** Shown of a command's output. */
const shown = 64 << 10;

let site = {}, example = {}, element = null, running = null;

async function main() {
	Box.preload?.().catch(() => {}); // the element says what is wrong
	site = { image: "./image/", tty: true, ...await describe() };
	document.title = $("title").textContent = site.title ?? "boxer";
	const examples = site.examples?.length ? site.examples.map((e) => ({ ...site, ...e })) : [site];
	if (examples.length > 1) offer(examples);
	choose(examples[0]);
	if (!inline) offline();
}

/** The site's description, or what it would say if it said nothing. */
async function describe() {
	if (inline) return inline.site ?? {};
	try {
		const r = await fetch("site.json");
		if (!r.ok) throw new Error(`HTTP ${r.status}`);
		return await r.json();
	} catch (e) {
		say(`site.json cannot be read (${e.message}): the page takes what is in image/.`);
		return {};
	}
}

function say(text) {
	$("message").textContent = text;
	$("message").hidden = !text;
}

function offer(examples) {
	const buttons = examples.map((e) => {
		const b = document.createElement("button");
		b.type = "button";
		b.textContent = e.title;
		b.onclick = () => choose(e);
		return b;
	});
	$("examples").hidden = false;
	$("examples").replaceChildren(...buttons);
	examples.forEach((e, i) => { e.button = buttons[i]; });
}

/** Shows an example: a new box, and the file that goes with it. */
function choose(next) {
	example = next;
	for (const b of $("examples").children) b.setAttribute("aria-pressed", String(b === next.button));
	$("about").textContent = next.about ?? "A Linux container image, running in this page.";
	const keep = $("keep");
	keep.checked = !!next.persist || stored(keepKey()) === "1";
	keep.disabled = !!next.persist;
	$("path").value = next.edit?.path ?? "/root/hello.sh";
	$("command").value = next.edit?.run ?? "sh /root/hello.sh";
	$("text").value = "";
	// An example without a file is a command to run.
	const file = $("path").value !== "";
	$("file").hidden = $("text").hidden = !file;
	$("edit-title").textContent = file ? "Change a file, see what happens" : "Run a command in the box";
	$("run-button").textContent = runLabel();
	$("output").hidden = true;
	$("result").textContent = "";
	start();
}

const runLabel = () => $("path").value ? "Save and run" : "Run";
const keepKey = () => "boxer-keep:" + location.pathname + (example.title ?? "");

function stored(key, value) {
	try {
		return value === undefined ? localStorage.getItem(key) : localStorage.setItem(key, value);
	} catch {
		return null; // storage is refused: the choice lasts as long as the page
	}
}

function start() {
	running?.abort();
	element?.remove();
	element = document.createElement("boxer-box");
	const persist = example.persist ?? ($("keep").checked ? `${location.pathname}#${example.title ?? ""}` : undefined);
	for (const name of attributes) {
		const value = name === "persist" ? persist : example[name];
		if (value !== undefined && value !== "" && value !== null && !(inline && name === "image")) element.setAttribute(name, typeof value === "object" ? JSON.stringify(value) : String(value));
	}
	for (const name of ["tty", "stdin"]) element.toggleAttribute(name, !!example[name]);
	element.setAttribute("keep-alive", "");
	element.setAttribute("autostart", "load");
	element.setAttribute("when-busy", "wait");
	element.setAttribute("label", example.title ?? site.title ?? "box");
	element.addEventListener("ready", () => ready(element));
	$("box").replaceChildren(element);
	if (matchMedia("(pointer: fine)").matches) element.addEventListener("ready", () => document.activeElement === document.body && element.focus());
	may(persist);
	snippet();
}

async function ready(el) {
	const { edit } = example, { fs } = el.box;
	try {
		$("text").value = await fs.readFile($("path").value, "utf8");
	} catch {
		$("text").value = edit ? edit.text ?? "" : "echo hello from $(uname -s) on $(uname -m)\nls -l /\n";
	}
}

/** Tells a failure of the box where its cause is. */
const failed = (e) => { $("result").textContent = e.code === "STOPPED" || !element?.box ? "The box does not run. Start it again first." : e.message; };

$("file").onsubmit = async (e) => {
	e.preventDefault();
	try {
		$("text").value = await element.box.fs.readFile($("path").value, "utf8");
		$("result").textContent = "";
	} catch (error) {
		failed(error);
	}
};

$("run").onsubmit = async (e) => {
	e.preventDefault();
	if (running) return running.abort();
	const out = $("output"), button = $("run-button"), abort = running = new AbortController();
	let size = 0;
	const show = (text) => {
		if (size < shown) out.append(text.slice(0, shown - size));
		if (size < shown && size + text.length >= shown) out.append("\n… more than this page shows");
		size += text.length;
		return new Promise((r) => requestAnimationFrame(r)); // a flood waits for the screen
	};
	out.textContent = "";
	out.hidden = false;
	button.textContent = "Stop";
	$("result").textContent = "Running…";
	const began = performance.now();
	try {
		const { box } = element, path = $("path").value;
		if (path && $("text").value) {
			await box.fs.mkdir(path.replace(/\/[^/]*$/, "") || "/", { recursive: true }).catch(() => {});
			await box.fs.writeFile(path, $("text").value);
		}
		if ($("command").value.trim()) {
			const r = await box.run($("command").value, { signal: abort.signal, timeout: 120000, maxOutput: shown, onStdout: show, onStderr: show });
			const took = ((performance.now() - began) / 1000).toFixed(2);
			$("result").textContent = (r.timedOut ? "Stopped after two minutes" : r.signal ? `Ended by ${r.signal}` : `Exit code ${r.exitCode}`) + ` after ${took} s` + (r.error ? `: ${r.error}` : "");
		} else {
			$("result").textContent = "Saved.";
		}
	} catch (error) {
		if (abort.signal.aborted) $("result").textContent = "Stopped.";
		else failed(error);
	} finally {
		if (running === abort) running = null;
		button.textContent = runLabel();
	}
};

$("keep").onchange = (e) => {
	stored(keepKey(), e.target.checked ? "1" : "0");
	start();
};

function may(persist) {
	const rows = [
		["Network", "none"],
		["Memory", example.memory ? `at most ${example.memory}` : "what the browser gives a page"],
		["This device", "no files, no camera, no clipboard of its own"],
		["This page", "nothing but the terminal above"],
		["Its files", persist ? "kept in this browser, on this device" : "gone when it ends"],
	];
	$("may").replaceChildren(...rows.flatMap(([k, v]) => {
		const dt = document.createElement("dt"), dd = document.createElement("dd");
		dt.textContent = k;
		dd.textContent = v;
		return [dt, dd];
	}));
}

function snippet() {
	const quote = (s) => String(s).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
	const at = (name) => inline ? `https://example.org/site/${name}` : new URL(name, document.baseURI).href;
	const cmd = example.cmd ? ` cmd="${quote(example.cmd)}"` : "";
	$("snippet").textContent = `<script src="${quote(at("boxer.js"))}"></` + `script>\n<boxer-box image="${quote(at(example.image))}"${cmd}${example.tty ? " tty" : ""}></boxer-box>`;
}

$("copy").onclick = async () => {
	try {
		await navigator.clipboard.writeText($("snippet").textContent);
		$("copied").textContent = "Copied.";
	} catch {
		getSelection().selectAllChildren($("snippet"));
		$("copied").textContent = "Marked: copy it with your keyboard.";
	}
};

// The app: what keeps it for the time without a network, and what is said of it.

function network() {
	$("network").hidden = navigator.onLine;
	$("network").textContent = "Offline";
}
addEventListener("online", network);
addEventListener("offline", network);
network();

async function offline() {
	const note = $("offline");
	if (!isSecureContext || !navigator.serviceWorker) {
		note.textContent = "This address is not https: the browser cannot keep the page for offline use.";
		return;
	}
	navigator.serviceWorker.addEventListener("message", ({ data }) => {
		const m = data?.boxer;
		if (note.querySelector("button")) return; // what is late would take the button's place
		if (m?.what === "keeping") note.textContent = `Keeping this page for offline use: ${(m.done / 1e6).toFixed(1)} of ${(m.total / 1e6).toFixed(1)} MB`;
		if (m?.what === "active") note.textContent = "This page works without a network now.";
		if (m?.what === "failed") note.textContent = m.message;
	});
	try {
		const r = await fetch("sw-manifest.json", { cache: "no-cache" });
		if (!r.ok) return; // the site was exported without the app
		const { version } = await r.json();
		// The first start comes first: what the box loads is in the browser's cache then.
		await started();
		await new Promise((r) => setTimeout(r, 3000));
		const registration = await navigator.serviceWorker.register("sw.js?v=" + encodeURIComponent(version));
		if (registration.active && !registration.installing) note.textContent = "This page works without a network.";
		const waiting = () => {
			if (registration.waiting && registration.active) update(registration);
		};
		const watch = () => registration.installing?.addEventListener("statechange", waiting);
		waiting();
		watch(); // the event may be over
		registration.addEventListener("updatefound", watch);
	} catch (e) {
		note.textContent = navigator.onLine ? `The page could not be kept for offline use: ${e.message}` : "";
	}
}

const started = () => new Promise((r) => {
	if (["running", "exited", "failed"].includes(element?.dataset.state)) return r();
	for (const type of ["ready", "error"]) element.addEventListener(type, r, { once: true });
});

/** A new version waits until no page uses the old one. */
function update(registration) {
	const b = document.createElement("button");
	b.type = "button";
	b.textContent = "Update";
	b.onclick = () => {
		navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
		registration.waiting?.postMessage({ boxer: "activate" });
	};
	$("offline").replaceChildren("A new version of this page is ready. Close its other tabs, then: ", b);
}

addEventListener("beforeinstallprompt", (e) => {
	e.preventDefault();
	$("install").hidden = false;
	$("install").onclick = async () => {
		$("install").hidden = true;
		await e.prompt();
	};
});
addEventListener("appinstalled", () => { $("install").hidden = true; });

main();
