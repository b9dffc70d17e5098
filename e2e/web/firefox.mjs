// Debian's Firefox, by puppeteer-core over WebDriver BiDi.
import puppeteer from "puppeteer-core";

const executablePath = process.env.BOXER_FIREFOX ?? "/usr/bin/firefox-esr";

export async function launch({ profile, args = [] }) {
	const browser = await puppeteer.launch({
		browser: "firefox", protocol: "webDriverBiDi", executablePath, headless: true, args,
		userDataDir: profile || undefined, protocolTimeout: 600000,
		extraPrefsFirefox: {
			"dom.disable_open_during_load": false,
			// Its own questions would lie over the page.
			"dom.webnotifications.enabled": false,
			"browser.translations.enable": false,
		},
	});
	return {
		version: (await browser.version()).replace("/", " "),
		async open(options, emit, beside) {
			const context = beside?.context ?? (profile ? browser.defaultBrowserContext() : await browser.createBrowserContext());
			return await openPage(context, options, emit, { owned: !beside && !profile });
		},
		async close() { await browser.close(); },
	};
}

async function openPage(context, { init, viewport, mobile, colorScheme, reducedMotion }, emit, { owned }) {
	const page = await context.newPage();
	page.on("console", (m) => emit("console", `${m.type()}: ${m.text()}`));
	page.on("pageerror", (e) => emit("error", e.stack ?? String(e)));
	page.on("dialog", (d) => {
		emit("dialog", d.message());
		d.dismiss().catch(() => {});
	});
	// Firefox has no emulation of touch: a phone is its size here.
	if (viewport || mobile) await page.setViewport(viewport ?? { width: 360, height: 800 });
	const features = [];
	if (colorScheme) features.push({ name: "prefers-color-scheme", value: colorScheme });
	if (reducedMotion) features.push({ name: "prefers-reduced-motion", value: reducedMotion });
	if (features.length > 0) await page.emulateMediaFeatures(features);
	if (init) await page.evaluateOnNewDocument(init);
	return {
		context,
		async goto(url) { await page.goto(url, { waitUntil: "load" }); },
		async reload() { await page.reload({ waitUntil: "load" }); },
		async eval(source, arg) { return await page.evaluate(`(${source})(${JSON.stringify(arg) ?? ""})`); },
		async offline(on) { await page.setOfflineMode(on); },
		async type(text) { await page.keyboard.type(text); },
		async press(key) { await page.keyboard.press(key); },
		async click(selector) { await page.click(selector); },
		async screenshot(path) { await page.screenshot({ path }); },
		async close() {
			await page.close();
			if (owned) await context.close();
		},
	};
}
