import { bytes, fileMode } from "./options.js";

const optionalMode = (path, mode) => mode === undefined ? undefined : fileMode(path, mode);

/**
 * The files of a box. Paths are absolute or relative to /; what fails has an
 * errno's name as its code.
 * @param {(fn: string, path: string, more?: object) => Promise<any>} call
 */
export const fileSystem = (call) => ({
	async readFile(path, encoding) {
		const data = await call("readFile", path);
		return (encoding?.encoding ?? encoding) ? new TextDecoder().decode(data) : data;
	},
	async writeFile(path, data, { mode } = {}) {
		await call("writeFile", path, { data: await bytes(data), mode: optionalMode(path, mode) });
	},
	readdir: (path) => call("readdir", path),
	stat: (path) => call("stat", path),
	async mkdir(path, { recursive = false, mode } = {}) { await call("mkdir", path, { recursive, mode: optionalMode(path, mode) }); },
	async rm(path, { recursive = false, force = false } = {}) { await call("rm", path, { recursive, force }); },
	async rename(path, to) { await call("rename", path, { to }); },
	async symlink(target, path) { await call("symlink", path, { target }); },
	async chmod(path, mode) { await call("chmod", path, { mode: fileMode(path, mode) }); },
});
