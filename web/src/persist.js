import { BoxError } from "./error.js";

const lockName = (name) => "boxer:" + name;

/**
 * Takes a kept box's name for this tab, so that two tabs never write one box.
 * The browser lets go of it when the tab ends, however it ends.
 *
 * @param {string} name
 * @param {"wait"|"readonly"|"fail"} whenBusy what to do while another tab has it
 * @param {(text: string, kind: string) => void} notice
 * @param {AbortSignal|undefined} abort
 * @returns {Promise<{readonly: boolean, release: () => void}>}
 */
export async function claim(name, whenBusy, notice, abort) {
	const locks = navigator.locks;
	if (!locks) return { readonly: false, release() {} }; // insecure origins; support.js says so
	const take = (options) => new Promise((resolve, reject) => {
		locks.request(lockName(name), options, (lock) => {
			if (!lock) return resolve(null);
			return new Promise((release) => resolve({ readonly: false, release }));
		}).catch(reject);
	});
	let held;
	try {
		held = await take({ ifAvailable: true });
	} catch (e) {
		if (e.name !== "SecurityError") throw e;
		return { readonly: false, release() {} }; // no storage either, and the core says so
	}
	if (held) return held;
	if (whenBusy === "readonly") {
		notice(`The box "${name}" is open in another tab. Here it is a copy: nothing of it will be kept.`, "busy");
		return { readonly: true, release() {} };
	}
	if (whenBusy === "fail") throw new BoxError(`the box "${name}" is open in another tab`, "BUSY");
	notice(`The box "${name}" is open in another tab. It starts here when it ends there.`, "busy");
	return take(abort ? { signal: abort } : {});
}

/**
 * Asks that the browser keep this origin's data, and tells what it answers.
 * Some browsers never answer, some ask the user first: nothing waits for it.
 * @param {(text: string, kind?: string) => void} notice
 */
export async function askToKeep(notice) {
	const { storage } = navigator;
	if (!storage?.persist) return;
	try {
		const kept = await Promise.race([storage.persist(), new Promise((r) => setTimeout(r, 3000, null))]);
		if (kept === false) notice("The browser may delete this box's files when the device runs short of space. Export them to be safe.");
		const { usage = 0, quota = 0 } = await storage.estimate?.() ?? {};
		if (quota > 0 && usage > quota * 0.9) notice(`The space that the browser gives this site is nearly used up: ${size(usage)} of ${size(quota)}.`, "storage");
	} catch {
		// Asking is a courtesy; the box works without.
	}
}

/** 1536 → "1.5 KB" */
export function size(n) {
	const units = ["bytes", "KB", "MB", "GB", "TB"];
	let u = 0;
	for (; n >= 1000 && u < units.length - 1; u++) n /= 1024;
	return `${u === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[u]}`;
}
