// The JavaScript half of package wasmhost: what Go imports as module
// "boxer_wasmhost". A loader evaluates this file after wasm_exec.js and, before
// it instantiates the Go program,
//
//     const go = new Go();
//     go.importObject.boxer_wasmhost = boxerWasmHost(go);
//
// Every function is called by Go directly (//go:wasmimport) with numbers:
// handles (indices of the tables below), and addresses and lengths in Go's
// memory, which arrive as signed 32-bit integers.
"use strict";

globalThis.boxerWasmHost = (go) => {
	// Tables of what Go refers to by handle.
	const table = () => {
		const items = [], free = [];
		return {
			items,
			add(v) {
				if (free.length > 0) {
					const h = free.pop();
					items[h] = v;
					return h;
				}
				return items.push(v) - 1;
			},
			drop(h) {
				items[h] = undefined;
				free.push(h);
			},
		};
	};
	const modules = table(), instances = table(), memories = table(), entries = table(), blocks = table(), fibers = table();

	// A view of Go's memory, made anew when growth detached the old one.
	let goView = new Uint8Array(0);
	const goBytes = () => {
		if (goView.length === 0) goView = new Uint8Array(go._inst.exports.mem.buffer);
		return goView;
	};
	const decoder = new TextDecoder();
	const text = (p, n) => decoder.decode(goBytes().slice(p >>> 0, (p >>> 0) + n));

	// The words of the last error, as bytes, until Go fetches them.
	let lastError = new Uint8Array(0);
	const fail = (e) => {
		lastError = new TextEncoder().encode(e instanceof Error ? e.message : String(e));
	};

	// How many host functions are running, one inside the other, counted by
	// the adapters (hostadapter.go), and how many calls into guest code.
	const depth = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
	let active = 0;
	let probe;

	// Traps by the words of V8, SpiderMonkey and JavaScriptCore; the numbers
	// are engine.TrapKind. The first that matches counts: all say "out of
	// bounds" of memory and of tables, and JavaScriptCore of conversions too.
	// SpiderMonkey's words for an index outside a table are those for memory.
	const traps = [
		[1, /unreachable/i],
		[3, /\btable|indirect|null function|signature/i],
		[5, /float unrepresentable|conversion|trunc/i],
		[4, /divi|remainder|integer overflow/i],
		[6, /unaligned/i],
		[2, /out of bounds/i],
	];
	const notATrap = 255;
	const kindOf = (e) => {
		const message = e instanceof Error ? e.message : String(e);
		if (e instanceof RangeError && /call stack/i.test(message) || /too much recursion/.test(message)) return 7;
		if (!(e instanceof WebAssembly.RuntimeError)) return notATrap;
		for (const [kind, words] of traps) if (words.test(message)) return kind;
		return 0;
	};

	// guarded runs f, which may trap, and returns 0 or a code above it. What
	// f threw must not have passed through Go: each call into guest code but
	// this one waits in one host function, so any more of them were torn away
	// and Go's stack with them. Then the core is lost.
	const guarded = (f) => {
		active++;
		try {
			f();
			return 0;
		} catch (e) {
			if (depth.value !== active - 1) {
				throw new Error("boxer: the stack overflowed inside the kernel", { cause: e });
			}
			fail(e);
			return 1 + kindOf(e);
		} finally {
			active--;
		}
	};

	// What Go lets go of is the host's only when it collects garbage, which it
	// may put off while it thinks that there is plenty: a page's memory would
	// hold two boxes' worth. Large buffers that nobody touches cost nothing but
	// make V8 look; elsewhere they do no harm.
	let freed = 0;
	const released = (n) => {
		freed += n;
		if (freed < 64 << 20) return;
		freed = 0;
		try {
			for (let i = 0; i < 4; i++) new ArrayBuffer(256 << 20);
		} catch {} // it looked, and there was no room
	};

	// Blocks of the size that address spaces are kept in, for the next one.
	const spareSize = 1 << 14, maxSpare = 512, spare = [];

	// wake tells Go that a fiber waits or has ended; the fiber has left the
	// stack by then.
	const wake = (h) => queueMicrotask(() => globalThis.boxerFiberWake(h));

	const view = (h) => {
		const m = memories.items[h];
		if (m.bytes.length === 0) {
			m.bytes = new Uint8Array(m.memory.buffer);
			m.words = new Int32Array(m.memory.buffer);
		}
		return m;
	};

	// adopt takes a module that the page compiled, and returns its handle.
	globalThis.boxerWasmHost.adopt = (module) => modules.add(module);

	return {
		// error(p): with p = 0 the length of the last error, else copies it to p.
		error(p) {
			if (p !== 0) goBytes().set(lastError, p >>> 0);
			return lastError.length;
		},

		// compile(p, n) returns a module, or -1 and an error.
		compile(p, n) {
			try {
				return modules.add(new WebAssembly.Module(goBytes().slice(p >>> 0, (p >>> 0) + n)));
			} catch (e) {
				fail(e);
				return -1;
			}
		},
		dropModule(h) { modules.drop(h); },

		// instantiate(module, imports, n, out) links with n imports of three
		// words each: name, its length, instance. It stores the instance at
		// out and returns a code as guarded does.
		instantiate(module, imports, n, out) {
			const object = {};
			const words = new DataView(goBytes().buffer, imports >>> 0, 12 * n);
			for (let i = 0; i < 12 * n; i += 12) {
				object[text(words.getUint32(i, true), words.getUint32(i + 4, true))] = instances.items[words.getUint32(i + 8, true)];
			}
			let exports;
			const code = guarded(() => { exports = new WebAssembly.Instance(modules.items[module], object).exports; });
			if (code === 0) new DataView(goBytes().buffer).setInt32(out >>> 0, instances.add(exports), true);
			return code;
		},
		dropInstance(h) { instances.drop(h); },

		// entry(adapter, instance, p, n) makes an entry to a function: an
		// instance of the adapter, which has the function's signature and
		// takes the address of a stack in Go's memory.
		// -1 and an error where the function has another one.
		entry(adapter, instance, p, n) {
			const fn = instances.items[instance][text(p, n)];
			try {
				const linked = new WebAssembly.Instance(modules.items[adapter], { b: { mem: go._inst.exports.mem, fn } });
				return entries.add(linked.exports.enter);
			} catch (e) {
				fail(e);
				return -1;
			}
		},
		dropEntry(h) { entries.drop(h); },

		// enter calls an entry, and returns 0, or 1 and the kind of trap.
		enter(h, stack) {
			active++;
			try {
				entries.items[h](stack);
				active--;
				return 0;
			} catch (e) {
				active--;
				return guarded(() => { throw e; });
			}
		},

		// host(adapter, prober, first, frames) makes an instance of host
		// functions: the adapter's functions are those numbered from first,
		// and take their parameters in frames by depth. The prober is the
		// module of the stack probe.
		host(adapter, prober, first, frames) {
			const { mem, boxer_wasmhost_call: call } = go._inst.exports;
			probe ??= new WebAssembly.Instance(modules.items[prober], { b: { mem } }).exports.probe;
			const constant = (v) => new WebAssembly.Global({ value: "i32" }, v);
			return instances.add(new WebAssembly.Instance(modules.items[adapter], {
				b: { mem, depth, call, probe, first: constant(first), frames: constant(frames) },
			}).exports);
		},

		// memory(min, max, scanner, out) makes a memory and the instance that
		// exports it, and stores the instance at out. The scanner is a module
		// that finds pages by whether they are zero.
		memory(min, max, scanner, out) {
			try {
				const memory = new WebAssembly.Memory({ initial: min >>> 0, maximum: max >>> 0 });
				const exports = { memory };
				const h = memories.add({
					memory, scanner,
					bytes: new Uint8Array(memory.buffer),
					words: new Int32Array(memory.buffer),
					scan: null,
				});
				new DataView(goBytes().buffer).setInt32(out >>> 0, instances.add(exports), true);
				return h;
			} catch (e) {
				fail(e);
				return -1;
			}
		},
		dropMemory(h) {
			const n = memories.items[h].memory.buffer.byteLength;
			memories.drop(h);
			released(n);
		},
		pages(h) { return view(h).bytes.length / 65536; },
		grow(h, pages) {
			try {
				memories.items[h].memory.grow(pages >>> 0);
				return 1;
			} catch {
				return 0;
			}
		},

		read(h, off, p, n) {
			off >>>= 0, p >>>= 0, n >>>= 0;
			const from = view(h).bytes;
			if (off + n > from.length) return 0;
			const to = goBytes();
			if (n > 16) to.set(from.subarray(off, off + n), p);
			else for (let i = 0; i < n; i++) to[p + i] = from[off + i];
			return 1;
		},
		write(h, off, p, n) {
			off >>>= 0, p >>>= 0, n >>>= 0;
			const to = view(h).bytes;
			if (off + n > to.length) return 0;
			const from = goBytes();
			if (n > 16) to.set(from.subarray(p, p + n), off);
			else for (let i = 0; i < n; i++) to[off + i] = from[p + i];
			return 1;
		},
		zero(h, off, n) {
			off >>>= 0;
			view(h).bytes.fill(0, off, off + (n >>> 0));
		},
		copy(to, from, off, n) {
			off >>>= 0;
			view(to).bytes.set(view(from).bytes.subarray(off, off + (n >>> 0)), off);
		},

		// scan returns the first page from off, a multiple of its size, up to
		// end that is touched (or, for zero pages, is not); end if none is.
		scan(h, off, end, touched) {
			const m = memories.items[h];
			m.scan ??= new WebAssembly.Instance(modules.items[m.scanner], { b: { mem: m.memory } }).exports.scan;
			return m.scan(off, end, touched);
		},

		// newBlock returns a block of n bytes, all zero, or -1 where there is no room.
		// The others move bytes between it and Go's memory or a memory.
		newBlock(n) {
			try {
				if (n === spareSize && spare.length > 0) return blocks.add(spare.pop().fill(0));
				return blocks.add(new Uint8Array(n));
			} catch {
				return -1;
			}
		},
		dropBlock(h) {
			const b = blocks.items[h];
			blocks.drop(h);
			if (b.length === spareSize && spare.length < maxSpare) spare.push(b);
			else released(b.length);
		},
		readBlock(h, at, p, n) { goBytes().set(blocks.items[h].subarray(at, at + n), p >>> 0); },
		writeBlock(h, at, p, n) { blocks.items[h].set(goBytes().subarray(p >>> 0, (p >>> 0) + n), at); },
		loadBlock(h, at, memory, off, n) {
			off >>>= 0;
			blocks.items[h].set(view(memory).bytes.subarray(off, off + n), at);
		},
		storeBlock(h, at, memory, off, n) { view(memory).bytes.set(blocks.items[h].subarray(at, at + n), off >>> 0); },

		// load32 returns the word as a float, which holds it exactly; -1 if
		// there is none.
		load32(h, word) {
			const { words } = view(h);
			return word < words.length ? Atomics.load(words, word) >>> 0 : -1;
		},
		// cas32 returns 1 if it stored the value, 0 if not, -1 if there is no
		// such word.
		cas32(h, word, old, value) {
			const { words } = view(h);
			if (word >= words.length) return -1;
			return Atomics.compareExchange(words, word, old, value) === old ? 1 : 0;
		},

		// canSuspend tries whether Wasm code can leave the stack here: the
		// module exports f, which calls b.wait.
		canSuspend(module) {
			try {
				let waits = false;
				const wait = new WebAssembly.Suspending(() => {
					waits = true;
					return Promise.resolve(0n);
				});
				const { f } = new WebAssembly.Instance(modules.items[module], { b: { wait } }).exports;
				return WebAssembly.promising(f)() instanceof Promise && waits ? 1 : 0;
			} catch {
				return 0;
			}
		},

		// newFiber makes a fiber and the instance that exports its wait,
		// and stores the instance at out.
		newFiber(out) {
			const fiber = { answer: null, ended: false, code: 0, error: null };
			const h = fibers.add(fiber);
			const wait = new WebAssembly.Suspending(() => new Promise((answer) => {
				fiber.answer = answer;
				wake(h);
			}));
			new DataView(goBytes().buffer).setInt32(out >>> 0, instances.add({ wait }), true);
			return h;
		},
		startFiber(h, entry, stack) {
			const fiber = fibers.items[h];
			const end = (code, error) => {
				Object.assign(fiber, { ended: true, code, error });
				wake(h);
			};
			WebAssembly.promising(entries.items[entry])(stack).then(() => end(0, null), (e) => end(1 + kindOf(e), e));
		},
		resumeFiber(h, v) { fibers.items[h].answer(v); },
		// fiberState is -1 for one that waits, else 0, or 1 and the kind of trap.
		fiberState(h) {
			const { ended, code, error } = fibers.items[h];
			if (!ended) return -1;
			if (code !== 0) fail(error);
			return code;
		},
		dropFiber(h) { fibers.drop(h); },

		// agent copies the host's name for itself to p, at most n bytes.
		agent(p, n) {
			const name = globalThis.process?.versions?.v8 ? "V8 " + process.versions.v8 : globalThis.navigator?.userAgent ?? "WebAssembly";
			return new TextEncoder().encodeInto(name, goBytes().subarray(p >>> 0, (p >>> 0) + n)).written;
		},
	};
};
