// Types of boxer.mjs, and of the Box that boxer.js defines.

/** What calls of a box fail with. */
export class BoxError extends Error {
	readonly code: string;
	readonly exitCode?: number;
}
