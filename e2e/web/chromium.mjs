// Debian's Chromium, by playwright-core. What the page evaluates goes through
// the DevTools protocol directly, since Playwright's way needs eval, which a
// content security policy may forbid.
import { chromium } from "playwright-core";

const executablePath = process.env.BOXER_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];

export async function launch({ profile, args: more = [] }) {
	const options = { executablePath, headless: true, args: [...args, ...more], chromiumSandbox: false };
	let browser, shared;
	if (profile) {
		// A context on disk is one for all pages. Its first tab is of no use.
		shared = await chromium.launchPersistentContext(profile, { ...options, viewport: null });
		browser = shared.browser();
	} else {
		browser = await chromium.launch(options);
	}
	let session;
	return {
		version: "Chromium " + browser.version(),
		async open(options, emit, beside) {
			const context = beside?.context ?? shared ?? await browser.newContext(contextOptions(options));
			return await openPage(context, options, emit, { owned: !beside && !shared });
		},
		async cdp(method, params = {}) {
			session ??= await browser.newBrowserCDPSession();
			return await session.send(method, params);
		},
		async close() {
			await shared?.close();
			await browser.close();
		},
	};
}

// A phone of 360 × 800 with touch is `mobile`.
function contextOptions({ mobile, viewport, colorScheme, reducedMotion, offline, permissions }) {
	const options = { colorScheme, reducedMotion, offline, permissions, viewport: viewport ?? { width: 1024, height: 720 } };
	if (mobile) {
		Object.assign(options, {
			viewport: viewport ?? { width: 360, height: 800 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true,
			userAgent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
		});
	}
	return options;
}

async function openPage(context, { init }, emit, { owned }) {
	const page = await context.newPage();
	page.on("console", (m) => emit("console", `${m.type()}: ${m.text()}`));
	page.on("pageerror", (e) => emit("error", e.stack ?? String(e)));
	page.on("crash", () => emit("error", "the page's renderer crashed"));
	page.on("dialog", (d) => {
		emit("dialog", d.message());
		d.dismiss().catch(() => {});
	});
	if (init) await page.addInitScript(init);
	const session = await context.newCDPSession(page);
	const cdp = (method, params = {}) => session.send(method, params);
	return {
		context,
		cdp,
		async goto(url) { await page.goto(url, { waitUntil: "load" }); },
		async reload() { await page.reload({ waitUntil: "load" }); },
		async eval(source, arg) {
			const { result, exceptionDetails: failed } = await cdp("Runtime.evaluate", {
				expression: `(${source})(${JSON.stringify(arg) ?? ""})`,
				awaitPromise: true, returnByValue: true, userGesture: true,
			});
			if (failed) throw new Error(failed.exception?.description ?? String(failed.exception?.value ?? failed.text));
			return result.value;
		},
		async offline(on) { await context.setOffline(on); },
		async type(text) { await page.keyboard.type(text); },
		async press(key) { await page.keyboard.press(key); },
		async click(selector) { await page.click(selector, { timeout: 10000 }); },
		async screenshot(path) { await page.screenshot({ path }); },
		async close() {
			await page.close();
			if (owned) await context.close();
		},
	};
}
