import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

// build.mjs shortens the names of private fields, which is wrong for one that
// a string in the code stands for.
test("no string of the terminal's code is the name of a private field", () => {
	for (const name of ["@xterm/xterm/lib/xterm.mjs", "@xterm/addon-fit/lib/addon-fit.mjs"]) {
		const code = readFileSync(new URL(`../node_modules/${name}`, import.meta.url), "utf8");
		assert.deepEqual(code.match(/["'`]_[a-z]\w*["'`]/g), null, name);
	}
});
