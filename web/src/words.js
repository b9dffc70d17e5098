/**
 * Splits a command as a POSIX shell does: blanks separate, quotes and
 * backslashes protect, nothing expands.
 * @param {string} line
 * @returns {string[]}
 */
export function split(line) {
	const words = [];
	let word = null, quote = "";
	for (let i = 0; i < line.length; i++) {
		const c = line[i];
		if (quote === "'") {
			if (c === "'") quote = "";
			else word += c;
		} else if (c === "\\") {
			const next = line[++i];
			if (next === undefined) throw new SyntaxError("a backslash at the end has nothing to protect");
			// Between double quotes only these lose their backslash.
			if (quote && !'"\\$`\n'.includes(next)) word += c;
			if (next !== "\n") word = (word ?? "") + next;
		} else if (quote) {
			if (c === quote) quote = "";
			else word += c;
		} else if (c === "'" || c === '"') {
			quote = c;
			word ??= "";
		} else if (/\s/.test(c)) {
			if (word !== null) words.push(word);
			word = null;
		} else {
			word = (word ?? "") + c;
		}
	}
	if (quote) throw new SyntaxError(`the quote ${quote} is not closed`);
	if (word !== null) words.push(word);
	return words;
}
