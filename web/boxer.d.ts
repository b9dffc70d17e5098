// Types of boxer.mjs; boxer.js defines the same names as globals.

/** What a user gives as bytes. Strings are UTF-8. */
export type Data = string | Uint8Array | ArrayBuffer | ArrayBufferView | Blob;

export interface BoxOptions {
	/**
	 * An address (one that ends in "/" is an OCI layout directory, as boxer
	 * export --web writes it; any other an oci-archive or docker-archive, plain
	 * or gzip), or such an archive itself. May be left out only in a page made
	 * by boxer export --html.
	 */
	image?: string | URL | Blob | ArrayBuffer | ArrayBufferView;
	/** Files to put in the box before it starts. */
	files?: Record<string, Data | FileSpec> | (FileSpec & { path: string })[];
	/** NAME=VALUE in any of the usual forms. */
	env?: Record<string, string | number> | string[] | string;
	/** The most memory that the box's programs and files may take: "256m", or bytes. 1 GiB if not given. */
	memory?: string | number;
	hostname?: string;
	user?: string;
	workdir?: string;
	/** Keeps what the box writes in this browser, under this name. */
	persist?: string;
	/**
	 * Starts although what is kept is damaged or another image's, with what of
	 * it can be read, to export it. Nothing is kept then.
	 */
	salvage?: boolean;
	/** What to do while another tab has the same name. Default: "wait". */
	whenBusy?: "wait" | "readonly" | "fail";
	/** A box has no network. */
	net?: "none";
	/** Debug switches, as BOXER_DEBUG has them. */
	debug?: string;
	/** Bytes, while the page's files and the image come. */
	onProgress?(progress: Progress): void;
	/**
	 * What a user should know: of the browser (what the page lacks, and what
	 * follows), busy (another tab has the box), storage (it is full, or is not
	 * any more), image (a part of it cannot be had).
	 */
	onNotice?(text: string, kind: "browser" | "busy" | "storage" | "image"): void;
	/** Lines of the debug switches; without it they go to the console. */
	onLog?(line: string): void;
	/** Aborting ends the start, and the box with it. */
	signal?: AbortSignal;
}

/** A file's content, one of four, and its mode as a number or "0755". */
export interface FileSpec {
	data?: Data;
	text?: string;
	base64?: string;
	url?: string;
	mode?: number | string;
}

export interface Progress {
	what: "core" | "image" | "translations";
	done: number;
	/** 0 if it is not known. */
	total: number;
}

export interface BoxInfo {
	config: { cmd: string[]; entrypoint: string[]; env: string[]; workdir: string; user: string };
	platform: string;
	/** Of the image's manifest. */
	digest: string;
}

/** A list of words, words as a shell would split them, or null for the image's own command. */
export type Command = readonly string[] | string | null;

interface ProcessOptions {
	/** In addition to the box's own. */
	env?: BoxOptions["env"];
	cwd?: string;
	user?: string;
	/** Replaces the image's entrypoint; an empty list is none. */
	entrypoint?: readonly string[] | string;
	/** Aborting kills the program. */
	signal?: AbortSignal;
}

export interface RunOptions extends ProcessOptions {
	/** Without it the program's input is empty. */
	stdin?: Data | ReadableStream<Uint8Array | string>;
	/** Milliseconds, after which the program is killed. */
	timeout?: number;
	/** Called with every piece; the program waits while a returned promise does. */
	onStdout?(text: string, bytes: Uint8Array): unknown;
	onStderr?(text: string, bytes: Uint8Array): unknown;
	/** Bytes of each stream that the result keeps. Default: 64 MiB. */
	maxOutput?: number;
}

export interface RunResult {
	/** 128 + n if signal n ended it. */
	readonly exitCode: number;
	/** The signal that ended it, or "". */
	readonly signal: string;
	readonly timedOut: boolean;
	/** More was written than maxOutput. */
	readonly truncated: boolean;
	readonly stdout: string;
	readonly stderr: string;
	readonly stdoutBytes: Uint8Array;
	readonly stderrBytes: Uint8Array;
	/** Why the box ended the program, or "". */
	readonly error: string;
	/** What the program asked for and the box does not have. */
	readonly report: string[];
}

export interface SpawnOptions extends ProcessOptions {
	/** Gives it a terminal; stdout then has everything. */
	tty?: true | { rows: number; cols: number };
	/** false: its input is empty. */
	stdin?: boolean;
	/** Makes it process 1: the box's programs end with it. */
	init?: boolean;
}

export interface Exit {
	exitCode: number;
	signal: string;
	error: string;
	report: string[];
}

