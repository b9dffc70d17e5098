// core.mjs makes a Go program for js/wasm smaller, after the linker:
//
//	node core.mjs IN.wasm OUT.wasm
//
// The data section. Go's linker leaves out each run of 8 zeros, and writes 40,000 segments
// with an address each, which do not compress: 125 KB of the page's core after brotli.
// Here only long runs are left out.
//
// Line numbers, another 170 KB. The linker has no option for them. What the runtime needs to
// run is left: a panic in a page still prints the functions that it passed, with
// "?:0" for the line. BOXER_LINES=1 keeps them.
//
// Source: runtime/symtab.go, cmd/link/internal/ld/pcln.go and wasm/asm.go of Go 1.26.
// Where the tables are not as they are there, it fails.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const dataSection = 11;

/** A run of this many zeros is left out of the data section. */
const gap = 1024;

/** Reads LEB128 numbers. */
class Reader {
	constructor(bytes, at = 0) { this.bytes = bytes; this.at = at; }
	number(signed = false) {
		let v = 0n, shift = 0n, b;
		do {
			b = this.bytes[this.at++];
			v |= BigInt(b & 0x7f) << shift;
			shift += 7n;
		} while (b & 0x80);
		return Number(signed && b & 0x40 ? v - (1n << shift) : v);
	}
	byte(want) {
		if (this.bytes[this.at++] !== want) throw new Error(`core.wasm: byte ${this.at - 1} is not what Go's linker writes there`);
	}
}

/** LEB128 of v, which is not negative. Signed numbers need bit 6 of the last byte free. */
function leb(v, signed = false) {
	const out = [];
	while (v >= (signed ? 0x40 : 0x80)) {
		out.push(v % 128 | 0x80);
		v = Math.floor(v / 128);
	}
	out.push(v);
	return out;
}

/** The sections of a module: {id, start, at, end}; start is where its id stands. */
function sections(wasm) {
	const r = new Reader(wasm, 8), list = [];
	while (r.at < wasm.length) {
		const start = r.at, id = wasm[r.at++], size = r.number();
		list.push({ id, start, at: r.at, end: r.at + size });
		r.at += size;
	}
	return list;
}

/** The memory that the data section fills. */
function memoryOf(wasm, section) {
	const segments = [], r = new Reader(wasm, section.at);
	let end = 0;
	for (let n = r.number(); n > 0; n--) {
		r.byte(0); // of memory 0, with an offset
		r.byte(0x41); // i32.const
		const offset = r.number(true);
		r.byte(0x0b);
		const size = r.number();
		segments.push([offset, wasm.subarray(r.at, r.at + size)]);
		r.at += size;
		end = Math.max(end, offset + size);
	}
	const memory = new Uint8Array(end);
	for (const [offset, bytes] of segments) memory.set(bytes, offset);
	return memory;
}

/** The contents of a data section that fills memory. */
function dataOf(memory) {
	const parts = [];
	let size = 0, at = 0;
	const zero = (i) => i < memory.length && memory[i] === 0;
	while (at < memory.length) {
		while (zero(at)) at++;
		let end = at, next = at;
		while (next < memory.length) {
			while (next < memory.length && !zero(next)) next++;
			end = next;
			while (zero(next)) next++;
			if (next - end >= gap || next >= memory.length) break;
		}
		if (end === at) break;
		const head = [0, 0x41, ...leb(at, true), 0x0b, ...leb(end - at)];
		parts.push(head, memory.subarray(at, end));
		size += head.length + end - at;
		at = next;
	}
	const count = leb(parts.length / 2), out = new Uint8Array(count.length + size);
	out.set(count);
	let to = count.length;
	for (const p of parts) {
		out.set(p, to);
		to += p.length;
	}
	return out;
}

/** Where pcHeader stands: the magic number of Go 1.20 and later, a quantum of 1, pointers of 8 bytes. */
function findHeader(memory) {
	const want = [0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];
	const found = [];
	for (let at = memory.indexOf(want[0]); at >= 0; at = memory.indexOf(want[0], at + 1)) {
		if (want.every((b, i) => memory[at + i] === b)) found.push(at);
	}
	return found;
}

/** Clears lines and files in the tables of memory. */
function clear(memory) {
	const view = new DataView(memory.buffer);
	const u32 = (at) => view.getUint32(at, true);
	const word = (at) => Number(view.getBigUint64(at, true));
	const heads = findHeader(memory).filter((at) => {
		const [names, units, files, pcs, funcs] = [32, 40, 48, 56, 64].map((o) => word(at + o));
		return names === 72 && names < units && units < files && files < pcs && pcs < funcs && at + funcs < memory.length;
	});
	if (heads.length !== 1) throw new Error(`core.wasm has ${heads.length} line tables as Go 1.26 writes them; this Go's differ, and core.mjs must learn them`);
	const [head] = heads, units = head + word(head + 40), pcs = head + word(head + 56), funcs = head + word(head + 64);

	// Each function has tables in pcs, which functions share: SP, file, line, and what the collector asks for.
	const [keep, drop] = [new Uint8Array(funcs - pcs), new Uint8Array(funcs - pcs)];
	const mark = (marks, from) => {
		if (from === 0) return; // no table
		const r = new Reader(memory, pcs + from);
		for (let first = true; first || memory[r.at] !== 0; first = false) {
			r.number();
			r.number();
		}
		if (r.at >= funcs) throw new Error("core.wasm: a table of its functions has no end");
		marks.fill(1, from, r.at + 1 - pcs);
	};
	for (let i = 0, n = word(head + 8); i < n; i++) {
		const f = funcs + u32(funcs + 8 * i + 4); // a _func
		mark(keep, u32(f + 16)); // pcsp
		for (let k = 0, tables = u32(f + 28); k < tables; k++) mark(keep, u32(f + 44 + 4 * k));
		mark(drop, u32(f + 20)); // pcfile
		mark(drop, u32(f + 24)); // pcln
		for (const field of [20, 24, 32, 36]) view.setUint32(f + field, 0, true); // and cuOffset, startLine
	}
	for (let i = 0; i < drop.length; i++) {
		if (drop[i] && !keep[i]) memory[pcs + i] = 0;
	}
	memory.fill(0, units, pcs); // which files each package has, and their names
}

/** wasm, a Uint8Array, with data segments that compress, and without line numbers unless lines. */
export function smaller(wasm, lines = false) {
	const section = sections(wasm).find((s) => s.id === dataSection);
	if (!section) throw new Error("core.wasm has no data section");
	const memory = memoryOf(wasm, section);
	if (!lines) clear(memory);
	const data = dataOf(memory);
	const head = [dataSection, ...leb(data.length)];
	const out = new Uint8Array(section.start + head.length + data.length + wasm.length - section.end);
	out.set(wasm.subarray(0, section.start));
	out.set(head, section.start);
	out.set(data, section.start + head.length);
	out.set(wasm.subarray(section.end), section.start + head.length + data.length);
	return out;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const [from, to] = process.argv.slice(2);
	writeFileSync(to, smaller(readFileSync(from), Boolean(process.env.BOXER_LINES)));
}
