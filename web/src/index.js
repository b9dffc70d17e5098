// The module boxer.mjs: what a program imports. Importing it defines the
// element too.
export { BoxError } from "./error.js";
