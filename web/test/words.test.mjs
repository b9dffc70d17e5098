import assert from "node:assert/strict";
import { test } from "node:test";
import { split } from "../src/words.js";

test("a command is split as a shell splits it", () => {
	for (const [line, want] of [
		["", []], ["  ", []], ["sh -i", ["sh", "-i"]], [" a\t b\n", ["a", "b"]],
		[`sh -c 'echo "a b"'`, ["sh", "-c", `echo "a b"`]], [`"a\\"b" c`, [`a"b`, "c"]], [`"a\\nb"`, ["a\\nb"]],
		[`a\\ b`, ["a b"]], [`'' ""`, ["", ""]], [`x''y"z"`, ["xyz"]], ["$HOME `id` *", ["$HOME", "`id`", "*"]], ["a\\\nb", ["ab"]],
		["<img src=x>", ["<img", "src=x>"]],
	]) assert.deepEqual(split(line), want, line);
	for (const line of ["'a", '"a', "a\\"]) assert.throws(() => split(line), SyntaxError, line);
});
