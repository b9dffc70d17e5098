// The module boxer.mjs: what a program imports. Importing it defines the
// element too.
import { Box } from "./box.js";
import { BoxerBox } from "./element.js";
import { BoxError } from "./error.js";

if (globalThis.customElements && !customElements.get("boxer-box")) customElements.define("boxer-box", BoxerBox);

export { Box, BoxerBox, BoxError };