export interface Process {
	readonly pid: number;
	readonly stdin: WritableStream<Data>;
	/** Unread output makes the program wait. */
	readonly stdout: ReadableStream<Uint8Array>;
	readonly stderr: ReadableStream<Uint8Array>;
	readonly exited: Promise<Exit>;
	/** Writes to its input; null ends it. */
	write(data: Data | null): Promise<void>;
	/** "SIGTERM", "term" or 15; SIGTERM if none is named. */
	kill(signal?: string | number): Promise<void>;
	resize(cols: number, rows: number): Promise<void>;
}

export type FileType = "file" | "dir" | "symlink" | "char" | "block" | "fifo" | "socket";

export interface Stat {
	type: FileType;
	size: number;
	mode: number;
	mtimeMs: number;
	uid: number;
	gid: number;
}

/** The box's files. What fails has an errno's name as its code. */
export interface BoxFS {
	readFile(path: string): Promise<Uint8Array>;
	readFile(path: string, encoding: "utf8" | { encoding: "utf8" }): Promise<string>;
	writeFile(path: string, data: Data, options?: { mode?: number | string }): Promise<void>;
	readdir(path: string): Promise<{ name: string; type: FileType; size: number }[]>;
	stat(path: string): Promise<Stat>;
	mkdir(path: string, options?: { recursive?: boolean; mode?: number | string }): Promise<void>;
	rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void>;
	rename(from: string, to: string): Promise<void>;
	symlink(target: string, path: string): Promise<void>;
	chmod(path: string, mode: number | string): Promise<void>;
}

interface BoxEvents {
	ready: CustomEvent<BoxInfo>;
	progress: CustomEvent<Progress>;
	exit: CustomEvent<Exit & { pid: number }>;
	error: CustomEvent<BoxError>;
	notice: CustomEvent<string>;
}

export class Box extends EventTarget {
	private constructor();
	/** Starts a box: its own core, in its own worker. */
	static create(options: BoxOptions): Promise<Box>;
	/** Loads and compiles what every box needs, ahead of the first. */
	static preload(): Promise<void>;
	readonly info: BoxInfo;
	readonly notices: string[];
	/** Nothing is kept, since another tab has the box. */
	readonly readonly: boolean;
	readonly fs: BoxFS;
	/** Runs a program to its end. */
	run(command: Command, options?: RunOptions): Promise<RunResult>;
	/** Starts a program and leaves its streams to the caller. */
	spawn(command: Command, options?: SpawnOptions): Promise<Process>;
	/** The hash of all files, as boxer verify prints it. */
	tree(): Promise<string>;
	/** The box's own file system, its image's files and what it wrote, as a tar. */
	exportTar(): Promise<Uint8Array>;
	importTar(data: Data): Promise<void>;
	/** Writes what is to be kept to the browser's storage. */
	sync(): Promise<void>;
	stats(): Promise<Record<string, number>>;
	/** Ends the box and frees all that it has. What is to be kept is written first. */
	stop(): Promise<void>;
	addEventListener<K extends keyof BoxEvents>(type: K, listener: (event: BoxEvents[K]) => void, options?: boolean | AddEventListenerOptions): void;
	addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
}

/** What calls of a box fail with. The message says what to do. */
export class BoxError extends Error {
	/**
	 * An errno's name ("ENOENT"), or EXEC (the command could not be started),
	 * IMAGE, CORE (the page's files), UNSUPPORTED (the browser, or the page's
	 * policy), STOPPED, ARGUMENT, BUSY (another tab), STORAGE (what is
	 * to be kept).
	 */
	readonly code: string;
	/** With EXEC: 126 or 127, as a shell has them; 125 if boxer failed. */
	readonly exitCode?: number;
}

/**
 * <boxer-box image cmd tty stdin env files persist when-busy salvage net memory
 * user workdir hostname autostart="visible|load|manual" label theme="dark|light"
 * screenreader scrollback debug keep-alive>
 *
 * Its command is process 1 of the box, which ends with it; with keep-alive the
 * box lives on, for box.run and box.fs.
 *
 * Its events are ready, progress, exit and error, with the same details.
 */
export class BoxerBox extends HTMLElement {
	/** The running box, or the one that ended last. */
	readonly box: Box | null;
	/** The process that it shows. */
	readonly process: Process | null;
	/** In place of the attribute. */
	files?: BoxOptions["files"];
	/** What goes wrong stands in the element, and is an event. */
	start(): Promise<void>;
	stop(): Promise<void>;
	restart(): Promise<void>;
}

declare global {
	interface HTMLElementTagNameMap {
		"boxer-box": BoxerBox;
	}
}
