import assert from "node:assert/strict";
import { test } from "node:test";
import { control } from "../src/keys.js";

test("a key with Ctrl is a control character", () => {
	for (const [key, want] of [["c", "\x03"], ["C", "\x03"], ["[", "\x1b"], [" ", "\0"], ["?", "\x7f"], ["ä", "ä"], ["ab", "ab"]]) assert.equal(control(key), want);
});
