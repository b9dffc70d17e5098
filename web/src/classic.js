// The script boxer.js: for pages with a plain script tag.
import * as boxer from "./index.js";

Object.assign(globalThis, boxer);
